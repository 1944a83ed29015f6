package agent

import (
	"slices"
	"strings"

	"spinneret/agent/events"
	"spinneret/agent/registry"
	"spinneret/capture/say"
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
		Text: say.New("edit", before.Name, say.List(changes...)),
	})
}

// editWords says what differs in what the owner says about a device.
func editWords(before, after registry.Device) (words []any) {
	add := func(differs bool, key string, args ...any) {
		if differs {
			words = append(words, say.New(key, args...))
		}
	}
	named := after.NameSource == registry.NameOwner
	add(named && before.Name != after.Name, "edit.name", after.Name)
	add(!named && before.NameSource == registry.NameOwner, "edit.again", after.Name)
	add(before.Kind != after.Kind && after.Kind != "", "edit.kind", say.Kind(after.Kind))
	add(before.Kind != after.Kind && after.Kind == "", "edit.kind.none")
	add(before.Trusted != after.Trusted, either(after.Trusted, "edit.trust", "edit.trust.no"))
	add(before.Ignored != after.Ignored, either(after.Ignored, "edit.hidden", "edit.shown"))
	reach, controls := !slices.Equal(before.Exceptions, after.Exceptions), !slices.Equal(before.Controls, after.Controls)
	add(reach && len(after.Exceptions) > 0, "edit.reach", strings.Join(after.Exceptions, " "))
	add(reach && len(after.Exceptions) == 0, "edit.nowhere")
	add(controls && len(after.Controls) > 0, "edit.controls", strings.Join(after.Controls, " "))
	add(controls && len(after.Controls) == 0, "edit.nobody")
	add(before.RefuseMappings != after.RefuseMappings, either(after.RefuseMappings, "edit.ports.no", "edit.ports"))
	add(before.OnFinding != after.OnFinding && after.OnFinding != "", "edit.wild", after.OnFinding)
	add(before.OnFinding != after.OnFinding && after.OnFinding == "", "edit.wild.none")
	return words
}

func either(yes bool, text, otherwise string) string {
	if yes {
		return text
	}
	return otherwise
}
