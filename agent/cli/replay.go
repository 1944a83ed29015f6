package cli

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"spinneret/agent"
	"spinneret/capture/packet"
	"spinneret/ui"
)

// replayFlags are what `spinneret replay` was told.
type replayFlags struct {
	agent.ReplayOptions
	speed, listen, socket string
	json                  bool
}

// ReplayCommand shows what happened in captures.
func ReplayCommand() Command {
	return Command{
		Name: "replay", Args: "FILE…", Brief: "show what happened in captures (pcap, pcapng); needs no root",
		Help: "Several files are merged by time into one home. Prints a table; -json prints everything, in capture time;\n" +
			"-listen serves the page until interrupted, at the speed of the capture unless -speed says otherwise.",
		New: func(flags *flag.FlagSet) Run {
			var o replayFlags
			flags.StringVar(&o.speed, "speed", "", "replay at `N|max` times real time; silences of over a second are shortened to one")
			flags.StringVar(&o.listen, "listen", "", "serve the page at `ADDR` (HOST:PORT)")
			flags.BoolVar(&o.json, "json", false, "print devices, flows, names and findings as JSON, as fast as the files can be read")
			flags.Func("lan", "a `PREFIX` of the home; may be given several times (default: private addresses)", o.addLAN)
			flags.Func("router", "a `MAC` of the router; may be given several times (default: found by what it does)", o.addRouter)
			SocketFlag(flags, &o.socket)
			return o.run
		},
	}
}

func (o *replayFlags) addLAN(s string) error {
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return fmt.Errorf("%q is no prefix: write it like 192.168.1.0/24", s)
	}
	o.Survey.LAN = append(o.Survey.LAN, p.Masked())
	return nil
}

func (o *replayFlags) addRouter(s string) error {
	m, err := packet.ParseMAC(s)
	o.Survey.Routers = append(o.Survey.Routers, m)
	return err
}

func (o *replayFlags) run(ctx context.Context, io IO, args []string) (err error) {
	if len(args) == 0 {
		return Usagef("replay needs a capture: spinneret replay FILE…")
	}
	o.Files = args
	if o.Speed, err = parseSpeed(o.speed, o.listen != ""); err != nil {
		return err
	}
	if o.json {
		o.Speed = 0
	}
	log := slog.New(slog.NewTextHandler(io.Err, nil))
	if o.listen != "" && !o.json {
		return o.serve(ctx, log, io.Err)
	}
	report, err := agent.ReadCapture(ctx, o.ReplayOptions, log)
	if err != nil {
		return err
	}
	if o.json {
		return json.NewEncoder(io.Out).Encode(report)
	}
	return printReport(io.Out, report)
}

// parseSpeed reads N or max; 0 is as fast as possible. Without a word a page is served at real time.
func parseSpeed(s string, served bool) (float64, error) {
	switch {
	case s == "" && served:
		return 1, nil
	case s == "" || s == "max":
		return 0, nil
	}
	speed, err := strconv.ParseFloat(s, 64)
	if err != nil || !(speed > 0) || math.IsInf(speed, 0) {
		return 0, Usagef("-speed %q is no speed: give a number above 0, or max", printable(s))
	}
	return speed, nil
}

func (o *replayFlags) serve(ctx context.Context, log *slog.Logger, stderr io.Writer) error {
	l, err := agent.ListenTCP(o.listen)
	if err != nil {
		return err
	}
	if !agent.Loopback(l.Addr()) {
		l.Close()
		return fmt.Errorf("%s can be reached from other machines, and a replay has no login: listen on 127.0.0.1", l.Addr())
	}
	o.Listeners = []net.Listener{l}
	o.Hosts = []string{l.Addr().(*net.TCPAddr).IP.String()}
	a, err := agent.OpenReplay(ctx, o.ReplayOptions, log)
	if err != nil {
		l.Close()
		return err
	}
	fmt.Fprintf(stderr, "ready http://%s/\n", l.Addr())
	return a.Run(ctx)
}

// printReport is the table: who was there, how much each talked to whom, and what was unusual.
func printReport(w io.Writer, r agent.Report) error {
	t := newTable(6, 3, 4)
	t.row("DEVICE", "MAC", "ADDRESS", "SENT", "RECEIVED", "TALKS MOST TO")
	for _, d := range r.Devices {
		address := "-"
		if len(d.Addresses) > 0 {
			address = d.Addresses[0]
		}
		t.row(d.Name, d.MAC, address, size(d.TxBytes), size(d.RxBytes), favourite(r.Flows, d.MAC))
	}
	if _, err := io.WriteString(w, t.String()+foundText(r.Findings)); err != nil {
		return fmt.Errorf("print report: %w", err)
	}
	_, err := fmt.Fprintf(w, "%d devices, %d flows, %d names; %d packets, %d of them damaged, %d cut off\n",
		len(r.Devices), len(r.Flows), len(r.Names), r.Stats.Packets, r.Stats.Bad, r.Stats.Truncated)
	return err
}

// foundText is what was unusual, a line each.
func foundText(findings []ui.Finding) string {
	var b strings.Builder
	for _, f := range findings {
		fmt.Fprintf(&b, "%s at %s, %s: %s\n", f.Severity, f.Start.Format(time.TimeOnly), f.Kind, printable(f.Text))
	}
	return b.String()
}

// favourite is the party that a device exchanged most bytes with on the internet.
func favourite(flows []ui.Flow, mac string) string {
	sums := map[string]uint64{}
	best := "-"
	for _, f := range flows {
		if f.Device == nil || *f.Device != mac || f.Owner == nil || f.Scope != "internet" {
			continue
		}
		sums[*f.Owner] += f.RxBytes + f.TxBytes
		if sums[*f.Owner] > sums[best] {
			best = *f.Owner
		}
	}
	return best
}
