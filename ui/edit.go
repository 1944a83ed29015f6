package ui

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// maxName bounds a device's name and kind, in characters.
const maxName = 64

// members reads the body of PATCH devices/{mac}.
func (e *DeviceEdit) members() members {
	return members{
		"name": e.readName,
		"kind": func(value json.RawMessage) *Problem {
			var kind string // null takes the kind away
			if p := scalar("kind", "text", value, &kind); p != nil {
				return p
			}
			e.Kind = &kind
			return textProblem("kind", kind, maxName)
		},
		"ignored": func(value json.RawMessage) *Problem { return scalar("ignored", "true or false", value, &e.Ignored) },
		"trusted": func(value json.RawMessage) *Problem { return scalar("trusted", "true or false", value, &e.Trusted) },
		"exceptions": func(value json.RawMessage) *Problem {
			list := []string{}
			e.Exceptions = &list
			return readTargets("exceptions", value, e.Exceptions)
		},
		"refuseMappings": func(value json.RawMessage) *Problem {
			return scalar("refuseMappings", "true or false", value, &e.RefuseMappings)
		},
		"controls":  e.readControls,
		"onFinding": e.readOnFinding,
	}
}

// maxControls bounds what a device controls, maxClass the name of a class in bytes.
const (
	maxControls = 16
	maxClass    = 1024
)

// readControls takes names of classes as they stand in makers' descriptions (RFC 8520 section 4.1.5), and MUD URLs.
func (e *DeviceEdit) readControls(value json.RawMessage) *Problem {
	list := []string{}
	e.Controls = &list
	if p := scalar("controls", "a list of texts", value, e.Controls); p != nil {
		return p
	}
	if len(list) > maxControls {
		return invalid("controls", "controls has more than "+strconv.Itoa(maxControls)+" classes: send fewer")
	}
	for _, class := range list {
		if class == "" || len(class) > maxClass || strings.ContainsFunc(class, func(r rune) bool { return r <= ' ' || r > '~' }) {
			return invalid("controls", quote(class)+" is no name of a class: give one as it stands in a description, or a MUD URL")
		}
	}
	return nil
}

// readOnFinding takes what to do about alarms; null leaves it to the settings.
func (e *DeviceEdit) readOnFinding(value json.RawMessage) *Problem {
	var level string
	e.OnFinding = &level
	if isNull(value) {
		return nil
	}
	if p := scalar("onFinding", "text", value, &level); p != nil {
		return p
	}
	if !slices.Contains([]string{"tell", "flow", "internet", "full"}, level) {
		return invalid("onFinding", "nothing is called "+quote(level)+": give tell, flow, internet or full, or null for what the settings say")
	}
	return nil
}

func (e *DeviceEdit) readName(value json.RawMessage) *Problem {
	if isNull(value) {
		e.ClearName = true
		return nil
	}
	var name string
	if p := scalar("name", "text", value, &name); p != nil {
		return p
	}
	if strings.TrimSpace(name) == "" {
		return invalid("name", "name is empty: give a text, or null for the name that the network knows")
	}
	e.Name = &name
	return textProblem("name", name, maxName)
}
