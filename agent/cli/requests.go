package cli

import (
	"context"
	"flag"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"spinneret/ui"
)

func requestsCommand(now func() time.Time) Command {
	type list struct {
		Requests []ui.Request `json:"requests"`
	}
	return lookCommand(now, "requests", "list what internet providers asked for, the oldest first",
		func(ctx context.Context, c *client, l list) (string, error) {
			names, err := c.names(ctx)
			return requestsText(l.Requests, names, now()), err
		})
}

var decisions = []string{ui.DecisionAllow, ui.DecisionRefuse, ui.DecisionLegitimate}

func requestCommand(now func() time.Time) Command {
	return Command{
		Name: "request", Args: "ID allow|refuse|legitimate|undo", Brief: "decide about what a provider asked for",
		Help: `allow stops the traffic that the provider named, of the devices that match. refuse lets it pass.
legitimate lets it pass too, tells the provider so, and refuses the same at once when it is asked again.
undo takes back what was done: what is stopped passes again, what was legitimate is so no more.`,
		New: func(flags *flag.FlagSet) Run {
			c := newClient(flags, now)
			return func(ctx context.Context, std IO, args []string) error {
				if len(args) != 2 || args[1] != "undo" && !slices.Contains(decisions, args[1]) {
					return Usagef("request takes an ID and a decision: spinneret request r3 allow (or refuse, legitimate, undo)")
				}
				var r ui.Request
				body, err := c.decide(ctx, args[0], args[1], &r)
				return c.show(std.Out, body, err, func() string { return r.ID + " is " + r.State + "\n" })
			}
		},
	}
}

// decide sends a decision.
func (c *client) decide(ctx context.Context, id, decision string, into *ui.Request) ([]byte, error) {
	if strings.ContainsAny(id, "/?#%") {
		return nil, ui.UnknownRequest(id)
	}
	if decision == "undo" {
		return c.do(ctx, http.MethodDelete, "requests/"+id, nil, into)
	}
	return c.do(ctx, http.MethodPost, "requests/"+id, map[string]string{"decision": decision}, into)
}

func requestsText(list []ui.Request, names map[string]string, now time.Time) string {
	if len(list) == 0 {
		return "no provider asked for anything\n"
	}
	t := newTable(8, 6)
	t.row("ID", "PROVIDER", "RECEIVED", "STATE", "DEVICES", "TARGET", "DROPPED", "WHY")
	for _, r := range list {
		devices := make([]string, len(r.Devices))
		for i, mac := range r.Devices {
			if devices[i] = names[mac]; devices[i] == "" {
				devices[i] = mac
			}
		}
		t.row(r.ID, r.Provider, clock(now, r.Received), r.State, orDash(strings.Join(devices, ", ")),
			strings.Join(r.Target, ", "), strconv.FormatUint(r.DroppedPackets, 10), orDash(r.Why))
	}
	return t.String()
}
