package registry

import (
	"bytes"
	"cmp"
	"net/netip"
	"slices"
	"sort"

	"spinneret/capture/packet"
)

// makeRoom evicts a device where the registry is full, and reports whether there is room. It never takes one that
// is still present, else devices would push each other out for ever under a flood of made-up MACs; nor one that
// the owner edited, nor one that is quarantined.
func (r *Registry) makeRoom(quarantined []packet.MAC) bool {
	if len(r.byMAC) < r.limit {
		return true
	}
	var oldest *record
	for _, rec := range r.order {
		kept := rec.present || rec.edited || slices.Contains(quarantined, rec.MAC)
		if !kept && (oldest == nil || rec.Last.Before(oldest.Last)) {
			oldest = rec
		}
	}
	if oldest == nil {
		return false
	}
	delete(r.byMAC, oldest.MAC)
	r.order = slices.DeleteFunc(r.order, func(rec *record) bool { return rec == oldest })
	r.evicted++
	return true
}

// remember keeps the present addresses among those ever used, and leaves out what has gone over to another device:
// deleting its connections would cut that one.
func (r *Registry) remember(rec *record) {
	// Present ones go too, to be put back at the end: those unused for longest make room.
	rec.ever = slices.DeleteFunc(rec.ever, func(a netip.Addr) bool { return r.byAddr[a] != nil })
	rec.ever = append(rec.ever, rec.Addresses...)
	if over := len(rec.ever) - maxEver; over > 0 {
		rec.ever = slices.Delete(rec.ever, 0, over)
	}
}

func (r *Registry) sort() {
	sort.Slice(r.order, func(i, j int) bool {
		a, b := r.order[i], r.order[j]
		return cmp.Or(a.First.Compare(b.First), bytes.Compare(a.MAC[:], b.MAC[:])) < 0
	})
}
