package uitest

import (
	"context"
	"slices"

	"spinneret/ui"
)

// Requests are Wishes.
func (h *Home) Requests(context.Context) ([]ui.Request, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.Wishes), h.Err
}

// Request is one of Wishes.
func (h *Home) Request(_ context.Context, id string) (ui.Request, error) {
	return h.decide(id, func(*ui.Request) {})
}

// Decide makes a request active or refused.
func (h *Home) Decide(_ context.Context, id, decision string) (ui.Request, error) {
	return h.decide(id, func(r *ui.Request) {
		r.State, r.Legitimate = "refused", decision == ui.DecisionLegitimate
		if decision == ui.DecisionAllow {
			r.State = "active"
		}
	})
}

// TakeBack releases a request.
func (h *Home) TakeBack(_ context.Context, id string) (ui.Request, error) {
	return h.decide(id, func(r *ui.Request) { r.State, r.Legitimate = "released", false })
}

func (h *Home) decide(id string, do func(*ui.Request)) (ui.Request, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := range h.Wishes {
		if h.Wishes[i].ID == id {
			do(&h.Wishes[i])
			return h.Wishes[i], h.Err
		}
	}
	return ui.Request{}, ui.UnknownRequest(id)
}
