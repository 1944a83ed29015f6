package uitest

import (
	"context"
	"slices"

	"spinneret/ui"
)

// Record sends Capture, and says that one packet was lost.
func (h *Home) Record(ctx context.Context, mac string, query ui.CaptureQuery) (ui.Recording, error) {
	if _, err := h.Device(ctx, mac); err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.recorded = append(h.recorded, query)
	return func(ctx context.Context, w ui.CaptureWriter) (uint64, error) {
		for _, part := range h.Capture {
			if _, err := w.Write([]byte(part)); err != nil {
				return 0, err
			}
		}
		if h.Ended != nil {
			if err := w.Flush(); err != nil {
				return 0, err
			}
			<-ctx.Done()
			h.Ended(ctx.Err())
		}
		return 1, nil
	}, h.Err
}

// Recorded are the captures that were asked for so far.
func (h *Home) Recorded() []ui.CaptureQuery {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.recorded)
}
