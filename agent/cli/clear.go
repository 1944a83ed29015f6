package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"time"

	"spinneret/agent"
)

// The agent may be about to end: procd gives it ten seconds.
const (
	endsWithin = 12 * time.Second
	askAgain   = 200 * time.Millisecond
)

// ClearCommand takes our tables out of the kernel: for the removal of the package, after which nobody else could.
func ClearCommand(now func() time.Time) Command {
	return Command{
		Name: "clear", Brief: "end every quarantine in the kernel, for the removal of the package: no agent may run",
		Help: "Takes the tables inet spinneret and bridge spinneret away, and inet and bridge spinneret_mud. What is saved\n" +
			"stays saved: an agent that starts again puts it back.",
		New: func(flags *flag.FlagSet) Run {
			c := client{now: now}
			SocketFlag(flags, &c.socket)
			return func(ctx context.Context, _ IO, args []string) error {
				if err := NoArgs(args); err != nil {
					return err
				}
				if err := c.untilAlone(ctx); err != nil {
					return err
				}
				return agent.Clear(ctx)
			}
		},
	}
}

// untilAlone waits for the end of an agent that was told to end.
func (c *client) untilAlone(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, endsWithin)
	defer cancel()
	tick := time.NewTicker(askAgain)
	defer tick.Stop()
	for {
		if _, err := c.get(ctx, "status", nil); errors.Is(err, errNoAgent) {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("an agent runs at %s: stop it first (on OpenWrt: /etc/init.d/spinneret stop)", c.socket)
		}
	}
}
