package agent

import (
	"context"
	"reflect"
	"slices"
	"time"

	"spinneret/agent/decide"
	"spinneret/agent/events"
	"spinneret/capture/say"
	"spinneret/dots"
	"spinneret/dots/wire"
	"spinneret/ui"
)

// Provider is whom to call, and what it may do when it asks for help.
type Provider struct {
	dots.Provider
	Policy     string // log, ask, flow or device
	MaxDevices int    // that may be held back for it at once unasked
	Missing    string // what it takes to call it, and cannot be read; "": nothing
}

// dotsServer is what the loop tells sessions: *dots.Server, or a fake in pure tests.
type dotsServer interface {
	Update(k wire.Key, s wire.State)
	Release(k wire.Key, s wire.State)
}

// dotsHome is what the home knows of providers and their requests.
type dotsHome struct {
	petitions    *petitions
	searcher     *searcher
	requests     *decide.Requests
	requestsKept time.Time
	outside      outsideAddresses
	providers    dotsServer // nil where nobody is called
	sessions     []dots.Session
	uncalled     []ui.Provider // that cannot be called, and why
	sessionC     mailbox[[]dots.Session]
	refusalC     mailbox[dots.Refusal]
}

func newDotsHome(a *archive) dotsHome {
	return dotsHome{
		petitions: newPetitions(), searcher: newSearcher(a), requests: &decide.Requests{},
		outside: outsideAddresses{}, sessionC: newMailbox[[]dots.Session](),
		refusalC: newQueue[dots.Refusal](maxWords),
	}
}

// callProviders keeps a session with each provider, and looks for the devices that they mean.
func (a *Agent) callProviders() {
	h := a.home
	a.add("search", h.searcher.Run)
	a.calls = newSwap(h.call(h.options.Providers, h.requests.Entries()))
	a.add("providers", a.calls.Run)
}

// call is the sessions with these providers; saved are their requests of before.
func (h *home) call(list []Provider, saved []wire.Entry) work {
	o := dots.Options{Home: h.petitions, Saved: saved, Log: h.log.With("room", "dots"), Now: h.now, Limits: wire.DefaultLimits(), Refused: h.refusalC.put}
	var missing []Provider
	for _, p := range list {
		if p.Missing != "" {
			missing = append(missing, p)
		} else {
			o.Providers = append(o.Providers, p.Provider)
		}
	}
	if h.options.ProviderGrace > 0 {
		o.Limits.Grace = h.options.ProviderGrace
	}
	return func(ctx context.Context) error {
		server := dots.New(o)
		if h.do(ctx, func() { h.providers = server; h.cannotCall(missing) }) != nil {
			return nil // all ends
		}
		doneC := make(chan error, 1)
		go func() { doneC <- server.Run(ctx) }()
		for {
			select {
			case <-server.Changed():
				h.sessionC.put(server.Sessions())
			case err := <-doneC:
				return err
			}
		}
	}
}

// cannotCall tells of those providers that cannot be called. The others are.
func (h *home) cannotCall(list []Provider) {
	was := h.uncalled
	h.uncalled = make([]ui.Provider, len(list))
	for i, p := range list {
		h.uncalled[i] = ui.Provider{Name: p.ID, State: string(dots.Down), Since: h.wire(h.now()), Error: &list[i].Missing}
		if slices.ContainsFunc(was, func(u ui.Provider) bool { return u.Name == p.ID && *u.Error == p.Missing }) {
			continue
		}
		said := say.New("dots.missing", p.ID, p.Missing)
		h.log.Error(said.String())
		h.event(events.Event{Kind: events.DOTS, Severity: events.Warning, Cause: p.ID, Text: said})
	}
}

// Recall calls other providers in place of those before; what those asked for stays.
func (a *Agent) Recall(ctx context.Context, list []Provider, grace time.Duration) error {
	h := a.home
	var saved []wire.Entry
	same := false
	err := h.do(ctx, func() {
		same = reflect.DeepEqual(h.options.Providers, list) && h.options.ProviderGrace == grace
		h.options.Providers, h.options.ProviderGrace = list, grace
		saved = h.requests.Entries()
	})
	if err != nil || same {
		return err
	}
	return a.calls.give(ctx, h.call(list, saved))
}

// sessionsChanged notes how the sessions are, and tells where one came or went.
func (h *home) sessionsChanged(now []dots.Session) {
	before := map[string]dots.SessionState{}
	for _, s := range h.sessions {
		before[s.Provider] = s.State
	}
	for _, s := range now {
		was := before[s.Provider]
		switch {
		case s.State == dots.Up && was != dots.Up:
			h.event(events.Event{Kind: events.DOTS, Severity: events.Note, Cause: s.Provider, Text: say.New("dots.up", s.Provider)})
			h.warnOfEnd(s)
		case s.State != dots.Up && was == dots.Up:
			h.event(events.Event{Kind: events.DOTS, Severity: events.Warning, Cause: s.Provider, Text: say.New("dots.lost", s.Provider, s.Error)})
		}
	}
	h.sessions, h.dirty = now, true
}

// endsSoon is how long before the end of the home's credentials its owner hears of it.
const endsSoon = 30 * 24 * time.Hour

// warnOfEnd tells that a session will be the last, unless somebody does something.
func (h *home) warnOfEnd(s dots.Session) {
	if s.Expires.IsZero() || s.Expires.Sub(h.now()) > endsSoon {
		return
	}
	h.event(events.Event{
		Kind: events.DOTS, Severity: events.Warning, Cause: s.Provider,
		Text: say.New("dots.end", s.Provider, say.Day(s.Expires)),
	})
}

// turnedDown tells of a request that never came as far as a decision.
func (h *home) turnedDown(r dots.Refusal) {
	h.event(events.Event{
		Kind: events.DOTS, Severity: events.Warning, Cause: r.Client.Provider,
		Text: say.New("dots.refused", r.Client.Provider, r.Text),
	})
}

// uiProviders are the sessions as the contract has them.
func (h *home) uiProviders() []ui.Provider {
	list := make([]ui.Provider, len(h.sessions))
	for i, s := range h.sessions {
		list[i] = ui.Provider{Name: s.Provider, State: string(s.State), Since: h.wire(s.Since)}
		if s.Error != "" {
			list[i].Error = text(s.Error)
		}
	}
	return append(list, h.uncalled...)
}
