package agent

import (
	"context"
	"sync/atomic"
	"time"

	"spinneret/capture"
	"spinneret/capture/history"
	"spinneret/capture/packet"
)

// handful is how many finished flows the loop hands in at a time, at about 2 µs each: others get their turn in between.
const handful = 512

// archive is the home's past. The store lies in a box with room for one: whoever takes it out has it alone and puts it
// back. So a question, which takes milliseconds, and a snapshot, which takes as long as its disk, are done by whoever
// wants them, and the loop waits for neither: it hands in what ended when it finds the store in the box. Until then
// that lies in the table's own bounded place, which counts what it has no room for.
type archive struct {
	storeC  chan *history.Store
	stores  atomic.Pointer[[]capture.Store] // as of the last time that it was put back
	changed atomic.Bool                     // since it was last written down
	erasure erasure
}

func newArchive(budget int) *archive {
	a := &archive{storeC: make(chan *history.Store, 1), erasure: erasure{wakeC: newMailbox[struct{}]()}}
	a.put(history.New(budget))
	return a
}

// take takes the store out; its taker puts it back.
func (a *archive) take(ctx context.Context) (*history.Store, error) {
	select {
	case s := <-a.storeC:
		return s, nil
	case <-ctx.Done():
		return nil, busy()
	}
}

func (a *archive) put(s *history.Store) {
	stores := s.Stores()
	a.stores.Store(&stores)
	a.storeC <- s
}

// collectFinished takes what ended out of the table, once the last lot is handed in.
func (h *home) collectFinished() {
	if len(h.finished) == 0 {
		h.finished = h.table.AppendFinished(nil)
	}
}

// handInC is ready when there is something to hand in and the store is in its box.
func (h *home) handInC() <-chan *history.Store {
	if len(h.finished) == 0 && len(h.corrections) == 0 {
		return nil
	}
	return h.archive.storeC
}

// handIn adds some of the finished flows to the store, and puts it back.
func (h *home) handIn(s *history.Store) {
	h.correct(s)
	n := min(len(h.finished), handful)
	h.add(s, h.finished[:n])
	h.archive.put(s)
	if h.finished = h.finished[n:]; len(h.finished) == 0 {
		h.finished = nil // it may have been large
	}
}

// correction is what to do about the flows that were kept while the clock was not set.
type correction struct {
	by   time.Duration
	sure bool // it is right from now on
}

// correct puts the times in the store right before anything is added that has the right ones already.
func (h *home) correct(s *history.Store) {
	for _, c := range h.corrections {
		s.Correct(c.by, c.sure)
		h.archive.changed.Store(true)
	}
	h.corrections = nil
}

func (h *home) add(s *history.Store, flows []capture.Flow) {
	for i := range flows {
		f := h.past(&flows[i])
		s.Add(&f)
	}
	h.archive.changed.Store(true)
}

// past is a finished flow with what is known of its ends now: later it may be forgotten, or be somebody else's.
func (h *home) past(f *capture.Flow) history.Flow {
	out := history.Flow{Flow: *f, Sure: h.clockSet}
	out.Ended = true
	for _, mac := range []*packet.MAC{&out.Device, &out.Peer} {
		if h.heard(*mac) == nil {
			*mac = packet.MAC{}
		}
	}
	if f.Remote.IsValid() {
		out.Name, out.NameSource, out.Owner, out.OwnerSource = h.farEnd(f)
	}
	return out
}

// endHistory is the last that the loop does. Without a file nobody can ask for the past any more.
func (h *home) endHistory() {
	defer close(h.endedC)
	h.keepHabits(h.now())
	h.profileHurry = true
	h.keepProfiles(h.now())
	if h.options.HistoryPath == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	h.endAll(ctx)
}

// endAll adds everything, and what goes on as well: for this program it ends now. It is for when nothing more can
// come.
func (h *home) endAll(ctx context.Context) {
	s, err := h.archive.take(ctx)
	if err != nil {
		h.log.Warn("the history lacks what was still going on: its store was in use", "err", err)
		return
	}
	h.correct(s)
	h.observeDevices(h.now())
	h.add(s, h.finished)
	h.add(s, h.table.AppendFinished(nil))
	h.add(s, h.table.AppendFlows(nil, nil))
	h.finished = nil
	h.table.KeepFinished(0)
	h.archive.put(s)
}
