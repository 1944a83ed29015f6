package cli

import (
	"context"
	"flag"
	"fmt"
	"time"
)

// ClientCommands are the commands that ask the running agent. now is the time that ages are counted from; its zone
// is the one that times are shown in.
func ClientCommands(now func() time.Time) []Command {
	return []Command{
		statusCommand(now), devicesCommand(now), flowsCommand(now), historyCommand(now), eventsCommand(now),
		quarantineCommand(now), releaseCommand(now), exportCommand(now), eraseCommand(now), inheritCommand(now), requestsCommand(now), requestCommand(now),
		findingsCommand(now), findingCommand(now), passwordCommand(now),
	}
}

// VersionCommand prints the version.
func VersionCommand(version string) Command {
	return Command{
		Name: "version", Brief: "print the version",
		New: func(flags *flag.FlagSet) Run {
			var socket string
			SocketFlag(flags, &socket)
			return func(_ context.Context, std IO, args []string) error {
				if err := NoArgs(args); err != nil {
					return err
				}
				_, err := fmt.Fprintln(std.Out, "spinneret", version)
				return err
			}
		},
	}
}
