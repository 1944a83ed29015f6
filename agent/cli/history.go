package cli

import (
	"context"
	"flag"
	"net/url"
	"time"

	"spinneret/ui"
)

func historyCommand(now func() time.Time) Command {
	return Command{
		Name: "history", Brief: "list what ended, the latest first: who talked to whom, when, and by which outside port",
		Help: `Without flags it lists the latest flows of all devices. A TIME is as in 2026-11-22T07:00:00Z, or how long ago:
90s, 8h, 7d.

  spinneret history -device front-door-cam -from 8h
  spinneret history -outside 203.0.113.20:40321 -from 2026-11-21T12:00:00Z -to 2026-11-21T12:05:00Z
  spinneret history -device front-door-cam -step 1h`,
		New: func(flags *flag.FlagSet) Run {
			c := newClient(flags, now)
			q := newPastQuery(flags)
			return func(ctx context.Context, std IO, args []string) error {
				if err := NoArgs(args); err != nil {
					return err
				}
				return c.history(ctx, std, q)
			}
		},
	}
}

// pastQuery is the query of GET history; its fields are flags. The agent judges what they say.
type pastQuery struct {
	device, from, to, step string
	others                 map[string]*string
}

func newPastQuery(flags *flag.FlagSet) *pastQuery {
	q := &pastQuery{}
	flags.StringVar(&q.device, "device", "", "only of this `DEVICE`: MAC, address or exact name")
	flags.StringVar(&q.from, "from", "", "only what was alive at this `TIME` or later")
	flags.StringVar(&q.to, "to", "", "only what was alive at this `TIME` or earlier")
	flags.StringVar(&q.step, "step", "", "not the flows but their bytes, in steps of this `DURATION`: 60s, 1h, 1d")
	q.others = map[string]*string{
		"remote":   flags.String("remote", "", "only with this `PREFIX`: 198.51.100.7, 198.51.100.0/24, 2001:db8::/32"),
		"port":     flags.String("port", "", "only to this `PORT`"),
		"protocol": flags.String("protocol", "", "only of this `PROTOCOL`: tcp, udp, icmp, icmpv6, a number, an EtherType like 0x88cc"),
		"outside":  flags.String("outside", "", "only what the internet knew by this `ADDR[:PORT]`"),
		"limit":    flags.String("limit", "1000", "at most `N` flows, up to 10000"),
	}
	return q
}

// values are those of a request; the device is still to be found.
func (q *pastQuery) values(now time.Time) url.Values {
	values := url.Values{}
	for name, text := range q.others {
		if *text != "" {
			values.Set(name, *text)
		}
	}
	for name, text := range map[string]string{"from": ago(now, q.from), "to": ago(now, q.to), "step": q.step} {
		if text != "" {
			values.Set(name, text)
		}
	}
	return values
}

// ago makes a time of how long ago it was; anything else stays as it is.
func ago(now time.Time, text string) string {
	if d, err := ui.ParseDuration(text); err == nil && d >= 0 {
		return now.Add(-d).UTC().Format(time.RFC3339)
	}
	return text
}

func (c *client) history(ctx context.Context, std IO, q *pastQuery) error {
	query, err := c.only(ctx, q.device, q.values(c.now()))
	if err != nil {
		return err
	}
	path := "history?" + query.Encode()
	if q.step == "" {
		return c.flows(ctx, std, path, historyText, "there are more: narrow it down, or -limit takes up to 10000\n")
	}
	var answer struct {
		Buckets []ui.Bucket `json:"buckets"`
	}
	body, err := c.get(ctx, path, &answer)
	return c.show(std.Out, body, err, func() string { return bucketsText(answer.Buckets, c.now()) })
}

func historyText(flows []ui.Flow, names map[string]string, now time.Time) string {
	if len(flows) == 0 {
		return "no flows\n"
	}
	t := newTable(10, 5, 6, 8)
	t.row("DEVICE", "", "REMOTE", "PORT", "OWNER", "RECEIVED", "SENT", "BEGAN", "LASTED", "OUTSIDE")
	for _, f := range flows {
		t.row(deviceOf(f, names), arrow(f), orDash(first(f.Name, f.Remote)), portOf(f), orDash(first(f.Peer, f.Owner)),
			size(f.RxBytes), size(f.TxBytes), clock(now, f.First), lasted(f), orDash(first(f.Outside)))
	}
	return t.String()
}

func lasted(f ui.Flow) string {
	if f.First == nil || f.Last == nil {
		return "-"
	}
	return age(f.Last.Time, f.First)
}

func bucketsText(buckets []ui.Bucket, now time.Time) string {
	t := newTable(3, 1, 2)
	t.row("FROM", "RECEIVED", "SENT")
	for _, b := range buckets {
		t.row(clock(now, b.At), size(b.RxBytes), size(b.TxBytes))
	}
	return t.String()
}
