package agent

import (
	"context"
	"iter"
	"slices"
	"sort"
	"time"

	"spinneret/capture"
	"spinneret/capture/packet"
	"spinneret/ui"
)

const (
	// shownFlows are written for an answer at a time: between, the loop does other things.
	shownFlows = 128
	// shownLimit is how long an answer that was begun waits for the loop.
	shownLimit = 5 * time.Second
)

// Flows implements ui.Backend: the last packet not before since, newest first.
func (h *home) Flows(ctx context.Context, q ui.FlowQuery) (iter.Seq2[ui.Flow, error], bool, error) {
	var only packet.MAC
	if q.Device != "" {
		var err error
		if only, err = packet.ParseMAC(q.Device); err != nil {
			return nil, false, ui.UnknownDevice(q.Device)
		}
	}
	var found []capture.Flow
	err := h.do(ctx, func() {
		h.observeDevices(h.now())
		found = h.newest(only, q.Since)
	})
	if err != nil {
		return nil, false, err
	}
	more := len(found) > q.Limit
	return h.shown(ctx, found[:min(len(found), q.Limit)]), more, nil
}

// newest are the flows of a device, or of all where only is zero, and tries, whose last packet was not before since. They are
// counted first: thousands of flows in a slice that grows take five times their room.
func (h *home) newest(only packet.MAC, since time.Time) []capture.Flow {
	wanted := func(f *capture.Flow) bool {
		return (only.IsZero() || f.Device == only || f.Peer == only) && !f.Last.Before(since)
	}
	tried := h.tried(since)
	n := len(tried)
	for f := range h.table.Flows(h.flowsBuf) {
		if wanted(f) {
			n++
		}
	}
	found := h.table.AppendFlows(make([]capture.Flow, 0, n), wanted)
	for i := range tried {
		if wanted(&tried[i]) {
			found = append(found, tried[i])
		}
	}
	sort.SliceStable(found, func(i, j int) bool { return found[i].Last.After(found[j].Last) })
	return found
}

// shown are flows with what only the loop knows of them. The caller may read them slowly: ctx is of the question only.
func (h *home) shown(ctx context.Context, found []capture.Flow) iter.Seq2[ui.Flow, error] {
	return func(yield func(ui.Flow, error) bool) {
		var rows [shownFlows]ui.Flow
		for piece := range slices.Chunk(found, shownFlows) {
			if err := h.showFlows(ctx, piece, &rows); err != nil {
				yield(ui.Flow{}, err)
				return
			}
			for i := range piece {
				if !yield(rows[i], nil) {
					return
				}
			}
		}
	}
}

func (h *home) showFlows(ctx context.Context, flows []capture.Flow, rows *[shownFlows]ui.Flow) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shownLimit)
	defer cancel()
	return h.do(ctx, func() {
		for i := range flows {
			rows[i] = h.uiFlow(&flows[i])
		}
	})
}
