package agent

import (
	"fmt"
	"strings"

	"spinneret/agent/events"
	"spinneret/capture/packet"
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
	whose := names[0]
	if len(names) > 1 {
		whose = fmt.Sprintf("%s and %d more", names[0], len(names)-1)
	}
	h.event(events.Event{
		Kind: events.MUD, Severity: graveness[n.Grave], Device: first, Text: "the maker's description of " + whose + " " + n.Text,
	})
}

func (h *home) undoMUD(mac packet.MAC) *events.Undo {
	return &events.Undo{Method: "DELETE", Path: "/api/v1/devices/" + mac.String() + "/mud"}
}

func (h *home) tellAssigned(mac packet.MAC) {
	what := "its maker's description"
	if t := h.shelf.Holds(mac); t != nil {
		what = "the description " + t.URL.String()
		if t.Own {
			what = "a file that describes it (" + t.URL.String() + ")"
		}
	}
	h.event(events.Event{
		Kind: events.MUD, Severity: events.Note, Device: mac, Cause: "owner", Undo: h.undoMUD(mac),
		Text: h.nameOf(mac) + " was given " + what + " by the owner: " + h.modeText(mac),
	})
}

// modeWords say what is done about what a description does not allow.
var modeWords = map[shelf.Mode]string{
	shelf.Off: "nothing comes of it", shelf.Watch: "what else it does is told, not stopped", shelf.Enforce: "what else it tries is stopped",
}

// modeText is what is done about a device now, or will be once its description is known.
func (h *home) modeText(mac packet.MAC) string {
	holder, _ := h.shelf.Holder(mac)
	if h.shelf.State(mac) != shelf.Active && holder.Mode != shelf.Off {
		return "once it is known, " + modeWords[holder.Mode]
	}
	return modeWords[holder.Mode]
}

func (h *home) tellMode(mac packet.MAC, m shelf.Mode) {
	h.event(events.Event{
		Kind: events.MUD, Severity: events.Note, Device: mac, Cause: "owner",
		Text: fmt.Sprintf("the description of %s was set to %s by the owner: %s", h.nameOf(mac), m, h.modeText(mac)),
	})
}

func (h *home) tellRemoved(mac packet.MAC) {
	text := h.nameOf(mac) + " is held to no description any more"
	if holder, ok := h.shelf.Holder(mac); ok {
		text = fmt.Sprintf("%s has the description that it names itself again, %s: %s", h.nameOf(mac), holder.Heard, h.modeText(mac))
	}
	h.event(events.Event{Kind: events.MUD, Severity: events.Note, Device: mac, Cause: "owner", Text: text})
}

func (h *home) tellAnswer(mac packet.MAC, id string, approve bool) {
	kind, _, _ := strings.Cut(id, "-")
	what := map[string]string{
		shelf.AskURL: "the new description that %s names was %s by the owner", shelf.AskFile: "the file that describes %s was %s by the owner",
		shelf.AskEntries: "what waited of the description of %s was %s by the owner",
	}[kind]
	word := "turned down"
	if approve {
		word = "approved"
	}
	h.event(events.Event{Kind: events.MUD, Severity: events.Note, Device: mac, Cause: "owner", Text: fmt.Sprintf(what, h.nameOf(mac), word)})
}
