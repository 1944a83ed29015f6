package agent

import (
	"slices"
	"strings"

	"spinneret/agent/events"
	"spinneret/agent/registry"
)

// tellEdit enters what the owner changed about a device.
func (h *home) tellEdit(before registry.Device) {
	after, known := h.registry.Get(before.MAC)
	changes := editWords(before, after)
	if !known || len(changes) == 0 {
		return
	}
	h.event(events.Event{
		Kind: events.Audit, Severity: events.Note, Device: after.MAC, Cause: "owner",
		Text: "the owner changed " + before.Name + ": " + strings.Join(changes, ", "),
	})
}

// editWords says what differs in what the owner says about a device.
func editWords(before, after registry.Device) (words []string) {
	add := func(differs bool, text string) {
		if differs {
			words = append(words, text)
		}
	}
	named := after.NameSource == registry.NameOwner
	add(named && before.Name != after.Name, "it is called "+after.Name)
	add(!named && before.NameSource == registry.NameOwner, "it is called "+after.Name+" again")
	add(before.Kind != after.Kind && after.Kind != "", "it is a "+after.Kind)
	add(before.Kind != after.Kind && after.Kind == "", "what it is was taken back")
	add(before.Trusted != after.Trusted, either(after.Trusted, "it is trusted", "it is not trusted any more"))
	add(before.Ignored != after.Ignored, either(after.Ignored, "it is hidden on the page", "it is on the page again"))
	add(!slices.Equal(before.Exceptions, after.Exceptions),
		either(len(after.Exceptions) > 0, "cut off, it may still reach "+strings.Join(after.Exceptions, " "), "cut off, it may reach nothing"))
	add(!slices.Equal(before.Controls, after.Controls),
		either(len(after.Controls) > 0, "it is a controller for "+strings.Join(after.Controls, " "), "it is nobody's controller any more"))
	add(before.RefuseMappings != after.RefuseMappings, either(after.RefuseMappings, "it may not open ports", "it may open ports"))
	add(before.OnFinding != after.OnFinding && after.OnFinding != "", "when it goes wild: "+after.OnFinding)
	add(before.OnFinding != after.OnFinding && after.OnFinding == "", "when it goes wild: as the settings say")
	return words
}

func either(yes bool, text, otherwise string) string {
	if yes {
		return text
	}
	return otherwise
}
