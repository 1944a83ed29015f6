package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"spinneret/agent"
	"spinneret/openwrt/uci"
)

// providersAgain is how often it is looked for the files of providers that cannot be called.
const providersAgain = 5 * time.Second

// daemon is a running agent that takes new settings.
type daemon struct {
	agent  *agent.Agent
	from   settings
	config uci.Config         // in use
	names  map[[6]byte]string // static hosts, in use
	called []agent.Provider   // in use
	wrong  []uci.Problem      // left out of what is in use, and said

	refused string // why the last settings were not taken, and said
	log     *slog.Logger
	stderr  io.Writer
}

// run runs the agent until ctx ends, and reads the settings anew at each signal.
func (d *daemon) run(ctx context.Context, hangupC <-chan os.Signal) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return d.agent.Run(ctx) })
	group.Go(func() error {
		again := time.NewTicker(providersAgain)
		defer again.Stop()
		for {
			select {
			case <-hangupC:
				d.reload(ctx)
			case <-again.C:
				d.recall(ctx)
			case <-ctx.Done():
				return nil
			}
		}
	})
	return group.Wait()
}

// recall looks again for what it takes to call those providers that are not called.
func (d *daemon) recall(ctx context.Context) {
	if !slices.ContainsFunc(d.called, func(p agent.Provider) bool { return p.Missing != "" }) {
		return
	}
	if list := providers(d.config); !reflect.DeepEqual(list, d.called) && d.agent.Recall(ctx, list, d.config.ProviderGrace) == nil {
		d.called = list
	}
}

// reload takes the settings as they are now. What is wrong with them is said in the log and on the page. OpenWrt asks
// for it whenever an interface changes, mostly with nothing to change here: that is not worth a word to the owner.
func (d *daemon) reload(ctx context.Context) {
	c, wrong, err := d.from.load(ctx)
	if err == nil && !slices.Equal(wrong, d.wrong) {
		err = misread(wrong) // the settings in use are better than a part of the new ones
	}
	if err != nil {
		if d.refusedAnew(fmt.Sprint(err, wrong)) {
			_ = d.agent.Refuse(ctx, err)
		}
		return
	}
	if !slices.Equal(wrong, d.wrong) {
		sayWrong(d.log, wrong)
	}
	d.wrong, d.refused = wrong, ""
	names := staticNames(d.log)
	if c.StateDir != d.config.StateDir || c.MaxLevel != d.config.MaxLevel {
		d.log.Warn("state_dir and max_level count from the next start", "in use", d.config.StateDir, "level", d.config.MaxLevel)
		c.StateDir, c.MaxLevel = d.config.StateDir, d.config.MaxLevel
	}
	called := providers(c)
	if d.from.router.isOpenWrt() && reflect.DeepEqual(c, d.config) && maps.Equal(names, d.names) && reflect.DeepEqual(called, d.called) {
		d.log.Debug("the settings are as they were")
		return
	}
	o := options(c)
	o.Names, o.Providers = names, called
	if d.agent.Reload(ctx, o) != nil {
		return
	}
	d.called = called
	if c.HistorySize != d.config.HistorySize || c.HistoryPath != d.config.HistoryPath {
		d.agent.Later(ctx, "history_size and history_path count from the next start")
		c.HistorySize, c.HistoryPath = d.config.HistorySize, d.config.HistoryPath
	}
	if sameDoors(d.config, c) || d.agent.Reopen(ctx, d.reopen(d.config, c)) == nil {
		d.config, d.names = c, names
	}
}

// refusedAnew reports whether it is news why settings are not taken: while the home's network is down OpenWrt asks with
// each of its interfaces.
func (d *daemon) refusedAnew(why string) bool {
	again := d.from.router.isOpenWrt() && why == d.refused
	d.refused = why
	return !again
}

func sameDoors(a, b uci.Config) bool {
	return a.Auth == b.Auth && a.Metrics == b.Metrics && a.Socket == b.Socket && sameCertificate(a, b) &&
		slices.Equal(a.Listen, b.Listen) && slices.Equal(a.ListenHTTPS, b.ListenHTTPS) && slices.Equal(a.Hosts, b.Hosts)
}

func sameCertificate(a, b uci.Config) bool { return a.Cert == b.Cert && a.Key == b.Key }

// reopen opens the doors anew, or the old ones again beside the error why the new cannot be: of a new one a person is
// told, who waits for it.
func (d *daemon) reopen(old, c uci.Config) func() (agent.Doors, error) {
	return func() (agent.Doors, error) {
		before := pageDoors(old, d.log)
		isNew := func(url string) bool {
			return strings.HasPrefix(url, "https") && !sameCertificate(old, c) || !slices.ContainsFunc(before, func(s agent.Shut) bool { return s.URL == url })
		}
		doors, err := openDoors(c, isNew, d.log)
		if err != nil {
			var again error
			if doors, again = openDoors(old, func(string) bool { return false }, d.log); again != nil {
				return agent.Doors{}, errors.Join(err, again)
			}
		}
		sayReady(d.stderr, doors)
		return doors, err
	}
}
