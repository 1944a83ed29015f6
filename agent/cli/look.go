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
	return lookCommand(now, "status", "say how the agent is: what it sees, what it cannot, what it holds",
		func(_ context.Context, _ *client, s ui.Status) (string, error) { return statusText(s, now()), nil })
}

func devicesCommand(now func() time.Time) Command {
	return lookCommand(now, "devices", "list the devices of the home, in the order in which they came",
		func(_ context.Context, _ *client, l deviceList) (string, error) {
			return devicesText(l.Devices, now()), nil
		})
}

// lookCommand prints what the API says at the command's name.
func lookCommand[T any](now func() time.Time, name, brief string, text func(context.Context, *client, T) (string, error)) Command {
	return Command{
		Name: name, Brief: brief,
		New: func(flags *flag.FlagSet) Run {
			c := newClient(flags, now)
			return func(ctx context.Context, std IO, args []string) error {
				if err := NoArgs(args); err != nil {
					return err
				}
				var answer T
				var words string
				body, err := c.get(ctx, name, &answer)
				if err == nil && !c.json {
					words, err = text(ctx, c, answer)
				}
				return c.show(std.Out, body, err, func() string { return words })
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
				query, err := c.only(ctx, *device, url.Values{"limit": {strconv.Itoa(*limit)}})
				if err != nil {
					return err
				}
				return c.flows(ctx, std, "flows?"+query.Encode(), flowsText, "there are more: -limit takes up to 10000\n")
			}
		},
	}
}

// only narrows a query down to a device, if one is named.
func (c *client) only(ctx context.Context, device string, query url.Values) (url.Values, error) {
	if device == "" {
		return query, nil
	}
	mac, err := c.find(ctx, device)
	query.Set("device", mac)
	return query, err
}

// flows prints the flows that the API lists at a path, and a word if there are more.
func (c *client) flows(
	ctx context.Context, std IO, path string, text func([]ui.Flow, map[string]string, time.Time) string, more string,
) error {
	var answer struct {
		Flows []ui.Flow `json:"flows"`
		More  bool      `json:"more"`
	}
	body, err := c.get(ctx, path, &answer)
	names := map[string]string{}
	if err == nil && !c.json {
		names, err = c.names(ctx)
	}
	if !answer.More {
		more = ""
	}
	return c.show(std.Out, body, err, func() string { return text(answer.Flows, names, c.now()) + more })
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
