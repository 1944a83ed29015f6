package firewall

import (
	"bytes"
	"slices"
	"time"

	"github.com/google/nftables"
)

// endDrift is by how much the end of an element in the kernel may differ from what it should be: the kernel
// counts in jiffies, and a transaction takes its time.
const endDrift = 50 * time.Millisecond

// keepSets marks the sets of tables that the kernel holds as they are to be, as it was told before: flushing
// and filling sets of intervals is what takes long. Nobody else may have touched them since. The ends of their
// elements come nearer by themselves; where the clock was set meanwhile they no longer fit, and the set is
// filled anew. Both lists have one shape.
func keepSets(tables, before []table, now time.Time) {
	for i := range tables {
		for j := range tables[i].sets {
			s, old := &tables[i].sets[j], before[i].sets[j]
			if s.refilled && s.sameAs(old, now.Sub(old.filled)) {
				s.elements, s.filled, s.kept = old.elements, old.filled, true
			}
		}
	}
}

// sameAs says whether s is what old has become after some time.
func (s set) sameAs(old set, elapsed time.Duration) bool {
	if len(s.elements) != len(old.elements) || !slices.EqualFunc(s.owners, old.owners, slices.Equal) {
		return false
	}
	for i, e := range s.elements {
		o := old.elements[i]
		if !bytes.Equal(e.Key, o.Key) || !bytes.Equal(e.KeyEnd, o.KeyEnd) || e.Comment != o.Comment || !sameVerdict(e, o) {
			return false
		}
		if drift := e.Timeout + elapsed - o.Timeout; (e.Timeout == 0) != (o.Timeout == 0) || e.Timeout > 0 && drift.Abs() > endDrift {
			return false
		}
	}
	return true
}

func sameVerdict(a, b nftables.SetElement) bool {
	if a.VerdictData == nil || b.VerdictData == nil {
		return a.VerdictData == b.VerdictData
	}
	return *a.VerdictData == *b.VerdictData
}

// filledAt notes when the sets that are not kept come to the kernel.
func filledAt(tables []table, now time.Time) {
	for i := range tables {
		for j := range tables[i].sets {
			if s := &tables[i].sets[j]; !s.kept {
				s.filled = now
			}
		}
	}
}
