package agent

import (
	"context"
	"time"

	"spinneret/agent/decide"
	"spinneret/anomaly"
	"spinneret/ui"
)

// Moment implements ui.Backend.
func (h *home) Moment(ctx context.Context, at time.Time) (out ui.Moment, err error) {
	err = h.do(ctx, func() {
		spans, known := h.book.At(at, h.now())
		out = ui.Moment{Since: h.wire(known), Quarantines: make([]ui.PastQuarantine, len(spans)), Findings: []ui.PastFinding{}}
		for i, s := range spans {
			out.Quarantines[i] = h.pastQuarantine(s)
		}
		for _, f := range h.detector.Findings() {
			if !at.Before(f.Start) && (f.State == anomaly.Open || !at.After(f.End)) {
				out.Findings = append(out.Findings, ui.PastFinding{
					Device: f.Device.String(), ID: f.ID, Kind: string(f.Kind), Severity: f.Severity.String(),
				})
			}
		}
	})
	return out, err
}

func (h *home) pastQuarantine(s decide.Span) ui.PastQuarantine {
	return ui.PastQuarantine{
		Device: s.MAC.String(), Level: s.Level, Source: string(s.Source), Since: h.wire(s.Since), Until: h.wire(s.Until),
	}
}
