package uitest

import (
	"context"
	"slices"
	"time"

	"spinneret/ui"
)

// Findings are Found.
func (h *Home) Findings(context.Context) ([]ui.Finding, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.Found), h.Err
}

// JudgeFinding makes one fine, or open.
func (h *Home) JudgeFinding(_ context.Context, id int64, fine bool) (ui.Finding, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := range h.Found {
		if f := &h.Found[i]; f.ID == id {
			if f.State = ui.FindingOpen; fine {
				f.State = ui.FindingFine
			}
			return *f, nil
		}
	}
	return ui.Finding{}, ui.UnknownFinding(id)
}

// Moment has nothing in it.
func (h *Home) Moment(context.Context, time.Time) (ui.Moment, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return ui.Moment{Quarantines: []ui.PastQuarantine{}, Findings: []ui.PastFinding{}}, h.Err
}

// Habits are none.
func (h *Home) Habits(ctx context.Context, mac string) (ui.Habits, error) {
	if _, err := h.Device(ctx, mac); err != nil {
		return ui.Habits{}, err
	}
	return ui.Habits{Learning: true, Text: "learning, 3 h seen", Habits: []ui.Habit{}}, nil
}

// Inherit answers with the device as it is.
func (h *Home) Inherit(ctx context.Context, mac string, o ui.InheritOrder) (ui.Device, error) {
	if _, err := h.Device(ctx, o.From); err != nil {
		return ui.Device{}, err
	}
	return h.Device(ctx, mac)
}
