package uci

import (
	"errors"
	"net"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	typeAction = "action"
	maxActions = 16
)

// Action is what to do about what devices do that is unusual. Empty lists mean all.
type Action struct {
	ID       string // name of the section
	Kinds    []string
	Severity string   // the least: note, warning or alarm
	Classes  []string // what the owner calls devices, and single for those with one purpose
	Devices  []string // MACs
	Level    string   // tell, flow, internet or full
	For      time.Duration
}

// Severities are the contract's, the least first.
var Severities = []string{"note", "warning", "alarm"}

// findingKinds are the contract's.
var findingKinds = []string{
	"peak", "flood", "scan", "bruteforce", "beacon", "exfiltration", "dns-tunnel", "spoofing", "rogue-dhcp", "first-contact",
	"character", "mud",
}

// actionLevels are what can be done, the mildest first.
var actionLevels = []string{"tell", "flow", "internet", "full"}

// actionFields is section action.
var actionFields = []field[Action]{
	{"kind", true, func(a *Action, v string) error { return add(&a.Kinds, v, oneOf(findingKinds...)) }},
	{"severity", false, func(a *Action, v string) error { return set(&a.Severity, v, oneOf(Severities...)) }},
	{"class", true, func(a *Action, v string) error { return add(&a.Classes, v, class) }},
	{"device", true, func(a *Action, v string) error { return add(&a.Devices, v, mac) }},
	{"level", false, func(a *Action, v string) error { return set(&a.Level, v, oneOf(actionLevels...)) }},
	{"for", false, func(a *Action, v string) error { return set(&a.For, v, span(time.Minute, 30*24*time.Hour)) }},
}

func defaultAction(id string) Action {
	return Action{ID: id, Severity: "alarm", Level: "tell", For: time.Hour}
}

// addAction reads a section into one more action, unless something in it is wrong.
func (c *Config) addAction(s *section) []Problem {
	a := defaultAction(s.name)
	problems := fillSection(s, &a, actionFields)
	switch {
	case len(c.Actions) == maxActions:
		problems = append(problems, *at(s.line, "remove an action: there may be %d", maxActions))
	case !slices.ContainsFunc(problems, func(p Problem) bool { return !p.Unknown }):
		c.Actions = append(c.Actions, a)
	}
	return problems
}

// class reads what a device is called: at most 64 characters, as on the page.
func class(s string) (string, error) {
	if utf8.RuneCountInString(s) > 64 || !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		return "", errors.New("give at most 64 printable characters, such as camera or single")
	}
	return s, nil
}

func mac(s string) (string, error) {
	hw, err := net.ParseMAC(s)
	if err != nil || len(hw) != 6 || len(s) != 17 {
		return "", errors.New("give a MAC such as 02:00:00:00:00:01")
	}
	return hw.String(), nil
}

// span reads a length of time as the contract writes it: 90s, 1h30m, 7d.
func span(low, high time.Duration) func(string) (time.Duration, error) {
	return func(s string) (time.Duration, error) {
		if days, ok := strings.CutSuffix(s, "d"); ok {
			n, err := number[int](1, 365)(days)
			if err != nil {
				return 0, errors.New("give a time such as 90s, 1h30m or 7d")
			}
			return bounded(time.Duration(n)*24*time.Hour, low, high)
		}
		d, err := time.ParseDuration(s)
		if err != nil {
			return 0, errors.New("give a time such as 90s, 1h30m or 7d")
		}
		return bounded(d, low, high)
	}
}

func bounded(d, low, high time.Duration) (time.Duration, error) {
	if d < low || d > high {
		return 0, errors.New("give a time from " + low.String() + " to " + high.String())
	}
	return d, nil
}
