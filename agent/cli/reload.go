package cli

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"os"
	"reflect"
	"slices"

	"golang.org/x/sync/errgroup"

	"spinneret/agent"
	"spinneret/openwrt/uci"
)

// daemon is a running agent that takes new settings.
type daemon struct {
	agent  *agent.Agent
	from   settings
	config uci.Config         // in use
	names  map[[6]byte]string // static hosts, in use
	wrong  []uci.Problem      // left out of what is in use, and said
	lost   []string           // addresses of the page that there were none of at the start

	refused []uci.Problem // why the last settings were not taken, and said
	log     *slog.Logger
	stderr  io.Writer
}

// run runs the agent until ctx ends, and reads the settings anew at each signal.
func (d *daemon) run(ctx context.Context, hangupC <-chan os.Signal) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return d.agent.Run(ctx) })
	group.Go(func() error {
		for {
			select {
			case <-hangupC:
				d.reload(ctx)
			case <-ctx.Done():
				return nil
			}
		}
	})
	return group.Wait()
}

// reload takes the settings as they are now. What is wrong with them is said in the log and on the page. OpenWrt asks
// for it whenever an interface changes, mostly with nothing to change here: that is not worth a word to the owner.
func (d *daemon) reload(ctx context.Context) {
	c, wrong, err := d.from.load(ctx)
	news := !slices.Equal(wrong, d.wrong) && !slices.Equal(wrong, d.refused)
	if err == nil && !slices.Equal(wrong, d.wrong) {
		err = misread(wrong) // the settings in use are better than a part of the new ones
	}
	if err != nil {
		if d.refused = wrong; news || len(wrong) == 0 {
			_ = d.agent.Refuse(ctx, err)
		}
		return
	}
	if news {
		sayWrong(d.log, wrong)
	}
	d.wrong, d.refused = wrong, nil
	d.lost = stillLost(d.lost)
	c = without(c, d.lost)
	names := staticNames(d.log)
	if c.StateDir != d.config.StateDir || c.MaxLevel != d.config.MaxLevel {
		d.log.Warn("state_dir and max_level count from the next start", "in use", d.config.StateDir, "level", d.config.MaxLevel)
		c.StateDir, c.MaxLevel = d.config.StateDir, d.config.MaxLevel
	}
	if d.from.router.isOpenWrt() && reflect.DeepEqual(c, d.config) && maps.Equal(names, d.names) {
		d.log.Info("the settings are as they were")
		return
	}
	o := options(c)
	o.Names = names
	o.Providers = providers(c, d.log)
	if d.agent.Reload(ctx, o) != nil {
		return
	}
	if c.HistorySize != d.config.HistorySize || c.HistoryPath != d.config.HistoryPath {
		d.agent.Later(ctx, "history_size and history_path count from the next start")
		c.HistorySize, c.HistoryPath = d.config.HistorySize, d.config.HistoryPath
	}
	if sameDoors(d.config, c) || d.agent.Reopen(ctx, d.reopen(d.config, c)) == nil {
		d.config, d.names = c, names
	}
}

func sameDoors(a, b uci.Config) bool {
	return a.Auth == b.Auth && a.Metrics == b.Metrics && a.Socket == b.Socket && a.Cert == b.Cert && a.Key == b.Key &&
		slices.Equal(a.Listen, b.Listen) && slices.Equal(a.ListenHTTPS, b.ListenHTTPS) && slices.Equal(a.Hosts, b.Hosts)
}

// reopen opens the doors anew, or the old ones again beside the error why the new cannot be.
func (d *daemon) reopen(old, c uci.Config) func() (agent.Doors, error) {
	return func() (agent.Doors, error) {
		doors, err := openDoors(c, d.log)
		if err != nil {
			var again error
			if doors, again = openDoors(old, d.log); again != nil {
				return agent.Doors{}, errors.Join(err, again)
			}
		}
		sayReady(d.stderr, doors)
		return doors, err
	}
}
