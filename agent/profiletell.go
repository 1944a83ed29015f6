package agent

import (
	"strings"

	"spinneret/agent/events"
	"spinneret/capture/packet"
	"spinneret/capture/say"
	"spinneret/mud/shelf"
)

// graveness are the severities by how a notice counts them.
var graveness = map[int]events.Severity{1: events.Note, 2: events.Warning, 3: events.Alarm}

// tellNotice tells what became of a description, once for all the devices that have it.
func (h *home) tellNotice(n shelf.Notice) {
	var names []string
	var first packet.MAC
	for _, mac := range h.shelf.HoldersOf(n.Key) {
		if len(names) == 0 {
			first = packet.MAC(mac)
		}
		names = append(names, h.nameOf(packet.MAC(mac)))
	}
	if len(names) == 0 {
		return
	}
	whose := say.Plain(names[0])
	if len(names) > 1 {
		whose = say.New("and.more", names[0], len(names)-1)
	}
	h.event(events.Event{
		Kind: events.MUD, Severity: graveness[n.Grave], Device: first, Text: say.New("mud.tell", whose, notice(n)),
	})
}

// notice is the rest of a sentence about a description.
func notice(n shelf.Notice) say.Phrase {
	if n.Why == "" {
		return say.Known(n.Text)
	}
	return say.New("because", say.Known(n.Text), n.Why)
}

func (h *home) undoMUD(mac packet.MAC) *events.Undo {
	return &events.Undo{Method: "DELETE", Path: "/api/v1/devices/" + mac.String() + "/mud"}
}

func (h *home) tellAssigned(mac packet.MAC) {
	what := say.New("mud.makers")
	if t := h.shelf.Holds(mac); t != nil {
		what = say.New("mud.url", t.URL.String())
		if t.Own {
			what = say.New("mud.file", t.URL.String())
		}
	}
	h.event(events.Event{
		Kind: events.MUD, Severity: events.Note, Device: mac, Cause: "owner", Undo: h.undoMUD(mac),
		Text: say.New("mud.given", h.nameOf(mac), what, h.modeText(mac)),
	})
}

// modeText is what is done about a device now, or will be once its description is known.
func (h *home) modeText(mac packet.MAC) say.Phrase {
	holder, _ := h.shelf.Holder(mac)
	words := say.New("mud." + string(holder.Mode))
	if h.shelf.State(mac) != shelf.Active && holder.Mode != shelf.Off {
		return say.New("mud.once", words)
	}
	return words
}

func (h *home) tellMode(mac packet.MAC, m shelf.Mode) {
	h.event(events.Event{
		Kind: events.MUD, Severity: events.Note, Device: mac, Cause: "owner",
		Text: say.New("mud.mode", h.nameOf(mac), string(m), h.modeText(mac)),
	})
}

func (h *home) tellRemoved(mac packet.MAC) {
	text := say.New("mud.none", h.nameOf(mac))
	if holder, ok := h.shelf.Holder(mac); ok {
		text = say.New("mud.heard", h.nameOf(mac), holder.Heard.String(), h.modeText(mac))
	}
	h.event(events.Event{Kind: events.MUD, Severity: events.Note, Device: mac, Cause: "owner", Text: text})
}

func (h *home) tellAnswer(mac packet.MAC, id string, approve bool) {
	kind, _, _ := strings.Cut(id, "-")
	word := say.New("mud.answer.no")
	if approve {
		word = say.New("mud.answer.yes")
	}
	h.event(events.Event{Kind: events.MUD, Severity: events.Note, Device: mac, Cause: "owner", Text: say.New("mud.answer."+kind, h.nameOf(mac), word)})
}
