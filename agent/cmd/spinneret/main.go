// Command spinneret shows who in the home talks to whom, and takes one device off the network.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"spinneret/agent"
	"spinneret/agent/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the program: tests call it with arguments and pipes of their own.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	p := cli.Program{
		Name:  "spinneret",
		Brief: "shows who in the home talks to whom, and takes one device off the network",
		Commands: slices.Concat(
			[]cli.Command{cli.RunCommand()},
			cli.DemoCommands(),
			[]cli.Command{cli.RestoreCommand(), cli.ClearCommand(time.Now), cli.ReplayCommand()},
			cli.ClientCommands(time.Now),
			[]cli.Command{cli.MUDCommand(time.Now), cli.CheckConfigCommand(), cli.SupportCommand(time.Now), cli.RPCDCommand(time.Now), cli.VersionCommand(agent.Version())},
		),
	}
	return p.Main(ctx, args, cli.IO{In: stdin, Out: stdout, Err: stderr})
}
