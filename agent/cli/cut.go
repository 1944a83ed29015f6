package cli

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"spinneret/ui"
)

// order is the body of PUT devices/{mac}/quarantine; its fields are flags. The agent judges what they say.
type order struct {
	Level       string   `json:"level,omitempty"`
	For         string   `json:"for,omitempty"`
	Until       string   `json:"until,omitempty"`
	Why         string   `json:"why,omitempty"`
	To          []string `json:"to,omitempty"`
	Acknowledge bool     `json:"acknowledge,omitempty"`
}

func quarantineCommand(now func() time.Time) Command {
	return Command{
		Name: "quarantine", Args: "DEVICE", Brief: "cut a device off the network",
		Help: `DEVICE is a MAC, an address or an exact name. It returns once the firewall holds the rule. Without -for and
-until the device stays off until it is released. A new order replaces the owner's earlier one.

  spinneret quarantine front-door-cam
  spinneret quarantine 192.168.1.163 -for 8h -why "uploads at night"
  spinneret quarantine front-door-cam -level flow -to 198.51.100.0/24:80-443/tcp -to [2001:db8::/32]:53/udp`,
		New: func(flags *flag.FlagSet) Run {
			c := newClient(flags, now)
			var o order
			o.define(flags)
			return func(ctx context.Context, std IO, args []string) error {
				mac, err := c.oneDevice(ctx, args)
				if err != nil {
					return err
				}
				return c.change(ctx, std, http.MethodPut, "devices/"+mac+"/quarantine", o)
			}
		},
	}
}

func (o *order) define(flags *flag.FlagSet) {
	flags.StringVar(&o.Level, "level", "", "how much is stopped, a `LEVEL`: full (the default), internet or flow")
	flags.StringVar(&o.For, "for", "", "for how long, a `DURATION`: 90s, 8h, 7d")
	flags.StringVar(&o.Until, "until", "", "until when, a `TIME`: 2026-11-22T07:00:00Z")
	flags.StringVar(&o.Why, "why", "", "a `TEXT` to remember it by, up to 200 characters")
	flags.Func("to", "with -level flow: a `TARGET` that it may not speak with; may be repeated", func(target string) error {
		o.To = append(o.To, target)
		return nil
	})
	flags.BoolVar(&o.Acknowledge, "acknowledge", false, "cut the device off even if it is the one that you are using")
}

func releaseCommand(now func() time.Time) Command {
	return Command{
		Name: "release", Args: "DEVICE", Brief: "let a device back on the network",
		Help: `DEVICE is a MAC, an address or an exact name. Without -source all its quarantines end. With -automatic no
device is named: every quarantine ends that no person ordered (the router's WPS button, held five seconds).`,
		New: func(flags *flag.FlagSet) Run {
			c := newClient(flags, now)
			source := flags.String("source", "", "end only what this `SOURCE` ordered: owner, dots, anomaly or mud")
			automatic := flags.Bool("automatic", false, "on all devices, end what was not the owner's order")
			return func(ctx context.Context, std IO, args []string) error {
				switch {
				case *automatic && (len(args) > 0 || *source != "" || c.json):
					return Usagef("-automatic stands alone: spinneret release -automatic")
				case *automatic:
					return c.releaseAutomatic(ctx, std)
				}
				mac, err := c.oneDevice(ctx, args)
				if err != nil {
					return err
				}
				path := "devices/" + mac + "/quarantine"
				if *source != "" {
					path += "?" + url.Values{"source": {*source}}.Encode()
				}
				return c.change(ctx, std, http.MethodDelete, path, nil)
			}
		},
	}
}

func (c *client) oneDevice(ctx context.Context, args []string) (mac string, err error) {
	if len(args) != 1 {
		return "", Usagef("name one device by MAC, address or exact name: spinneret devices lists them")
	}
	return c.find(ctx, args[0])
}

// change sends a change and says how the device stands after it.
func (c *client) change(ctx context.Context, std IO, method, path string, request any) error {
	var d ui.Device
	body, err := c.do(ctx, method, path, request, &d)
	return c.show(std.Out, body, err, func() string { return standing(d, c.now()) })
}

func standing(d ui.Device, now time.Time) string {
	name := printable(d.Name) + " (" + d.MAC + ")"
	q := d.Quarantine
	if q == nil {
		return name + " is on the network\n"
	}
	end := "until it is released"
	if q.Until != nil {
		end = "until " + clock(now, q.Until)
	}
	text := fmt.Sprintf("%s is cut off (%s) by %s %s", name, q.Level, q.Source, end)
	if q.Why != "" {
		text += ": " + printable(q.Why)
	}
	return text + "\n"
}
