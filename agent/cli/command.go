// Package cli is the command line: the table of commands, how their flags and errors look, and those commands that
// ask the running agent over its unix socket.
package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
)

// Exit codes of the contract.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// IO is what a command reads and writes.
type IO struct {
	In       io.Reader
	Out, Err io.Writer
}

// Run does a command's work. args are what is left beside the flags. The error is one line that says what to do;
// one made by Usagef ends the program with exit code 2, any other with 1.
type Run func(ctx context.Context, std IO, args []string) error

// Command is one verb of a program.
type Command struct {
	Name  string
	Args  string // as its usage line has them: "DEVICE", "FILE…"; flags are added by themselves
	Brief string // one line for the list of commands, lower case, without full stop
	Help  string // more, for -h; may be empty
	// New defines the command's flags and returns what runs once they are parsed.
	New func(flags *flag.FlagSet) Run
}

// Program is a command line: spinneret and its commands.
type Program struct {
	Name     string
	Brief    string // what it is, one sentence
	Commands []Command
}

// Main runs the command that args (without the program's name) begin with, and returns the exit code.
func (p Program) Main(ctx context.Context, args []string, std IO) int {
	err := p.run(ctx, args, std)
	var usage usageError
	if err == nil {
		return exitDone
	}
	fmt.Fprintf(std.Err, "%s: %s\n", p.Name, oneLine(err))
	if errors.As(err, &usage) {
		return exitUsage
	}
	return exitFailed
}

func (p Program) run(ctx context.Context, args []string, std IO) error {
	if len(args) == 0 {
		return Usagef("say what to do: %s -h lists the commands", p.Name)
	}
	if wantsHelp(args[0]) || args[0] == "help" {
		return p.help(std.Out, args[1:])
	}
	c, err := p.command(args[0])
	if err != nil {
		return err
	}
	flags := flag.NewFlagSet(c.Name, flag.ContinueOnError)
	flags.SetOutput(io.Discard) // Main prints its errors
	run := c.New(flags)
	rest, err := parse(flags, args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return p.commandHelp(std.Out, c, flags)
	}
	if err != nil {
		return Usagef("%s: %w: see %s %s -h", c.Name, err, p.Name, c.Name)
	}
	return run(ctx, std, rest)
}

func (p Program) command(name string) (Command, error) {
	for _, c := range p.Commands {
		if c.Name == name {
			return c, nil
		}
	}
	return Command{}, Usagef("there is no command %q: %s -h lists them", printable(name), p.Name)
}

// parse takes flags before and after arguments: package flag alone stops at the first argument. What follows "--"
// are arguments.
func parse(flags *flag.FlagSet, args []string) (rest []string, err error) {
	for {
		if err := flags.Parse(args); err != nil {
			return nil, err
		}
		left := flags.Args()
		used := args[:len(args)-len(left)]
		if len(left) == 0 || len(used) > 0 && used[len(used)-1] == "--" {
			return append(rest, left...), nil
		}
		rest, args = append(rest, left[0]), left[1:]
	}
}

type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// Usagef is the error of a command line that cannot be meant.
func Usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// NoArgs refuses arguments, for a command that takes flags only.
func NoArgs(args []string) error {
	if len(args) > 0 {
		return Usagef("%q is too much: this command takes flags only", printable(args[0]))
	}
	return nil
}

func wantsHelp(arg string) bool { return arg == "-h" || arg == "-help" || arg == "--help" }

func oneLine(err error) string { return printable(strings.ReplaceAll(err.Error(), "\n", "; ")) }
