package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"spinneret/ui"
)

// mudFlags are those that only some of the verbs have.
type mudFlags struct {
	mode, out string
	strict    bool
}

func (f mudFlags) fit(verb string) bool {
	return (f.mode == "" && !f.strict || verb == "assign") && (f.out == "" || verb == "learn")
}

// mud does what is about one device.
func (c *client) mud(ctx context.Context, std IO, args []string, set mudFlags) error {
	usage := Usagef("say what to do and to which device: spinneret mud -h")
	if len(args) < 2 {
		return usage
	}
	if args[0] == "controls" && set == (mudFlags{}) {
		return c.controls(ctx, std, args[1], args[2:])
	}
	if args[0] == "heard" && len(args) == 3 && set == (mudFlags{}) {
		_, err := c.do(ctx, http.MethodPost, "mud/heard", map[string]string{"mac": args[1], "url": args[2]}, nil)
		return err
	}
	verb, device, rest := args[0], args[1], strings.Join(args[2:], " ")
	many, known := map[string]int{"show": 0, "assign": 1, "mode": 1, "approve": len(args[2:]), "refuse": 1, "remove": 0, "learn": 0}[verb]
	if !known || len(args[2:]) != many || many > 1 || !set.fit(verb) {
		return usage
	}
	mac, err := c.find(ctx, device)
	if err != nil {
		return err
	}
	path := "devices/" + mac + "/mud"
	switch verb {
	case "assign":
		order, err := mudOrder(rest, set.mode, set.strict)
		if err != nil {
			return err
		}
		return c.changeMUD(ctx, std, http.MethodPut, path, order)
	case "mode":
		return c.changeMUD(ctx, std, http.MethodPut, path, map[string]string{"mode": rest})
	case "remove":
		return c.changeMUD(ctx, std, http.MethodDelete, path, nil)
	case "refuse":
		return c.changeMUD(ctx, std, http.MethodPost, path, map[string]string{"refuse": rest})
	case "learn":
		return c.learnMUD(ctx, std, path+"/learned?report=1", set.out)
	case "approve":
		return c.approveMUD(ctx, std, path, rest)
	}
	return c.changeMUD(ctx, std, http.MethodGet, path, nil)
}

// mudOrder is the body of PUT devices/{mac}/mud: what has a scheme is a URL, the rest is a file.
func mudOrder(what, mode string, strict bool) (map[string]any, error) {
	order := map[string]any{"strict": strict}
	if mode != "" {
		order["mode"] = mode
	}
	if strings.Contains(what, "://") {
		order["url"] = what
		return order, nil
	}
	data, err := readMUD(what)
	if err != nil {
		return nil, err
	}
	if !json.Valid(data) {
		return nil, fmt.Errorf("%s is no MUD file: spinneret mud check tells what is wrong with it", printable(what))
	}
	order["file"] = json.RawMessage(data)
	return order, nil
}

// changeMUD sends a request and says how the device stands after it.
func (c *client) changeMUD(ctx context.Context, std IO, method, path string, request any) error {
	var m ui.MUD
	body, err := c.do(ctx, method, path, request, &m)
	return c.show(std.Out, body, err, func() string { return mudStanding(m, c.now()) })
}

// approveMUD agrees to one thing, or to all that waits now. What is not asked any more once another is answered needs no
// word; what is asked newly was not meant.
func (c *client) approveMUD(ctx context.Context, std IO, path, id string) error {
	if id != "" {
		return c.changeMUD(ctx, std, http.MethodPost, path, map[string]string{"approve": id})
	}
	var m ui.MUD
	body, err := c.get(ctx, path, &m)
	if err == nil && len(m.Approvals) == 0 {
		return errors.New("nothing waits for your word: spinneret mud show DEVICE tells how it stands")
	}
	for _, a := range m.Approvals {
		if err == nil && slices.ContainsFunc(m.Approvals, func(left ui.Approval) bool { return left.ID == a.ID }) {
			m = ui.MUD{}
			body, err = c.do(ctx, http.MethodPost, path, map[string]string{"approve": a.ID}, &m)
		}
	}
	return c.show(std.Out, body, err, func() string { return mudStanding(m, c.now()) })
}

// stateWords say how far a description is.
var stateWords = map[string]string{
	"pending": "it waits to be looked up", "fetching": "it is being looked up", "active": "known", "held": "it waits for your word",
	"failed": "it could not be got yet",
}

// modeWords say what is done about what a description does not allow.
var modeWords = map[string]string{"off": "nothing is done about it", "watch": "what else the device does is told", "enforce": "what else the device tries is stopped"}

func mudStanding(m ui.MUD, now time.Time) string {
	if m.State == "none" {
		return "no description of it is known: spinneret mud assign gives it one\n"
	}
	var b strings.Builder
	about := "description"
	if m.URL != nil {
		about = printable(*m.URL)
	}
	if m.SystemInfo != nil {
		about += " (" + printable(*m.SystemInfo) + ")"
	}
	fmt.Fprintf(&b, "%s: %s; mode %s: %s\n", about, stateWords[m.State], m.Mode, mudMode(m))
	fmt.Fprintln(&b, "  "+mudOrigin(m, now))
	for i, line := range m.Policy {
		fmt.Fprintln(&b, "  "+printable(line)+mudUse(m, i, now))
	}
	for _, p := range m.Problems {
		fmt.Fprintln(&b, "problem: "+printable(p))
	}
	for _, a := range m.Approvals {
		fmt.Fprintf(&b, "waits for your word: %s: %s\n", a.ID, printable(strings.Join(a.Why, "; ")))
		for _, line := range a.Policy {
			fmt.Fprintln(&b, "  "+printable(line))
		}
	}
	if m.Violations > 0 {
		fmt.Fprintf(&b, "%d packets were not as it says\n", m.Violations)
	}
	for _, v := range m.Recent {
		fmt.Fprintf(&b, "  %s\n", printable(v.Text))
	}
	return b.String()
}

// mudUse tells how often the device made use of a line of the policy.
func mudUse(m ui.MUD, line int, now time.Time) string {
	if line >= len(m.Uses) {
		return ""
	}
	u := m.Uses[line]
	if u.Count == 0 {
		return fmt.Sprintf(": not used since %s", clock(now, m.UsesSince))
	}
	return fmt.Sprintf(": used %d times, last %s", u.Count, clock(now, u.Last))
}

// mudMode says what is done, or will be once there is something to hold the device to.
func mudMode(m ui.MUD) string {
	words := modeWords[m.Mode]
	if m.State != "active" && m.Mode != "off" {
		words = "once it is known, " + words
	}
	if m.Strict {
		words += ", by the letter"
	}
	return words
}

// mudOrigin tells where a description comes from.
func mudOrigin(m ui.MUD, now time.Time) string {
	who := "named by the device itself"
	switch {
	case m.File:
		who = "a file that you gave"
	case m.Source != nil && *m.Source == "owner":
		who = "assigned by you"
	case m.Source != nil && (*m.Source == "relay" || *m.Source == "dnsmasq"): // another may have said so
		who = "named in a request for its lease (" + *m.Source + ")"
	case m.Source != nil:
		who += " (" + printable(*m.Source) + ")"
	}
	if m.SignedBy != nil {
		who += ", signed by " + printable(*m.SignedBy)
	}
	if m.Fetched != nil {
		who += ", looked up " + clock(now, m.Fetched)
	}
	return who
}
