package main

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"
)

// homeAnswer is what is printed of a home.
type homeAnswer struct {
	ID, State, Auth string
	Since, Expires  *time.Time
	Address         *string
	Transport       *string
	Prefixes        []string
}

func homes(ctx context.Context, c *call) error {
	var answer struct{ Homes []homeAnswer }
	var err error
	done := false
	if len(c.args) == 0 {
		done, err = c.ask(ctx, "GET", "homes", nil, &answer)
	} else {
		answer.Homes = make([]homeAnswer, 1)
		done, err = c.ask(ctx, "GET", "homes/"+url.PathEscape(c.args[0]), nil, &answer.Homes[0])
	}
	if done || err != nil {
		return err
	}
	table := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "HOME\tSTATE\tSINCE\tADDRESS\tBY\tPREFIXES\tGOOD UNTIL")
	for _, h := range answer.Homes {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", h.ID, h.State, when(h.Since), text(h.Address), text(h.Transport), strings.Join(h.Prefixes, " "), when(h.Expires))
	}
	return table.Flush()
}

func when(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.Format(time.RFC3339)
}

func text(s *string) string {
	if s == nil {
		return "-"
	}
	return *s
}

func revoke(ctx context.Context, c *call) error {
	var h homeAnswer
	if done, err := c.ask(ctx, "DELETE", "homes/"+url.PathEscape(c.args[0]), nil, &h); done || err != nil {
		return err
	}
	fmt.Fprintf(c.out, "%s is let in no more\n", h.ID)
	return nil
}

func redirect(ctx context.Context, c *call) error {
	if *c.text["to"] == "" {
		return misused("say where to: -to NAME")
	}
	body := map[string]any{"name": *c.text["to"], "addresses": *c.texts["address"]}
	if ttl := *c.text["for"]; ttl != "" {
		body["ttl"] = ttl
	}
	var h homeAnswer
	if done, err := c.ask(ctx, "POST", "homes/"+url.PathEscape(c.args[0])+"/redirect", body, &h); done || err != nil {
		return err
	}
	fmt.Fprintf(c.out, "%s is told to call %s\n", h.ID, *c.text["to"])
	return nil
}

// requestAnswer is what is printed of a request.
type requestAnswer struct {
	ID, Home, State, Lifetime    string
	Status                       *int
	MID                          uint32
	DroppedPackets, DroppedBytes uint64
	Source, Target               []string
	Ends                         time.Time
	Why, By                      *string
}

func request(ctx context.Context, c *call) error {
	home, source, target := *c.text["home"], *c.texts["source"], *c.texts["target"]
	switch {
	case home == "" && len(source) == 0:
		return misused("say which home: -home ID or -source ADDR[:PORT]")
	case len(target) == 0:
		return misused("say what it attacks: -target PREFIX[:PORT[-PORT]][/PROTO]")
	}
	body := map[string]any{"home": home, "source": source, "target": target, "lifetime": *c.text["lifetime"]}
	return c.showRequest(ctx, "POST", "requests", body)
}

func status(ctx context.Context, c *call) error {
	return c.showRequest(ctx, "GET", "requests/"+url.PathEscape(c.args[0]), nil)
}

func withdraw(ctx context.Context, c *call) error {
	return c.showRequest(ctx, "DELETE", "requests/"+url.PathEscape(c.args[0]), nil)
}

func (c *call) showRequest(ctx context.Context, method, path string, body any) error {
	var r requestAnswer
	if done, err := c.ask(ctx, method, path, body, &r); done || err != nil {
		return err
	}
	fmt.Fprintf(c.out, "%s of %s is %s", r.ID, r.Home, r.State)
	if r.Why != nil {
		fmt.Fprintf(c.out, ": %s", *r.Why)
	}
	if r.By != nil {
		fmt.Fprintf(c.out, "\nasked for by %s", *r.By)
	}
	fmt.Fprintf(c.out, "\nfrom %s to %s until %s, dropped %d packets, %d bytes\n", strings.Join(r.Source, " "), strings.Join(r.Target, " "), r.Ends.Format(time.RFC3339), r.DroppedPackets, r.DroppedBytes)
	return nil
}

func requests(ctx context.Context, c *call) error {
	var answer struct{ Requests []requestAnswer }
	if done, err := c.ask(ctx, "GET", "requests?home="+url.QueryEscape(*c.text["home"]), nil, &answer); done || err != nil {
		return err
	}
	table := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "REQUEST\tHOME\tSTATE\tFROM\tTO\tUNTIL\tDROPPED")
	for _, r := range answer.Requests {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%d packets\n", r.ID, r.Home, r.State, strings.Join(r.Source, " "), strings.Join(r.Target, " "), r.Ends.Format(time.RFC3339), r.DroppedPackets)
	}
	return table.Flush()
}
