package agent

import (
	"context"
	"net/netip"
	"time"

	"spinneret/anomaly"
	"spinneret/capture"
	"spinneret/capture/owner"
	"spinneret/capture/packet"
	"spinneret/ui"
)

// party is who is behind an address on the internet, as a device knows it.
func (h *home) party(device packet.MAC, addr netip.Addr) string {
	name, _ := h.name(device, addr)
	who, _ := owner.Of(name, addr)
	return who
}

// observers are the ears, and the detector.
func (h *home) observers() []capture.Observer {
	return append(h.ears.observers(), h.detector.Packet)
}

// uiFinding writes a finding as the contract has it.
func (h *home) uiFinding(f *anomaly.Finding) ui.Finding {
	text := h.did(*f)
	out := ui.Finding{
		ID: f.ID, Device: f.Device.String(), Kind: string(f.Kind), Severity: f.Severity.String(), Party: f.Party,
		Text: text.String(), Say: ui.Say(text.Array()), Start: h.wire(f.Start), Found: h.wire(f.Found), End: h.wire(f.End),
		Flows: make([]ui.Flow, len(f.Flows)), Sources: make([]string, len(f.Sources)), State: string(f.State),
	}
	if a := h.actedOn[f.ID]; h.holdsFor(a) {
		out.HeldBack = &a.Level
	}
	for i, a := range f.Sources {
		out.Sources[i] = a.String()
	}
	for i := range f.Flows {
		out.Flows[i] = h.uiFlow(h.sinceThen(f.Flows[i]))
	}
	return out
}

// sinceThen is a flow that shows a finding, with what became of it: the table forgets those that are over.
func (h *home) sinceThen(f capture.Flow) *capture.Flow {
	now, ok := h.table.Lookup(&f)
	f.Ended = !ok || now.Ended
	if now.Last.After(f.Last) {
		f.Last = now.Last
	}
	return &f
}

// uiFindings are all of them, or those of one device that last.
func (h *home) uiFindings(list []anomaly.Finding) []ui.Finding {
	out := make([]ui.Finding, len(list))
	for i := range list {
		out[i] = h.uiFinding(&list[i])
	}
	return out
}

const (
	// captureTick is how often a capture is judged, in its own time.
	captureTick = time.Second
	// quietTicks are those in a silence before the rest of it is skipped: in them comes out what was not answered.
	quietTicks = 5
)

// everySecond calls first with the time of the first packet, then judge as their time goes on. It must see each packet
// before the detector does.
func everySecond(first, judge func(time.Time)) capture.Observer {
	var next time.Time
	return func(p *packet.Packet, _, _ packet.MAC) {
		if next.IsZero() {
			first(p.Time)
			next = p.Time.Add(captureTick)
		}
		for ticks := 0; !p.Time.Before(next); next = next.Add(captureTick) {
			if ticks++; ticks > quietTicks {
				next = p.Time
				continue
			}
			judge(next)
		}
	}
}

// judgeSecond judges a second of a capture that nobody watches, and brings the registry up to date, so that rates are
// those of the capture.
func (h *home) judgeSecond(now time.Time) {
	h.observeDevices(now)
	h.judgeCapture(now)
}

// judgeShown has the loop judge a second of a capture that is shown: played fast, many of them fall between two of its
// own looks.
func (h *home) judgeShown(ctx context.Context) func(time.Time) {
	return func(now time.Time) {
		_ = h.do(ctx, func() { // fails where all ends
			h.observeDevices(h.now())
			h.tellFindings(h.judgeCapture(now))
			h.showFindings(h.now())
		})
	}
}

// judgeCapture shows the detector what the table holds at a moment, and returns what is new.
func (h *home) judgeCapture(now time.Time) []anomaly.Finding {
	h.activeBuf = h.table.AppendActive(h.activeBuf[:0], now.Add(-quietTicks*captureTick))
	return h.detector.Observe(now, h.devsBuf, func(yield func(*capture.Flow) bool) {
		for i := range h.activeBuf {
			if !yield(&h.activeBuf[i]) {
				return
			}
		}
	})
}

// endCapture lets come out what the last packets began.
func (h *home) endCapture(end time.Time) {
	for i := range quietTicks {
		h.judgeCapture(end.Add(time.Duration(i+1) * captureTick))
	}
}
