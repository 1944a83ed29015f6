package agent

import (
	"context"
	"iter"
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"spinneret/agent/breach"
	"spinneret/agent/events"
	"spinneret/anomaly"
	"spinneret/capture"
	"spinneret/capture/packet"
	"spinneret/capture/say"
	"spinneret/ui"
)

const (
	// habitPause is how often what was learned is written down: some 300 bytes a device, on flash that wears out. An
	// hour of habits can be learned again. What was found is not, and so is written down within savePause.
	habitPause = time.Hour

	// shownOver is how long a finding stays with its device after its end: till the evening of the next day, when
	// somebody looks.
	shownOver = 24 * time.Hour
	// staleAfter is how long they are shown without a change: names come, and ends get old.
	staleAfter = time.Minute
	// shownFindings of one device are shown with it, the last ones; all are in the list of findings.
	shownFindings = 10
)

// detection is what looks for devices that go wild.
type detection struct {
	detector  *anomaly.Detector
	activeBuf []capture.Flow  // of a capture
	byCapture bool            // a capture is being shown, and judged in its own time
	actedOn   map[int64]acted // by finding
	byDevice  map[packet.MAC][]ui.Finding
	shownAt   time.Time // when these were made, of so many changes
	shownOf   uint64
	habitsAt  time.Time // when habits were written down
	unkept    bool      // something was found or done since
}

func newDetection(o Options, party func(packet.MAC, netip.Addr) string) detection {
	c := anomaly.Config{Devices: min(o.Devices, anomaly.DefaultDevices), Learning: o.Learning, Party: party}
	if !o.Recorded {
		c.Seed, c.Location = rand.Uint64(), time.Local
	}
	return detection{detector: anomaly.New(c), actedOn: map[int64]acted{}}
}

// watched shows the detector the flows on their way to somebody else.
func (h *home) watched(now time.Time, flows iter.Seq[*capture.Flow]) iter.Seq[*capture.Flow] {
	if h.byCapture {
		return flows
	}
	if h.accountant != nil {
		h.detector.Late(h.accountant.Late(now))
	}
	return func(yield func(*capture.Flow) bool) {
		for f := range flows {
			h.detector.Flow(now, f)
			if !yield(f) {
				return
			}
		}
	}
}

// judgeDevices has what happened in this second judged. It wants the devices as they are now.
func (h *home) judgeDevices(now time.Time) {
	if h.byCapture {
		return
	}
	news := h.detector.Tick(now, h.devsBuf)
	h.tellFindings(news)
	h.actOnFindings(now)
	h.showFindings(now)
	if h.habitsAt.IsZero() || now.Before(h.habitsAt) {
		h.habitsAt = now.Add(-savePause) // what is found is written down at once
	}
	h.unkept = h.unkept || len(news) > 0
	if pause := now.Sub(h.habitsAt); pause >= habitPause || h.unkept && pause >= savePause {
		h.keepHabits(now)
	}
}

// suspect has what a device did against its maker's description among the findings, as of now: it was thought about twice,
// and only what is new is acted on. Who knocks at it is no suspect.
func (h *home) suspect(b breach.Breach) {
	if b.Out {
		h.detector.Violation(h.now(), b.Device, b.Party, b.Words())
	}
}

// did is what a device was found to do, with its name.
func (h *home) did(f anomaly.Finding) say.Phrase { return say.New("did", h.nameOf(f.Device), f.Text) }

// tellFindings lets people know of new ones; of descriptions they are told elsewhere.
func (h *home) tellFindings(news []anomaly.Finding) {
	for _, f := range news {
		h.dirty = true
		if f.Kind != anomaly.MUD {
			h.event(events.Event{
				Kind: events.Finding, Severity: f.Severity.String(), Device: f.Device, Cause: string(f.Kind),
				Text: h.did(f),
			})
		}
	}
}

// showFindings sorts by device what is to be shown with it.
func (h *home) showFindings(now time.Time) {
	changes := h.detector.Changes()
	if age := now.Sub(h.shownAt); changes == h.shownOf && age >= 0 && age < staleAfter {
		return
	}
	h.byDevice, h.shownAt, h.shownOf = nil, now, changes
	for _, f := range slices.Backward(h.detector.Findings()) {
		if f.State == anomaly.Over && now.Sub(f.End) > shownOver || len(h.byDevice[f.Device]) == shownFindings {
			continue
		}
		if h.byDevice == nil {
			h.byDevice = map[packet.MAC][]ui.Finding{}
		}
		h.byDevice[f.Device] = append(h.byDevice[f.Device], h.uiFinding(&f))
	}
}

// findingsOf are those that are shown with a device, the newest first.
func (h *home) findingsOf(mac packet.MAC) []ui.Finding {
	return append([]ui.Finding{}, h.byDevice[mac]...)
}

// Findings implements ui.Backend.
func (h *home) Findings(ctx context.Context) (list []ui.Finding, err error) {
	err = h.do(ctx, func() { list = h.uiFindings(h.detector.Findings()) })
	return list, err
}
