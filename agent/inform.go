package agent

import (
	"slices"
	"time"

	"spinneret/agent/decide"
	"spinneret/dots/wire"
	"spinneret/openwrt/firewall"
)

// informAll tells providers how their requests go, once a second; the server slows down what is no news.
func (h *home) informAll(now time.Time) {
	for _, r := range h.requests.List {
		switch {
		case r.State == decide.Active:
			packets, bytes := h.refusedFor(r)
			r.Count(now, &r.Meter, packets, bytes)
			h.inform(r, now)
		case r.State == decide.Asking && !r.Looking:
			h.inform(r, now)
		}
	}
}

// refusedFor is what was dropped for the orders of a request. What several orders of one device refuse counts for each.
func (h *home) refusedFor(r *decide.Request) (packets, bytes uint64) {
	for _, o := range h.book.For(r.ID) {
		n := h.counters.Quarantines[o.ID].Refused
		packets, bytes = packets+n.Packets, bytes+n.Bytes
	}
	return packets, bytes
}

// inform tells a provider how one request stands, where that changed.
func (h *home) inform(r *decide.Request, now time.Time) {
	state := wire.State{Status: r.Status(now), Drops: r.Dropped}
	if h.stoppedAlready(r) {
		state.Status = wire.Mitigated
	}
	if h.providers == nil || r.Over() || state == r.Told {
		return
	}
	r.Told = state
	r.Entry.Status, r.Entry.Drops = state.Status, state.Drops
	if r.Entry.Start.IsZero() && state.Status == wire.Mitigated {
		r.Entry.Start = now
	}
	h.providers.Update(r.Entry.Key, state)
}

// stoppedAlready reports whether a request waits for the owner while the one device that it means has no internet for
// another reason: what it asks for is done, and no more than that is told.
func (h *home) stoppedAlready(r *decide.Request) bool {
	return r.State == decide.Asking && len(r.Devices) == 1 && slices.ContainsFunc(h.book.Of(r.Devices[0]), func(o decide.Order) bool {
		return decide.AtLeast(o.Level, string(firewall.Internet)) && h.inForce(o) && len(h.exceptions(o)) == 0
	})
}
