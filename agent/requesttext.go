package agent

import (
	"strings"

	"spinneret/agent/culprit"
	"spinneret/agent/decide"
	"spinneret/agent/events"
)

// tellRequest enters what became of a request into the home's log.
func (h *home) tellRequest(r *decide.Request) {
	e := events.Event{Kind: events.Request, Severity: events.Note, Cause: r.Entry.Provider, Text: h.requestText(r)}
	if len(r.Devices) == 1 {
		e.Device = r.Devices[0]
	}
	if r.State == decide.Asking || r.State == decide.Failed || r.State == decide.Active {
		e.Severity = events.Warning
	}
	if r.State == decide.Active || h.requests.Remembers(r.ID) {
		e.Undo = &events.Undo{Method: "DELETE", Path: "/api/v1/requests/" + r.ID}
	}
	h.event(e)
}

// requestText is a sentence for the owner.
func (h *home) requestText(r *decide.Request) string {
	who := "provider " + r.Entry.Provider
	what := strings.Join(scopeTargets(r), ", ")
	switch r.State {
	case decide.Asking:
		return who + " asks to stop traffic of " + h.devicesText(r) + " to " + what + ": your word is wanted (" + r.Why + ")"
	case decide.Active:
		return "traffic of " + h.devicesText(r) + " to " + what + " is stopped, as " + who + " asked: " + r.Why
	case decide.Logged:
		return who + " asked to stop traffic of " + h.devicesText(r) + " to " + what + ": nothing was done (" + r.Why + ")"
	case decide.Failed:
		return who + " asked to stop traffic to " + what + ": nothing could be done (" + r.Why + ")"
	case decide.Refused:
		return "the request of " + who + " about traffic to " + what + " was refused"
	case decide.WithdrawnOver:
		return who + " took its request about traffic to " + what + " back"
	case decide.ExpiredOver:
		return "the time of the request of " + who + " about traffic to " + what + " is over"
	case decide.Released:
	}
	return "the owner ended what " + who + " asked for about traffic to " + what
}

func (h *home) devicesText(r *decide.Request) string {
	names := make([]string, len(r.Devices))
	for i, mac := range r.Devices {
		names[i] = h.nameOf(mac)
	}
	if len(names) == 0 {
		return "a device that is not known"
	}
	return strings.Join(names, " or ")
}

// scopeTargets are a request's targets; where there are no words for its protocols, without them.
func scopeTargets(r *decide.Request) []string {
	scope := r.Entry.Request.Scope
	if list, err := culprit.Targets(scope); err == nil {
		return list
	}
	list := make([]string, len(scope.Targets))
	for i, p := range scope.Targets {
		list[i] = p.String()
	}
	return list
}
