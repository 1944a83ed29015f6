package capture

import "hash/maphash"

// index finds records by their key. It holds numbers of records only: a map would hold every key a second time, and
// takes about twenty times the room.
type index struct {
	seed    maphash.Seed
	slots   []int32 // number of a record plus one, 0 where free; a power of two, at most three quarters in use
	used    int
	orphans bool // it knows records by their key without the device
}

func newIndex(orphans bool) index {
	return index{seed: maphash.MakeSeed(), slots: make([]int32, 16), orphans: orphans}
}

// find returns the number of the record that has a key.
func (x *index) find(records []record, k *key) (i int32, ok bool) {
	i = x.slots[x.slot(records, k)] - 1
	return i, i != none
}

// slot is where a key is, or where it would be.
func (x *index) slot(records []record, k *key) int {
	at := x.home(k)
	for x.slots[at] != 0 && !x.same(&records[x.slots[at]-1].key, k) {
		at = x.next(at)
	}
	return at
}

func (x *index) same(a, b *key) bool {
	if x.orphans {
		return a.orphan() == b.orphan()
	}
	return *a == *b
}

func (x *index) home(k *key) int {
	known := *k
	if x.orphans {
		known = k.orphan()
	}
	return int(maphash.Comparable(x.seed, known) & uint64(len(x.slots)-1))
}

func (x *index) next(at int) int { return (at + 1) & (len(x.slots) - 1) }

// add notes a record under the key that it has; no other must have it.
func (x *index) add(records []record, i int32) {
	if (x.used+1)*4 > len(x.slots)*3 {
		x.grow(records)
	}
	x.slots[x.slot(records, &records[i].key)] = i + 1
	x.used++
}

func (x *index) grow(records []record) {
	before := x.slots
	x.slots = make([]int32, 2*len(before))
	for _, n := range before {
		if n != 0 {
			x.slots[x.slot(records, &records[n-1].key)] = n
		}
	}
}

// remove forgets a record, which must still have the key that it was added with. It moves up what could not be where
// it belongs because of it (Knuth, The Art of Computer Programming, volume 3, section 6.4, algorithm R).
func (x *index) remove(records []record, i int32) {
	at := x.slot(records, &records[i].key)
	for next := x.next(at); x.slots[next] != 0; next = x.next(next) {
		home := x.home(&records[x.slots[next]-1].key)
		if between := (next-home)&(len(x.slots)-1) < (next-at)&(len(x.slots)-1); between {
			continue // it belongs behind the hole
		}
		x.slots[at] = x.slots[next]
		at = next
	}
	x.slots[at] = 0
	x.used--
}
