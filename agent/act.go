package agent

import (
	"slices"
	"time"

	"spinneret/agent/decide"
	"spinneret/agent/events"
	"spinneret/agent/registry"
	"spinneret/anomaly"
	"spinneret/capture/packet"
	"spinneret/capture/say"
)

const (
	// classSingle is what settings call a device of one purpose.
	classSingle = "single"

	// maxActed devices are held back for findings within actedWindow: where more go wild at once, it is more likely that
	// we are wrong, and a home must not lose its internet for that.
	maxActed    = 4
	actedWindow = time.Hour

	// maxStopped targets of one device are stopped for findings: those of the last ones.
	maxStopped = 16

	// lately is how old the last sign of a finding may be for anything to be done about it: a connection is told of up
	// to two seconds after it began, and later by as much as a busy machine is late.
	lately = 4 * time.Second
)

// acted is what was done about a finding, so that it is done once: who lets the device back in meant it.
type acted struct {
	decide.Order              // without a level: nothing was done, and that was told
	Over         bool         // the owner let the device back in
	Heirs        []packet.MAC `json:",omitempty"` // by which the device came back since, held back as before
}

// devices are the MACs that are held back.
func (a acted) devices() []packet.MAC { return append([]packet.MAC{a.MAC}, a.Heirs...) }

// without is what stays done when one MAC is held back no more.
func (a acted) without(mac packet.MAC) acted {
	rest := slices.DeleteFunc(a.devices(), func(m packet.MAC) bool { return m == mac })
	if len(rest) == 0 {
		a.Over = true
		return a
	}
	a.MAC, a.Heirs = rest[0], rest[1:]
	return a
}

// actOnFindings does what the owner wants done about what goes on now.
func (h *home) actOnFindings(now time.Time) {
	if h.enforcer == nil || len(h.options.Actions) == 0 && !h.registry.Acts() {
		return
	}
	findings := h.detector.Findings()
	for id, a := range h.actedOn {
		if now.Sub(a.Since) > actedWindow && now.After(a.Until) {
			delete(h.actedOn, id)
		}
	}
	for i := range findings {
		f := &findings[i]
		if done, ok := h.actedOn[f.ID]; f.State != anomaly.Open || now.Sub(f.Last) > lately || ok && !done.Expired(now) {
			continue
		}
		h.actOn(f, now)
	}
}

func (h *home) actOn(f *anomaly.Finding, now time.Time) {
	d, known := h.registry.Get(f.Device)
	if !known || h.isRouter(f.Device) || len(h.queue) >= commandQueue {
		return
	}
	level, length := decide.Act(h.options.Actions, h.whatIsKnown(f, d))
	switch {
	case level == decide.Tell:
		return
	case level == "internet" && h.accessPoint():
		h.refrain(f, now, say.Plain("this machine only bridges, so that level internet is nothing it can do: use flow or full here"))
		return
	case h.actedOnOthers(f.Device) >= maxActed:
		h.refrain(f, now, say.New("refrain.many", maxActed))
		return
	}
	o := decide.Order{
		MAC: f.Device, Level: level, Source: decide.Anomaly, Why: say.New("did", d.Name, f.Text), Since: now, Until: now.Add(length), Unsure: !h.clockSet,
	}
	if level == "flow" {
		o.To = f.To
	}
	h.actedOn[f.ID] = acted{Order: o}
	h.holdBack(o, f.ID)
}

// refrain tells, once an hour while it goes on, that the owner's wish is not followed, and why.
func (h *home) refrain(f *anomaly.Finding, now time.Time, why say.Phrase) {
	if done, ok := h.actedOn[f.ID]; ok && done.Level == "" {
		return
	}
	h.actedOn[f.ID] = acted{Order: decide.Order{MAC: f.Device, Since: now, Until: now}}
	h.event(events.Event{
		Kind: events.Finding, Severity: events.Warning, Device: f.Device, Cause: string(f.Kind),
		Text: say.New("refrain", h.nameOf(f.Device), why),
	})
}

func (h *home) whatIsKnown(f *anomaly.Finding, d registry.Device) decide.Finding {
	facts := decide.Finding{
		Device: f.Device, Kind: string(f.Kind), Severity: int(f.Severity), Trusted: d.Trusted, OnDevice: d.OnFinding, To: f.To,
	}
	k, _ := h.detector.Knows(f.Device)
	facts.Learning = f.Learning || k.Learning
	if k.Single {
		facts.Classes = append(facts.Classes, classSingle)
	}
	if d.Kind != "" {
		facts.Classes = append(facts.Classes, d.Kind)
	}
	facts.HeldPage = h.logins != nil && h.logins.HeldOwner(f.Device.String())
	return facts
}

// actedOnOthers counts the other devices that something was done about within the hour.
func (h *home) actedOnOthers(mac packet.MAC) int {
	others := map[packet.MAC]bool{}
	for _, a := range h.actedOn {
		if a.MAC != mac && a.Level != "" {
			others[a.MAC] = true
		}
	}
	return len(others)
}

// holdBack puts an order in force, together with what is in force for other findings of the device. The owner may say that
// it is fine before its turn comes.
func (h *home) holdBack(o decide.Order, finding int64) {
	wanted := false
	h.submit(change{
		edit: func(b *decide.Book) {
			if wanted = h.stands(h.actedOn[finding]); !wanted {
				return
			}
			for _, before := range b.Of(o.MAC) {
				if before.Source == decide.Anomaly {
					o = atMost(decide.Together(o, before))
				}
			}
			b.Put(o)
		},
		done: func(err error) {
			if !wanted {
				return
			}
			if err != nil && !holds(err) {
				delete(h.actedOn, finding) // tried again while it goes on
				return
			}
			h.unkept = true
			undo := h.undoQuarantine(o.MAC)
			undo.Path += "?source=" + string(decide.Anomaly)
			h.event(events.Event{
				Kind: events.Quarantine, Severity: events.Warning, Device: o.MAC, Cause: string(decide.Anomaly), Undo: undo,
				Text: say.New("wild."+o.Level, h.nameOf(o.MAC), say.Clock(o.Until), o.Why),
			})
		},
	})
}

// atMost leaves an order no more targets than are stopped of one device.
func atMost(o decide.Order) decide.Order {
	o.To = o.To[:min(len(o.To), maxStopped)]
	return o
}
