package agent

import (
	"spinneret/agent/culprit"
	"spinneret/agent/decide"
	"spinneret/agent/events"
	"spinneret/capture/say"
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
func (h *home) requestText(r *decide.Request) say.Phrase {
	who := r.Entry.Provider
	what := say.Strings(scopeTargets(r))
	switch r.State {
	case decide.Asking:
		return say.New("request.asks", who, h.devicesText(r), what, r.Why)
	case decide.Active:
		return say.New("request.stopped", who, h.devicesText(r), what, r.Why)
	case decide.Logged:
		return say.New("request.logged", who, h.devicesText(r), what, r.Why)
	case decide.Failed:
		return say.New("request.failed", who, what, r.Why)
	case decide.Refused:
		return say.New("request.refused", who, what)
	case decide.WithdrawnOver:
		return say.New("request.withdrawn", who, what)
	case decide.ExpiredOver:
		return say.New("request.expired", who, what)
	case decide.Released:
	}
	return say.New("request.ended", who, what)
}

func (h *home) devicesText(r *decide.Request) say.Phrase {
	if len(r.Devices) == 0 {
		return say.New("request.unknown")
	}
	text := say.Plain(h.nameOf(r.Devices[0]))
	for _, mac := range r.Devices[1:] {
		text = say.New("or", text, h.nameOf(mac))
	}
	return text
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
