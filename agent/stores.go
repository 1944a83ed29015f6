package agent

import (
	"slices"

	"spinneret/capture"
	"spinneret/ui/auth"
	"spinneret/ui/stream"
)

// allStores are all bounded stores of the program that others can fill.
func (h *home) allStores() []capture.Store {
	return slices.Concat(
		h.table.Stores(), h.stores(), h.traffic.Stores(), h.detector.Stores(), h.registry.Stores(), h.events.Stores(), h.connections(),
		*h.archive.stores.Load(), h.pageStores(), h.requests.Stores(), h.profileStores(), h.partyStores(), h.recorded(), h.tries.Stores(),
	)
}

// pageStores are those of the page: who is logged in, and who looks on. Evicted browsers were not let in.
func (h *home) pageStores() []capture.Store {
	used, refused := h.hub.Full()
	list := []capture.Store{{Name: "browsers", Used: used, Limit: stream.MaxClients, Evicted: refused}}
	if h.logins != nil {
		used, out := h.logins.Full()
		list = append(list, capture.Store{Name: "sessions", Used: used, Limit: auth.MaxSessions, Evicted: out})
	}
	return list
}

// recorded is the ring of logged headers.
func (h *home) recorded() []capture.Store {
	if h.recordings == nil {
		return nil
	}
	return h.recordings.ring.Stores()
}
