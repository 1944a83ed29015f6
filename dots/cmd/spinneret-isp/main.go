// Command spinneret-isp is what an internet provider runs: homes call it, and it asks them to stop attacks that come
// from within them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"spinneret/dots/isp"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// command is one of the program's.
type command struct {
	name, args, brief string
	least, most       int // arguments
	do                func(ctx context.Context, c *call) error
}

// call is one run of a command: its flags, and where its output goes.
type call struct {
	*flag.FlagSet
	args    []string
	out     io.Writer
	errOut  io.Writer
	socket  string
	json    bool
	config  string
	outFile string
	psk     bool
	texts   map[string]*list
	text    map[string]*string
}

// list is a flag that may be given several times.
type list []string

func (l *list) String() string     { return strings.Join(*l, " ") }
func (l *list) Set(v string) error { *l = append(*l, v); return nil }

var commands = []command{
	{"run", "-config FILE", "serve homes until interrupted", 0, 0, runNode},
	{"enrol", "HOME -out FILE [-prefix PREFIX]… [-psk]", "make a home's credentials, first ones or new ones", 1, 1, enrol},
	{"revoke", "HOME", "let a home in no more", 1, 1, revoke},
	{"redirect", "HOME -to NAME [-address ADDR]… [-for DUR]", "send a home to another of your servers", 1, 1, redirect},
	{"homes", "[HOME]", "list the homes and their sessions, or one", 0, 1, homes},
	{"request", "-home ID|-source ADDR[:PORT] -target PREFIX[:PORT[-PORT]][/PROTO]… [-lifetime 1h]", "ask a home to stop traffic", 0, 0, request},
	{"requests", "[-home ID]", "list the requests", 0, 0, requests},
	{"status", "ID", "tell how a request stands", 1, 1, status},
	{"withdraw", "ID", "take a request back", 1, 1, withdraw},
	{"check-config", "-config FILE", "say what is wrong with a configuration, and in which line", 0, 0, checkConfig},
	{"version", "", "print the version", 0, 0, version},
}

// Exit codes, as of all our programs.
const (
	done   = 0
	failed = 1
	misuse = 2
)

// run is the program: tests call it with arguments and pipes of their own.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		fmt.Fprintln(stderr, "spinneret-isp: say what to do: spinneret-isp -h lists the commands")
		return misuse
	}
	if slices.Contains([]string{"-h", "-help", "--help", "help"}, args[0]) {
		usage(stdout)
		return done
	}
	i := slices.IndexFunc(commands, func(c command) bool { return c.name == args[0] })
	if i < 0 {
		fmt.Fprintf(stderr, "spinneret-isp: there is no command %q: spinneret-isp -h lists them\n", args[0])
		return misuse
	}
	c := newCall(commands[i], stdout, stderr)
	err := c.parse(args[1:])
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintf(stdout, "spinneret-isp %s %s\n%s\n", commands[i].name, commands[i].args, commands[i].brief)
		c.SetOutput(stdout)
		c.PrintDefaults()
		return done
	case err == nil && (len(c.args) < commands[i].least || len(c.args) > commands[i].most):
		err = fmt.Errorf("write: spinneret-isp %s %s", commands[i].name, commands[i].args)
	}
	if err != nil {
		fmt.Fprintf(stderr, "spinneret-isp %[1]s: %[2]v: see spinneret-isp %[1]s -h\n", commands[i].name, err)
		return misuse
	}
	err = commands[i].do(ctx, c)
	var wrong misused
	switch {
	case err == nil:
		return done
	case errors.As(err, &wrong):
		fmt.Fprintf(stderr, "spinneret-isp %s: %v\n", commands[i].name, err)
		return misuse
	}
	fmt.Fprintf(stderr, "spinneret-isp %s: %v\n", commands[i].name, strings.ReplaceAll(err.Error(), "\n", "; "))
	return failed
}

// misused is an error of whoever wrote the command.
type misused string

func (m misused) Error() string { return string(m) }

func usage(w io.Writer) {
	fmt.Fprintln(w, "spinneret-isp: homes call it, and it asks them to stop attacks that come from within them")
	for _, c := range commands {
		fmt.Fprintf(w, "  spinneret-isp %s %s\n        %s\n", c.name, c.args, c.brief)
	}
}

// newCall has the flags of a command.
func newCall(of command, stdout, stderr io.Writer) *call {
	c := &call{FlagSet: flag.NewFlagSet(of.name, flag.ContinueOnError), out: stdout, errOut: stderr, texts: map[string]*list{}, text: map[string]*string{}}
	c.SetOutput(io.Discard)
	switch of.name {
	case "run", "check-config":
		c.StringVar(&c.config, "config", "/etc/spinneret-isp.conf", "the configuration `FILE`")
		return c
	case "version":
		return c
	}
	c.StringVar(&c.socket, "socket", isp.DefaultSocket, "the `PATH` of the running program's socket")
	c.BoolVar(&c.json, "json", false, "print what the HTTP API answers")
	several := func(name, help string) { c.texts[name] = &list{}; c.Var(c.texts[name], name, help) }
	one := func(name, help string) { c.text[name] = c.String(name, "", help) }
	switch of.name {
	case "enrol":
		c.StringVar(&c.outFile, "out", "", "the `FILE` for the credentials, readable by you alone; - for standard output")
		c.BoolVar(&c.psk, "psk", false, "a shared key in place of certificates; DTLS only")
		several("prefix", "a `PREFIX` that the home's addresses are in; may be repeated")
	case "redirect":
		one("to", "the `NAME` of the other server, as its certificate says")
		one("for", "for how long, such as 10m; for good where it is left out")
		several("address", "an `ADDR` of it; may be repeated")
	case "request":
		one("home", "the `ID` of the home")
		several("source", "`ADDR[:PORT[-PORT]]` where the traffic comes from; may be repeated")
		several("target", "`PREFIX[:PORT[-PORT]][/PROTO]` where it goes to; may be repeated")
		one("lifetime", "for how long, such as 1h, which is usual")
	case "requests":
		one("home", "of this `ID` alone")
	}
	return c
}

// parse takes flags before and after arguments.
func (c *call) parse(args []string) error {
	for {
		if err := c.Parse(args); err != nil {
			return err
		}
		if c.NArg() == 0 {
			return nil
		}
		c.args, args = append(c.args, c.Arg(0)), c.Args()[1:]
	}
}
