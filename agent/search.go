package agent

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"spinneret/agent/culprit"
	"spinneret/agent/decide"
	"spinneret/capture"
	"spinneret/capture/history"
	"spinneret/capture/packet"
	"spinneret/dots/wire"
)

const (
	// lookAgain is for how long a device is looked for: a flow that has just begun is not yet in conntrack's last dump.
	lookAgain = 3 * time.Second

	// maxSearches is how many searches may wait: as many as there can be mitigations.
	maxSearches = 256

	// maxPast bounds what the past says about one target: newer flows come first.
	maxPast = 1000
)

// search is one look into the past for a request.
type search struct {
	request string
	at      time.Time
	scope   wire.Scope
	flows   []capture.Flow
}

// searcher looks into the past behind the loop's back: that takes milliseconds.
type searcher struct {
	archive *archive
	askC    chan *search
	foundC  chan *search
}

func newSearcher(a *archive) *searcher {
	return &searcher{a, make(chan *search, maxSearches), make(chan *search, maxSearches)}
}

// Run searches until ctx ends.
func (s *searcher) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case ask := <-s.askC:
			s.look(ctx, ask)
			select {
			case s.foundC <- ask:
			case <-ctx.Done():
				return nil
			}
		}
	}
}

// look adds what the past says. Where the store is not to be had, what goes on now has to do.
func (s *searcher) look(ctx context.Context, ask *search) {
	ctx, cancel := context.WithTimeout(ctx, lookAgain)
	defer cancel()
	store, err := s.archive.take(ctx)
	if err != nil {
		return
	}
	defer s.archive.put(store)
	for _, target := range ask.scope.Targets {
		found, _ := store.Find(history.Query{From: ask.at.Add(-culprit.Window), Remote: target, Limit: maxPast})
		for i := range found {
			ask.flows = append(ask.flows, found[i].Flow)
		}
	}
}

// search begins to look for whom a request means: among what goes on, what has just ended, and the past.
func (h *home) search(r *decide.Request, now time.Time) {
	scope := r.Entry.Request.Scope
	towards := func(f *capture.Flow) bool {
		return f.Scope == capture.ScopeInternet && slices.ContainsFunc(scope.Targets, func(p netip.Prefix) bool { return p.Contains(f.Remote) })
	}
	ask := &search{request: r.ID, at: r.Asked(), scope: scope, flows: h.table.AppendFlows(nil, towards)}
	h.collectFinished()
	for i := range h.finished {
		if towards(&h.finished[i]) {
			ask.flows = append(ask.flows, h.finished[i])
		}
	}
	r.LookedAt = now
	select {
	case h.searcher.askC <- ask:
	default: // the next tick tries again
	}
}

// found judges what a search brought.
func (h *home) found(s *search) {
	r := h.requests.Get(s.request)
	if r == nil || !r.Looking || r.Over() {
		return
	}
	f := culprit.Case{Scope: s.scope, At: s.at, Flows: s.flows, Owners: h.usersOf}.Find()
	if now := h.now(); (f.Early || len(f.Suspects) == 0) && now.Sub(r.Asked()) < lookAgain && h.accountant != nil {
		h.accountant.Kick()
		return
	}
	h.conclude(r, f)
}

// searchAgain looks once more for those that were not found yet.
func (h *home) searchAgain(now time.Time) {
	for _, r := range h.requests.List {
		if r.Looking && !r.Over() && now.Sub(r.LookedAt) >= tick {
			h.search(r, now)
		}
	}
}

// usersOf are the devices that are known to have used an address.
func (h *home) usersOf(addr netip.Addr) (macs []packet.MAC) {
	for d := range h.registry.All() {
		if slices.Contains(h.registry.Addresses(d.MAC), addr) || slices.Contains(d.Addresses, addr) {
			macs = append(macs, d.MAC)
		}
	}
	return macs
}
