package capture

import "slices"

// finished holds flows that left the table until somebody takes them.
type finished struct {
	limit   int // 0: nobody will
	records []record
	missed  uint64
}

// KeepFinished keeps up to limit flows that left the table, because they were idle or displaced, for
// AppendFinished. Without it none are kept.
func (t *Table) KeepFinished(limit int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.finished.limit = limit
}

// AppendFinished appends the flows that left the table since it was last called, in the order in which they
// did, and forgets them. Flows without a packet are left out: nothing came of them.
func (t *Table) AppendFinished(dst []Flow) []Flow {
	t.mu.Lock()
	defer t.mu.Unlock()
	dst = slices.Grow(dst, len(t.finished.records))
	for i := range t.finished.records {
		dst = append(dst, t.finished.records[i].flow())
	}
	t.finished.clear()
	return dst
}

// fewFinished are what a home ends in a second and more.
const fewFinished = 256

// clear keeps little room for the next: what all flows at once took must not be held for ever.
func (f *finished) clear() {
	if f.records = f.records[:0]; cap(f.records) > 2*fewFinished {
		f.records = make([]record, 0, fewFinished)
	}
}

func (f *finished) keep(r *record) {
	switch {
	case f.limit == 0 || r.txPackets|r.rxPackets == 0 || r.hidden():
	case len(f.records) >= f.limit:
		f.missed++
	default:
		f.records = append(f.records, *r)
		f.records[len(f.records)-1].state |= ended
	}
}

// finish takes a flow out of the table for good.
func (t *Table) finish(i int32) {
	t.finished.keep(&t.records[i])
	t.remove(i)
}
