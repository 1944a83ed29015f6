package cli

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"spinneret/agent"
	"spinneret/openwrt/firewall"
	"spinneret/openwrt/uci"
	"spinneret/ui"
)

// maxReport bounds what is read of a file for the report.
const maxReport = 64 << 10

// SupportCommand prints what somebody who helps has to know, and nothing that says whose home it is.
func SupportCommand(now func() time.Time) Command {
	return Command{
		Name: "support", Brief: "print a report for those who help: without names, MACs, public addresses and secrets",
		Help: "Read it before you hand it on. The same device is the same pseudonym throughout, and in the next report\n" +
			"as long as no device is new.",
		New: func(flags *flag.FlagSet) Run {
			c := client{now: now}
			SocketFlag(flags, &c.socket)
			config := flags.String("config", defaultConfig, "the configuration, a UCI `FILE`")
			return func(ctx context.Context, std IO, args []string) error {
				if err := NoArgs(args); err != nil {
					return err
				}
				c.config = *config
				_, err := io.WriteString(std.Out, c.report(ctx, *config))
				return err
			}
		},
	}
}

// report asks each source by itself: where one does not answer, that is part of the report.
func (c *client) report(ctx context.Context, config string) string {
	var status ui.Status
	var devices struct {
		Devices []ui.Device `json:"devices"`
	}
	var events struct {
		Events []ui.Event `json:"events"`
	}
	_, statusErr := c.get(ctx, "status", &status)
	_, devicesErr := c.get(ctx, "devices", &devices)
	_, eventsErr := c.get(ctx, "events", &events)
	r := newRedactor(namesOf(devices.Devices, status.Providers))
	var b strings.Builder
	part := func(title, text string, err error) {
		if err != nil {
			text = "not known: " + err.Error() + "\n"
		}
		fmt.Fprintf(&b, "== %s\n%s\n", title, r.text(text))
	}
	part("program", programText(), nil)
	part("status", statusText(status, c.now()), statusErr)
	part("devices", heldText(devices.Devices, r), devicesErr)
	part("events", ownEvents(events.Events, c.now()), eventsErr)
	text, err := head(config)
	part("settings", r.config(text), err)
	part("mistakes in the settings", mistakes(config), nil)
	rules, err := firewall.Listing(ctx)
	part("rules", r.rules(rules), err)
	return b.String()
}

// namesOf are all names but MACs, which are redacted as such.
func namesOf(devices []ui.Device, providers []ui.Provider) (names []string) {
	for _, d := range devices {
		if d.Name != "" && d.NameSource != "mac" {
			names = append(names, d.Name)
		}
	}
	for _, p := range providers {
		names = append(names, p.Name)
	}
	return names
}

func programText() string {
	text := "spinneret " + agent.Version() + fmt.Sprintf("\nmemory %d MB\n", machineMemory()>>20)
	for _, path := range []string{uci.OpenWrtRelease, "/proc/sys/kernel/osrelease"} {
		if about, err := head(path); err == nil {
			text += printable(strings.ReplaceAll(strings.TrimSpace(about), "\n", " ")) + "\n"
		}
	}
	return text
}

// heldText lists devices without what they do: who is cut off, by whom, and whether the kernel holds it.
func heldText(devices []ui.Device, r *redactor) string {
	t := newTable(5, 4)
	t.row("DEVICE", "MAC", "STATE", "BY", "REFUSED")
	for _, d := range devices {
		by, refused := "-", "-"
		if q := d.Quarantine; q != nil {
			by, refused = q.Source, fmt.Sprint(q.RefusedPackets)
			if !q.InForce {
				by += " (not in force)"
			}
		}
		t.row(r.text(d.Name), r.text(d.MAC), stateOf(d), by, refused)
	}
	return t.String()
}

// ownEvents are those of the program itself: the others tell what people and devices did.
func ownEvents(list []ui.Event, now time.Time) string {
	list = slices.DeleteFunc(list, func(e ui.Event) bool {
		return !slices.Contains([]string{"capability", "config", "firewall"}, e.Kind)
	})
	for i := range list {
		list[i].Text = ownText(list[i])
	}
	return eventsText(list, now)
}

// ownText is an event's text without what nobody could redact: a name that a device had once, and values out of the
// settings, which may be anything.
func ownText(e ui.Event) string {
	if e.Device != nil {
		return e.Kind + ": about " + *e.Device
	}
	if what, _, more := strings.Cut(e.Text, ": "); more && e.Kind == "config" {
		return what + ": …"
	}
	return e.Text
}

func mistakes(config string) string {
	text := ""
	for _, p := range uci.Check(config) {
		if p.Line > 0 {
			text += fmt.Sprintf("in line %d\n", p.Line) // what it says may be a secret in the wrong place
		}
	}
	return text
}

// head reads the beginning of a file.
func head(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxReport))
	return string(text), err
}
