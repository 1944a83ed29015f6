package agent

import (
	"context"
	"maps"
	"slices"
	"sort"
	"strconv"

	"spinneret/agent/decide"
	"spinneret/agent/events"
	"spinneret/anomaly"
	"spinneret/capture/packet"
	"spinneret/capture/say"
	"spinneret/ui"
)

// JudgeFinding implements ui.Backend. Where a device is held back for what is fine, it returns once the kernel let go.
// What the owner said survives an end right after the answer.
func (h *home) JudgeFinding(ctx context.Context, id int64, fine bool) (ui.Finding, error) {
	judged := new(ui.Finding) // the loop's, should it answer too late
	err := h.awaitDone(ctx, func(done func(error)) {
		f, ok := h.detector.Judge(id, fine)
		if !ok {
			done(ui.UnknownFinding(id))
			return
		}
		h.letBack(f, fine, func(err error) {
			if err != nil {
				h.detector.Judge(id, false) // nothing was changed, as the answer says
			}
			now := h.now()
			h.showFindings(now)
			h.keepHabits(now)
			h.dirty = true
			*judged = h.finding(id)
			done(problemOf(err))
		})
	})
	if err != nil {
		return ui.Finding{}, err
	}
	return *judged, nil
}

// finding is one of those there are.
func (h *home) finding(id int64) (out ui.Finding) {
	for _, f := range h.detector.Findings() {
		if f.ID == id {
			out = h.uiFinding(&f)
		}
	}
	return out
}

// letBack ends what was done by itself about a finding that is fine, and drops what was about to be done. What was done
// about others of the device stays. If the same goes on once the owner's word is taken back, the device is held back again.
func (h *home) letBack(f anomaly.Finding, fine bool, done func(error)) {
	was := h.doneAbout(f)
	if !fine || len(was) == 0 {
		done(nil)
		return
	}
	maps.DeleteFunc(h.actedOn, func(id int64, _ acted) bool { return was[id].Level != "" })
	var held, others bool
	h.submit(change{
		edit: func(b *decide.Book) {
			for _, a := range was {
				for _, mac := range a.devices() {
					held = len(b.Release(mac, decide.Anomaly)) > 0 || held
					if rest, some := h.forOthers(mac); some {
						b.Put(rest)
						others = true
					}
				}
			}
		},
		done: func(err error) {
			switch {
			case err != nil && !holds(err):
				if held {
					maps.Copy(h.actedOn, was)
				}
				done(err)
				return
			case held:
				h.tellLetBack(f, others)
			}
			done(nil)
		},
	})
}

func (h *home) tellLetBack(f anomaly.Finding, others bool) {
	key := "back.fine"
	if others {
		key = "stays"
	}
	h.event(events.Event{
		Kind: events.Release, Severity: events.Note, Device: f.Device, Cause: string(decide.Owner), Text: say.New(key, h.nameOf(f.Device), f.Text),
		Undo: &events.Undo{Method: "DELETE", Path: "/api/v1/findings/" + strconv.FormatInt(f.ID, 10)},
	})
}

// doneAbout is what holds a device back, or is about to, for a finding or for the same found again: the owner's word is
// about both.
func (h *home) doneAbout(f anomaly.Finding) map[int64]acted {
	was := map[int64]acted{}
	for _, x := range h.detector.Findings() {
		if a := h.actedOn[x.ID]; x.Device == f.Device && x.Kind == f.Kind && x.Party == f.Party && h.stands(a) {
			was[x.ID] = a
		}
	}
	return was
}

// stands reports whether what was done has not ended.
func (h *home) stands(a acted) bool { return a.Level != "" && !a.Over && !a.Expired(h.now()) }

// holdsFor reports whether a device is held back now for what was done.
func (h *home) holdsFor(a acted) bool {
	return h.stands(a) && slices.ContainsFunc(a.devices(), func(mac packet.MAC) bool {
		return slices.ContainsFunc(h.book.Of(mac), func(o decide.Order) bool { return o.Source == decide.Anomaly })
	})
}

// forOthers is all that holds a device back for findings now; false where nothing does.
func (h *home) forOthers(mac packet.MAC) (all decide.Order, some bool) {
	ids := slices.Collect(maps.Keys(h.actedOn))
	sort.Slice(ids, func(i, j int) bool { return ids[i] < ids[j] })
	for _, id := range ids {
		a := h.actedOn[id]
		if !slices.Contains(a.devices(), mac) || !h.holdsFor(a) {
			continue
		}
		if some {
			a.Order = atMost(decide.Together(a.Order, all))
		}
		all, some = a.Order, true
		all.MAC = mac
	}
	return all, some
}
