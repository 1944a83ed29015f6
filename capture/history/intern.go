package history

import "hash/maphash"

// interner gives equal values one number, so that records refer to them in two or four bytes. Number 0 is the
// zero value, for ever. A number is free again when nothing refers to it.
//
// It has a hash table of its own, of numbers only: a map would hold every value a second time, and grows beyond
// twice its content while values come and go (Go 1.26).
type interner[T comparable] struct {
	seed    maphash.Seed
	slots   []uint32 // numbers by hash, 0 where free; a power of two, at most three quarters in use
	entries []entry[T]
	spare   []uint32
	used    int
	cost    func(T) int
	bytes   int // that values in use take, about
}

type entry[T comparable] struct {
	value T
	refs  uint32
}

func newInterner[T comparable](cost func(T) int) interner[T] {
	return interner[T]{seed: maphash.MakeSeed(), slots: make([]uint32, 16), entries: make([]entry[T], 1), cost: cost}
}

// ref returns the number of a value and counts one reference more.
func (n *interner[T]) ref(v T) uint32 {
	id, ok := n.find(v)
	if !ok {
		id = n.add(v)
	}
	n.again(id)
	return id
}

// again counts one reference more to a number.
func (n *interner[T]) again(id uint32) {
	if id != 0 {
		n.entries[id].refs++
	}
}

// find returns the number of a value; ok is false where nothing refers to it.
func (n *interner[T]) find(v T) (id uint32, ok bool) {
	if v == n.entries[0].value {
		return 0, true
	}
	id = n.slots[n.slot(v)]
	return id, id != 0
}

// slot is where a value is, or where it would be.
func (n *interner[T]) slot(v T) int {
	at := n.home(v)
	for n.slots[at] != 0 && n.entries[n.slots[at]].value != v {
		at = n.next(at)
	}
	return at
}

func (n *interner[T]) home(v T) int {
	return int(maphash.Comparable(n.seed, v) & uint64(len(n.slots)-1))
}

func (n *interner[T]) next(at int) int { return (at + 1) & (len(n.slots) - 1) }

func (n *interner[T]) add(v T) uint32 {
	if (n.used+1)*4 > len(n.slots)*3 {
		n.grow()
	}
	id := uint32(len(n.entries))
	if last := len(n.spare) - 1; last >= 0 {
		id, n.spare = n.spare[last], n.spare[:last]
		n.entries[id].value = v
	} else {
		n.entries = append(n.entries, entry[T]{value: v})
	}
	n.slots[n.slot(v)] = id
	n.used++
	n.bytes += n.cost(v)
	return id
}

func (n *interner[T]) grow() {
	before := n.slots
	n.slots = make([]uint32, 2*len(before))
	for _, id := range before {
		if id != 0 {
			n.slots[n.slot(n.entries[id].value)] = id
		}
	}
}

// unref counts one reference less.
func (n *interner[T]) unref(id uint32) {
	if id == 0 {
		return
	}
	e := &n.entries[id]
	if e.refs--; e.refs > 0 {
		return
	}
	n.free(n.slot(e.value))
	n.used--
	n.bytes -= n.cost(e.value)
	*e = entry[T]{}
	n.spare = append(n.spare, id)
}

// free empties a slot, and moves up what could not be where it belongs because of it (Knuth, The Art of Computer
// Programming, volume 3, section 6.4, algorithm R).
func (n *interner[T]) free(at int) {
	for next := n.next(at); n.slots[next] != 0; next = n.next(next) {
		home := n.home(n.entries[n.slots[next]].value)
		if between := (next-home)&(len(n.slots)-1) < (next-at)&(len(n.slots)-1); between {
			continue // it belongs behind the hole
		}
		n.slots[at] = n.slots[next]
		at = next
	}
	n.slots[at] = 0
}

// full reports whether there are no more than a few numbers left below a limit.
func (n *interner[T]) full(limit int) bool { return n.used >= limit-2 }

func (n *interner[T]) value(id uint32) T { return n.entries[id].value }

type mac = [6]byte

// maxMACs is what two bytes can number.
const maxMACs = 1 << 16

// addr is an address without pointers, so that the collector has less to look at.
type addr struct {
	bytes  [16]byte
	family uint8
}

// label is a name with how it is known.
type label struct{ text, source string }

// maxText is beyond any name of the DNS.
const maxText = 1024

func labelOf(text, source string) label {
	return label{text[:min(len(text), maxText)], source[:min(len(source), maxText)]}
}

// What a value takes, with its slots and the room that slices grow in advance: see TestTheBudgetHolds.
func macCost(mac) int { return 44 }

func addrCost(addr) int { return 72 }

func labelCost(l label) int { return 110 + len(l.text) }
