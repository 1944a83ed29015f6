package cli

import (
	"context"
	"flag"
	"net/url"
	"strconv"
	"time"

	"spinneret/ui"
)

func statusCommand(now func() time.Time) Command {
	return Command{
		Name: "status", Brief: "say how the agent is: what it sees, what it cannot, what it holds",
		New: func(flags *flag.FlagSet) Run {
			c := newClient(flags, now)
			return func(ctx context.Context, std IO, args []string) error {
				if err := NoArgs(args); err != nil {
					return err
				}
				var s ui.Status
				body, err := c.get(ctx, "status", &s)
				return c.show(std.Out, body, err, func() string { return statusText(s, now()) })
			}
		},
	}
}

func devicesCommand(now func() time.Time) Command {
	return Command{
		Name: "devices", Brief: "list the devices of the home, in the order in which they came",
		New: func(flags *flag.FlagSet) Run {
			c := newClient(flags, now)
			return func(ctx context.Context, std IO, args []string) error {
				if err := NoArgs(args); err != nil {
					return err
				}
				var all deviceList
				body, err := c.get(ctx, "devices", &all)
				return c.show(std.Out, body, err, func() string { return devicesText(all.Devices, now()) })
			}
		},
	}
}

func flowsCommand(now func() time.Time) Command {
	return Command{
		Name: "flows", Brief: "list who talks to whom, the latest first",
		Help: "What a device that is cut off tries all the same is listed for a day as refused, with the names that it asks DNS for:\n" +
			"a sample of it, none of which passed.",
		New: func(flags *flag.FlagSet) Run {
			c := newClient(flags, now)
			device := flags.String("device", "", "only of this `DEVICE`: MAC, address or exact name")
			limit := flags.Int("limit", 1000, "at most `N` flows, up to 10000")
			return func(ctx context.Context, std IO, args []string) error {
				if err := NoArgs(args); err != nil {
					return err
				}
				return c.flows(ctx, std, *device, *limit)
			}
		},
	}
}

func (c *client) flows(ctx context.Context, std IO, device string, limit int) error {
	query := url.Values{"limit": {strconv.Itoa(limit)}}
	if device != "" {
		mac, err := c.find(ctx, device)
		if err != nil {
			return err
		}
		query.Set("device", mac)
	}
	var answer struct {
		Flows []ui.Flow `json:"flows"`
		More  bool      `json:"more"`
	}
	body, err := c.get(ctx, "flows?"+query.Encode(), &answer)
	names := map[string]string{}
	if err == nil && !c.json {
		names, err = c.names(ctx)
	}
	return c.show(std.Out, body, err, func() string {
		text := flowsText(answer.Flows, names, c.now())
		if answer.More {
			text += "there are more: -limit takes up to 10000\n"
		}
		return text
	})
}

func eventsCommand(now func() time.Time) Command {
	return Command{
		Name: "events", Brief: "list what happened, the oldest first",
		New: func(flags *flag.FlagSet) Run {
			c := newClient(flags, now)
			since := flags.Int64("since", 0, "only what came after the event with this `ID`")
			return func(ctx context.Context, std IO, args []string) error {
				if err := NoArgs(args); err != nil {
					return err
				}
				var answer struct {
					Events []ui.Event `json:"events"`
				}
				body, err := c.get(ctx, "events?since="+strconv.FormatInt(*since, 10), &answer)
				return c.show(std.Out, body, err, func() string { return eventsText(answer.Events, now()) })
			}
		},
	}
}
