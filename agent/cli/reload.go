package cli

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"slices"

	"golang.org/x/sync/errgroup"

	"spinneret/agent"
	"spinneret/openwrt/uci"
)

// daemon is a running agent that takes new settings.
type daemon struct {
	agent  *agent.Agent
	load   func() (uci.Config, error) // the file, and what the flags say instead
	config uci.Config                 // in use
	log    *slog.Logger
	stderr io.Writer
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

// reload takes the settings as they are now. What is wrong with them is said in the log and on the page.
func (d *daemon) reload(ctx context.Context) {
	c, err := d.load()
	if err != nil {
		_ = d.agent.Refuse(ctx, err)
		return
	}
	if d.agent.Reload(ctx, options(c)) != nil {
		return
	}
	if c.StateDir != d.config.StateDir {
		d.log.Warn("state_dir counts from the next start", "in use", d.config.StateDir)
		c.StateDir = d.config.StateDir
	}
	if c.HistorySize != d.config.HistorySize || c.HistoryPath != d.config.HistoryPath {
		d.agent.Later(ctx, "history_size and history_path count from the next start")
		c.HistorySize, c.HistoryPath = d.config.HistorySize, d.config.HistoryPath
	}
	if sameDoors(d.config, c) || d.agent.Reopen(ctx, d.reopen(d.config, c)) == nil {
		d.config = c
	}
}

func sameDoors(a, b uci.Config) bool {
	return a.Auth == b.Auth && a.Socket == b.Socket && a.Cert == b.Cert && a.Key == b.Key &&
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
