package firewall

import (
	"bytes"
	"net/netip"
	"slices"
	"sort"
	"time"

	"github.com/google/nftables"
)

// learned are addresses of domain names that devices were told, each with its end; the zero time is none.
type learned map[string]map[netip.Addr]time.Time

// Limits of what Learn takes.
const (
	maxLearned = 256   // addresses of a name
	maxAll     = 16384 // of all names together, beside minLearned of each
	minLearned = 8
	maxFor     = 30 * 24 * time.Hour // the kernel counts in milliseconds, and forgets with a restart anyway
)

// learn notes addresses; those of a full name that end first make room. It says whether it changed any, and
// whether it did more than add.
func (n learned) learn(name string, addrs []Address, now time.Time) (changed, again bool) {
	of := n[name]
	if of == nil {
		of = map[netip.Addr]time.Time{}
		n[name] = of
	}
	for _, a := range addrs {
		addr, end := a.Addr.Unmap().WithZone(""), time.Time{}
		if a.For > 0 {
			end = now.Add(min(a.For, maxFor))
		}
		before, known := of[addr]
		if known && (before.IsZero() || !end.IsZero() && !end.After(before)) {
			continue // it lasts long enough already
		}
		full := !known && (len(of) >= maxLearned || len(of) >= minLearned && n.total() >= maxAll)
		if full {
			delete(of, firstToEnd(of))
		}
		changed, again = true, again || known || full
		of[addr] = end
	}
	return changed, again
}

func (n learned) total() (total int) {
	for _, of := range n {
		total += len(of)
	}
	return total
}

func firstToEnd(of map[netip.Addr]time.Time) (first netip.Addr) {
	for a, end := range of {
		switch best := of[first]; {
		case !first.IsValid(), !end.IsZero() && (best.IsZero() || end.Before(best)):
			first = a
		}
	}
	return first
}

// keep forgets what has ended, and names that nobody asks for.
func (n learned) keep(wanted map[string]bool, now time.Time) {
	for name, of := range n {
		for a, end := range of {
			if !end.IsZero() && !end.After(now) {
				delete(of, a)
			}
		}
		if !wanted[name] || len(of) == 0 {
			delete(n, name)
		}
	}
}

// elements are those of a name's set: the spans, for ever, and what was learned.
func (n learned) elements(name string, spans []area, v6 bool, now time.Time) []nftables.SetElement {
	var out []nftables.SetElement
	for _, a := range spans {
		out = append(out, nftables.SetElement{Key: a.lo.AsSlice()})
	}
	for a, end := range n[name] {
		known := slices.ContainsFunc(spans, func(s area) bool { return s.lo == a })
		if a.Is4() == v6 || known || !end.IsZero() && !end.After(now) {
			continue
		}
		e := nftables.SetElement{Key: a.AsSlice()}
		if !end.IsZero() {
			e.Timeout = max(end.Sub(now).Truncate(time.Millisecond), time.Millisecond)
		}
		out = append(out, e)
	}
	sortElements(out)
	return out
}

func sortElements(list []nftables.SetElement) {
	sort.Slice(list, func(i, j int) bool { return bytes.Compare(list[i].Key, list[j].Key) < 0 })
}
