package firewall

import (
	"net/netip"
	"slices"
)

// area is a range of addresses with a range of numbers: of ports, protocols or ICMP types.
type area struct {
	lo, hi      netip.Addr
	first, last uint16
}

// claim is an area that one quarantine, by its index, asks for.
type claim struct {
	area
	by int
}

// piece is an area that the same quarantines ask for, all over it.
type piece struct {
	area
	by []int // sorted
}

// disjoint cuts claims, all of one address family, into pieces that share nothing: the kernel refuses a set
// whose intervals overlap, and with it the whole transaction. Together they cover just what the claims cover.
// It looks at the claims from one address to the next at which one begins or ends, and at each such strip from
// one number to the next; strips side by side that look the same are one.
func disjoint(claims []claim) []piece {
	var out []piece
	var before []piece // those of the strip before
	for _, start := range starts(claims) {
		strip := numbers(claims, start)
		if sameStrip(before, strip) && before[0].hi.Next() == strip[0].lo {
			for i := range before {
				before[i].hi = strip[i].hi
			}
			continue
		}
		out = append(out, before...)
		before = strip
	}
	return append(out, before...)
}

// starts are the addresses at which a strip begins, sorted.
func starts(claims []claim) []netip.Addr {
	var out []netip.Addr
	for _, c := range claims {
		out = append(out, c.lo)
		if after := c.hi.Next(); after.IsValid() { // there is none after the last
			out = append(out, after)
		}
	}
	slices.SortFunc(out, netip.Addr.Compare)
	return slices.Compact(out)
}

// numbers cuts the claims on the strip that begins at start by their numbers.
func numbers(claims []claim, start netip.Addr) []piece {
	var here []claim
	var end netip.Addr
	ends := func(at netip.Addr) {
		if at.IsValid() && !at.Less(start) && (!end.IsValid() || at.Less(end)) {
			end = at
		}
	}
	for _, c := range claims {
		ends(c.hi)
		if start.Less(c.lo) {
			ends(c.lo.Prev())
		} else if !c.hi.Less(start) {
			here = append(here, c)
		}
	}
	var out []piece
	for _, first := range firsts(here) {
		p := atNumber(here, uint16(first))
		if len(p.by) == 0 {
			continue
		}
		p.lo, p.hi = start, end
		if n := len(out); n > 0 && int(out[n-1].last)+1 == first && slices.Equal(out[n-1].by, p.by) {
			out[n-1].last = p.last
			continue
		}
		out = append(out, p)
	}
	return out
}

// firsts are the numbers at which a piece begins, sorted.
func firsts(claims []claim) []int {
	var out []int
	for _, c := range claims {
		out = append(out, int(c.first))
		if c.last < 65535 {
			out = append(out, int(c.last)+1)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// atNumber is the piece that begins at a number.
func atNumber(claims []claim, first uint16) piece {
	p := piece{area: area{first: first, last: 65535}}
	for _, c := range claims {
		switch {
		case first < c.first:
			p.last = min(p.last, c.first-1)
		case first <= c.last:
			p.last = min(p.last, c.last)
			p.by = append(p.by, c.by)
		}
	}
	slices.Sort(p.by)
	p.by = slices.Compact(p.by)
	return p
}

func sameStrip(a, b []piece) bool {
	return len(a) > 0 && slices.EqualFunc(a, b, func(p, q piece) bool {
		return p.first == q.first && p.last == q.last && slices.Equal(p.by, q.by)
	})
}
