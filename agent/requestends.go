package agent

import (
	"slices"

	"spinneret/agent/decide"
	"spinneret/dots"
	"spinneret/dots/wire"
)

// closed takes that the time of a request is over.
func (h *home) closed(e wire.Entry, why dots.Ending) {
	r := h.requests.Open(e.Key)
	if r == nil {
		return
	}
	if why == dots.Replaced && r.State == decide.Active {
		r.Replaced = h.now()
	}
	switch why {
	case dots.Withdrawn, dots.Replaced:
		r.State = decide.WithdrawnOver
	case dots.Expired:
		r.State = decide.ExpiredOver
	case dots.Orphaned: // whoever left the provider out of the configuration ended it
		r.State = decide.Released
	}
	h.lift(r, func(error) {})
	h.tellRequest(r)
	h.keepRequests()
}

// lift ends the orders of a request, if it has any; done hears when the kernel let go.
func (h *home) lift(r *decide.Request, done func(error)) {
	if r.Acted.IsZero() || h.enforcer == nil {
		done(nil)
		return
	}
	h.submit(change{
		edit: func(b *decide.Book) { b.Close(r.ID) },
		done: func(err error) { done(problemOf(err)) },
	})
}

// refuse ends a request because the owner does not want it; its provider hears so, and done when the kernel let go.
func (h *home) refuse(r *decide.Request, because *wire.Conflict, done func(error)) {
	r.State, r.Looking, r.Spared = decide.Refused, false, h.now()
	h.tellRequest(r)
	h.dismiss(r, because)
	h.keepRequests()
	h.lift(r, done)
}

// dismiss lets the provider know that the owner ended its request.
func (h *home) dismiss(r *decide.Request, because *wire.Conflict) {
	if h.providers != nil {
		h.providers.Release(r.Entry.Key, wire.State{Status: wire.ServerEnded, Drops: r.Dropped, Conflict: because})
	}
}

// ownerReleased notes that the owner ended orders: a request that has none left is over, and what was done about
// findings.
func (h *home) ownerReleased(ended []decide.Order) {
	for _, o := range ended {
		for id, a := range h.actedOn {
			if o.Source == decide.Anomaly && slices.Contains(a.devices(), o.MAC) {
				h.actedOn[id], h.unkept = a.without(o.MAC), true
			}
		}
		r := h.requests.Get(o.Request)
		if o.Request == "" || r == nil || r.Over() || len(h.book.For(o.Request)) > 0 {
			continue
		}
		r.State, r.Spared = decide.Released, h.now()
		h.dismiss(r, nil)
		h.keepRequests()
	}
}
