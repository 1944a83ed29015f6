//go:build !router

package cli

import (
	"context"
	"flag"

	"spinneret/agent/demo"
)

// DemoCommands are the commands that a router's build leaves out.
func DemoCommands() []Command {
	return []Command{{
		Name: "demo", Brief: "a made-up home in network namespaces, to look at (root)",
		Help: "Builds a home of a dozen devices, starts an agent on its router, and prints where its page is. It runs until\n" +
			"interrupted and leaves nothing behind.",
		New: func(flags *flag.FlagSet) Run {
			var o demo.Options
			flags.StringVar(&o.Listen, "listen", "127.0.0.1:"+pagePort, "serve the page at `ADDR` (HOST:PORT; port 0 takes a free one)")
			flags.StringVar(&o.Socket, "socket", "", "the socket for commands, a `PATH` (default: one of the demo's own)")
			return func(ctx context.Context, io IO, args []string) error {
				if err := NoArgs(args); err != nil {
					return err
				}
				return demo.Run(ctx, o, io.Out, io.Err)
			}
		},
	}}
}
