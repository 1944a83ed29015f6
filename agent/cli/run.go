package cli

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"spinneret/agent"
	"spinneret/openwrt/leases"
	"spinneret/openwrt/uci"
)

const (
	defaultConfig = "/etc/config/spinneret"
	pagePort      = "8484"
)

// RunCommand is the agent itself.
func RunCommand() Command {
	return Command{
		Name: "run", Brief: "watch the home and hold its quarantines: the agent itself",
		Help: "Reads the configuration, serves the page, and runs until it is told to stop (SIGTERM). Quarantines stay in\n" +
			"force when it ends. When it serves it says so on standard error: ready http://ADDR/\n" +
			"SIGHUP makes it read the configuration anew; where that is wrong the old settings stay.",
		New: func(flags *flag.FlagSet) Run {
			from := settings{router: thisRouter()}
			flags.StringVar(&from.config, "config", defaultConfig, "the configuration, a UCI `FILE`")
			flags.StringVar(&from.listen, "listen", "", "serve the page at `ADDR` (HOST:PORT, or fd:N for a socket that was handed over) instead of the configured ones")
			flags.StringVar(&from.socket, "socket", "", "the socket for commands, a `PATH` (default "+DefaultSocket+", or as configured)")
			return func(ctx context.Context, io IO, args []string) error {
				if err := NoArgs(args); err != nil {
					return err
				}
				return serve(ctx, from, io)
			}
		},
	}
}

// wanted refuses a configuration that was asked for and is not there. Without the usual one there are defaults.
func wanted(config string) error {
	if config == defaultConfig {
		return nil
	}
	if _, err := os.Stat(config); err != nil {
		return fmt.Errorf("read the configuration: %w: name one that is there with -config", err)
	}
	return nil
}

// serve runs the agent until ctx ends.
func serve(ctx context.Context, from settings, std IO) error {
	hangupC := make(chan os.Signal, 1)
	signal.Notify(hangupC, syscall.SIGHUP)
	defer signal.Stop(hangupC)
	ram := machineMemory()
	if err := ram.check(); err != nil {
		return err
	}
	log := newLog(from.router.isOpenWrt(), std.Out, std.Err)
	c, wrong, err := from.load(ctx)
	if err != nil {
		return err
	}
	sayWrong(log, wrong)
	asked := func(string) bool { return from.listen != "" } // by a person, who is told
	doors, err := openDoors(c, asked, log)
	if err != nil {
		return err
	}
	o := options(c)
	o.Doors, o.Names = doors, staticNames(log)
	if from.router.isOpenWrt() {
		o.Odhcpd = leases.OdhcpdFiles
	}
	o.Providers = providers(c)
	ram.fit(&o)
	ram.limit(o.HistorySize)
	a, err := agent.Open(ctx, o, log)
	if err != nil {
		closeDoors(doors)
		return err
	}
	sayReady(std.Err, doors)
	from.settle(&c, doors)
	d := &daemon{agent: a, from: from, config: c, names: o.Names, called: o.Providers, wrong: wrong, log: log, stderr: std.Err}
	return d.run(ctx, hangupC)
}

// settle has the page stay at the port that the kernel chose, whenever the settings are read anew.
func (s *settings) settle(c *uci.Config, d agent.Doors) {
	for _, l := range d.Listeners {
		if strings.HasSuffix(s.listen, ":0") && l.Addr().Network() == "tcp" {
			s.listen = l.Addr().String()
			c.Listen = []string{s.listen}
		}
	}
}

// sayWrong names each setting that was left out because something is wrong with it.
func sayWrong(log *slog.Logger, wrong []uci.Problem) {
	for _, p := range wrong {
		log.Error("this setting is left out: " + p.String())
	}
}

// options are what the home has to know of the settings.
func options(c uci.Config) agent.Options {
	return agent.Options{
		LAN: c.LAN, WAN: c.WAN, StateDir: c.StateDir, MaxLevel: c.MaxLevel, Leases: c.DHCPLeases, NewDevices: c.NewDevices,
		HistorySize: int(c.HistorySize), HistoryPath: c.HistoryPath,
		PageFrom: c.PageFrom, ProviderGrace: c.ProviderGrace, Actions: actions(c),
		Learning: cmp.Or(c.Learning, -1), // 0 would be the usual time
		MUD:      agent.MUDOptions{Anchors: c.MUDAnchors, Hosts: c.MUDHosts},
	}
}

// RestoreCommand puts the quarantines back before the network is up.
func RestoreCommand() Command {
	return Command{
		Name: "restore", Brief: "put saved quarantines back in force and exit: for the start of the router, before its LAN",
		New: func(flags *flag.FlagSet) Run {
			var config, socket string
			flags.StringVar(&config, "config", defaultConfig, "the configuration, a UCI `FILE`")
			SocketFlag(flags, &socket)
			return func(ctx context.Context, io IO, args []string) error {
				if err := NoArgs(args); err != nil {
					return err
				}
				if err := wanted(config); err != nil {
					return err
				}
				c, wrong := uci.Lenient(config) // whatever else is wrong: quarantines come back
				for _, p := range wrong {
					fmt.Fprintln(io.Err, p)
				}
				if socket != DefaultSocket {
					c.Socket = socket
				}
				back, err := agent.Restore(ctx, c.StateDir, c.Socket)
				fmt.Fprintf(io.Out, "%d quarantines are in force\n", back.Quarantines)
				if back.Profiles > 0 {
					fmt.Fprintf(io.Out, "%d devices are held to their maker's description\n", back.Profiles)
				}
				return err
			}
		},
	}
}

// CheckConfigCommand lists what is wrong with a configuration.
func CheckConfigCommand() Command {
	return Command{
		Name: "check-config", Args: "FILE", Brief: "say what is wrong with a configuration, line by line",
		Help: "Of files that it names and that cannot be read here it speaks on standard error: they may come later.",
		New: func(flags *flag.FlagSet) Run {
			var socket string
			SocketFlag(flags, &socket)
			return func(_ context.Context, io IO, args []string) error {
				if len(args) != 1 {
					return Usagef("check-config takes one file: spinneret check-config %s", defaultConfig)
				}
				problems := uci.Check(args[0])
				for _, p := range problems {
					fmt.Fprintln(io.Out, p)
				}
				for _, word := range unread(args[0]) {
					fmt.Fprintln(io.Err, word)
				}
				if len(problems) > 0 {
					return fmt.Errorf("%d to mend in %s", len(problems), printable(args[0]))
				}
				return nil
			}
		},
	}
}

// unread is what could not be done for want of a file that a configuration names: the agent goes on without.
func unread(config string) (words []string) {
	c, _ := uci.Lenient(config)
	for _, p := range providers(c) {
		if p.Missing != "" {
			words = append(words, "provider "+p.ID+" is not called: "+p.Missing)
		}
	}
	if len(c.ListenHTTPS) > 0 {
		if _, err := certificate(c, slog.New(slog.DiscardHandler)); err != nil {
			words = append(words, "the page is not at https://"+c.ListenHTTPS[0]+"/: "+err.Error())
		}
	}
	return words
}
