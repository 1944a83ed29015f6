package ui

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"
)

// Limits of a quarantine order.
const (
	maxWhy     = 200 // characters
	maxTargets = 64
)

// members reads the body of PUT devices/{mac}/quarantine.
func (o *QuarantineOrder) members() members {
	return members{
		"level": o.readLevel,
		"for":   o.readFor,
		"until": o.readUntil,
		"why": func(value json.RawMessage) *Problem {
			if p := scalar("why", "text", value, &o.Why); p != nil {
				return p
			}
			return textProblem("why", o.Why, maxWhy)
		},
		"to": o.readTo,
		"acknowledge": func(value json.RawMessage) *Problem {
			return scalar("acknowledge", "true or false", value, &o.Acknowledge)
		},
	}
}

func (o *QuarantineOrder) readLevel(value json.RawMessage) *Problem {
	if p := scalar("level", "text", value, &o.Level); p != nil {
		return p
	}
	if !isNull(value) && !slices.Contains([]string{"full", "internet", "flow"}, o.Level) {
		return invalid("level", "there is no level "+quote(o.Level)+": give full, internet or flow")
	}
	return nil
}

func (o *QuarantineOrder) readFor(value json.RawMessage) *Problem {
	if isNull(value) {
		return nil
	}
	var text string
	if p := scalar("for", "text", value, &text); p != nil {
		return p
	}
	d, err := ParseDuration(text)
	if err != nil {
		return invalid("for", "for "+err.Error())
	}
	if d <= 0 {
		return invalid("for", "for "+quote(text)+" is no time at all: give a longer one")
	}
	o.For = d
	return nil
}

func (o *QuarantineOrder) readUntil(value json.RawMessage) *Problem {
	if isNull(value) {
		return nil
	}
	var text string
	if p := scalar("until", "text", value, &text); p != nil {
		return p
	}
	until, err := time.Parse(time.RFC3339, text)
	if err != nil || until.IsZero() || until.UTC().Year() > 9999 { // which RFC 3339 cannot write
		return invalid("until", "until "+quote(text)+" is not a time: write it like 2026-11-21T07:00:00Z")
	}
	o.Until = until.UTC()
	return nil
}

func (o *QuarantineOrder) readTo(value json.RawMessage) *Problem {
	return readTargets("to", value, &o.To)
}

// readTargets reads a list of targets.
func readTargets(member string, value json.RawMessage, into *[]string) *Problem {
	if p := scalar(member, "a list of texts", value, into); p != nil {
		return p
	}
	if len(*into) > maxTargets {
		return invalid(member, member+" has more than "+strconv.Itoa(maxTargets)+" targets: send fewer")
	}
	for _, text := range *into {
		if _, err := ParseTarget(text); err != nil {
			return invalid(member, member+" "+err.Error())
		}
	}
	return nil
}

// check fills in the default level and looks at the members together.
func (o *QuarantineOrder) check(now time.Time) *Problem {
	if o.Level == "" {
		o.Level = "full"
	}
	switch {
	case o.For != 0 && !o.Until.IsZero():
		return invalid("until", "for and until are both given: give one of them")
	case !o.Until.IsZero() && !o.Until.After(now):
		return invalid("until", "until "+o.Until.Format(time.RFC3339)+" is in the past: give a later time")
	case o.Level == "flow" && len(o.To) == 0:
		return invalid("to", "level flow stops only what matches: say what in to")
	case o.Level != "flow" && len(o.To) > 0:
		return invalid("to", "level "+o.Level+" stops more than to names: leave to out, or give level flow")
	}
	return nil
}
