package agent

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"spinneret/agent/breach"
	"spinneret/agent/learned"
	"spinneret/capture"
	"spinneret/capture/history"
	"spinneret/capture/packet"
	"spinneret/ui"
)

// LearnMUD implements ui.Backend: a description of a device, of what it did.
func (h *home) LearnMUD(ctx context.Context, mac string) (out ui.LearnedMUD, err error) {
	var w learned.Watch
	_, err = h.onDevice(ctx, mac, false, func(m packet.MAC) error {
		w = h.watchOf(m)
		return nil
	})
	if err != nil {
		return out, err
	}
	if err := h.recall(ctx, &w); err != nil {
		return out, err
	}
	p, err := learned.Learn(w)
	if err != nil {
		return out, notLearned(err)
	}
	out = ui.LearnedMUD{File: p.File, Entries: p.Entries, Warnings: p.Warnings}
	if !w.Since.IsZero() {
		out.Since = ui.At(w.Since)
	}
	return out, nil
}

// watchOf is what the loop knows: what goes on, and since when the device is looked at.
func (h *home) watchOf(m packet.MAC) learned.Watch {
	d, _ := h.registry.Get(m)
	w := learned.Watch{MAC: m, Device: d.Name, Till: h.now()}
	if h.clockSet {
		w.Since = h.started
		if d.First.After(w.Since) {
			w.Since = d.First
		}
	}
	for _, f := range h.newest(m, time.Time{}) {
		name, _ := h.name(m, f.Remote)
		w.Uses = append(w.Uses, uses(m, &f, name)...)
	}
	return w
}

// recall adds what ended.
func (h *home) recall(ctx context.Context, w *learned.Watch) error {
	s, err := h.archive.take(ctx)
	if err != nil {
		return err
	}
	found, more := s.Find(history.Query{Device: w.MAC, Limit: history.MaxLimit})
	h.archive.put(s)
	w.More = more
	for i := range found {
		f := &found[i]
		w.Uses = append(w.Uses, uses(w.MAC, &f.Flow, f.Name)...)
		if f.Sure && f.First.Before(w.Since) {
			w.Since = f.First
		}
	}
	return nil
}

// uses is what a flow says of a device at either end; nothing where it was tried in vain.
func uses(m packet.MAC, f *capture.Flow, name string) []learned.Use {
	inVain := f.Protocol == packet.ProtoTCP && !f.Estimated && (f.RxPackets == 0 || f.TxPackets == 0)
	if inVain || !f.Remote.IsValid() && f.Protocol&capture.NoIP == 0 {
		return nil
	}
	u := learned.Use{
		Protocol: f.Protocol, Opened: f.Out, Port: f.Port, Remote: f.Remote, Name: name,
		Inside: f.Scope != capture.ScopeInternet, Router: f.Scope == capture.ScopeRouter,
		ICMP: f.ICMP,
	}
	if f.Device != m { // it is the other end of a flow inside the home
		u.Opened, u.Remote, u.Name = !f.Out, f.DeviceAddr, ""
	}
	return []learned.Use{u}
}

func notLearned(err error) error {
	if errors.Is(err, learned.ErrNothing) || errors.Is(err, learned.ErrTooMuch) {
		return &ui.Problem{Status: http.StatusConflict, Code: "unsupported", Title: "No description", Detail: err.Error()}
	}
	return err
}

// beyondFor is how long it is shown with whom a device did what it may not: as long as the traffic with a party is.
const beyondFor = time.Hour

// beyond is with whom a device did lately what its description does not allow.
func (h *home) beyond(m packet.MAC, now time.Time) []ui.Party {
	out := []ui.Party{}
	for _, p := range h.violations.book.Parties(m, now.Add(-beyondFor)) {
		out = append(out, uiParty(p))
	}
	return out
}

func uiParty(p breach.Party) ui.Party {
	return ui.Party{Owner: textOrNull(p.Owner), Peer: macText(p.Peer)}
}

// maxRecent is how many breaches of a description are listed with it.
const maxRecent = 20

// recentBreaches are what a device did lately that its description does not allow, the latest first.
func (h *home) recentBreaches(m packet.MAC) []ui.Violation {
	out := []ui.Violation{}
	list := h.violations.book.Of(m)
	for _, b := range slices.Clip(list[:min(len(list), maxRecent)]) {
		text := b.Sentence(h.nameOf(m))
		out = append(out, ui.Violation{
			Text: text.String(), Say: ui.Say(text.Array()), Count: b.Packets, First: h.wire(b.First), Last: h.wire(b.At),
			Party: uiParty(breach.Party{Owner: b.Owner, Peer: b.Peer}),
		})
	}
	return out
}
