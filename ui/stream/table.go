package stream

import (
	"slices"
	"time"
)

// Tombstones: how long a client may be away and still learn what went meanwhile, and how many are kept of a kind.
const (
	graveAge = 10 * time.Minute
	maxGrave = 8192
)

// table holds the things of one kind with the number of the change that each was last part of. What a client
// misses is what changed after the last number it has: sending less often, waiting for a slow client and coming
// back after a break are all the same question.
type table[K comparable, V any] struct {
	items  []item[K, V]
	places map[K]int32 // in items
	next   int         // place of what is likely asked for: a publisher tells of things in the same order each time
	graves []grave[K]  // oldest first
	buried map[K]bool  // the keys of graves
	round  uint32
}

type item[K comparable, V any] struct {
	key     K
	round   uint32
	changed uint64
	value   V
}

type grave[K comparable] struct {
	key K
	seq uint64
	at  time.Time
}

func newTable[K comparable, V any]() table[K, V] {
	return table[K, V]{places: map[K]int32{}, buried: map[K]bool{}}
}

// begin starts a round: what is not touched until sweep is gone.
func (t *table[K, V]) begin() { t.round, t.next = t.round+1, 0 }

// touch finds or makes the item of a key; made says which. It is valid until the next one is made.
func (t *table[K, V]) touch(key K) (i *item[K, V], made bool) {
	at := t.next
	if at >= len(t.items) || t.items[at].key != key {
		place, known := t.places[key]
		if !known {
			place, made = int32(len(t.items)), true
			t.items, t.places[key] = append(t.items, item[K, V]{key: key}), place
			t.exhume(key)
		}
		at = int(place)
	}
	t.next = at + 1
	t.items[at].round = t.round
	return &t.items[at], made
}

// exhume takes back the tombstone of a key that is there again.
func (t *table[K, V]) exhume(key K) {
	if t.buried[key] {
		delete(t.buried, key)
		t.graves = slices.DeleteFunc(t.graves, func(g grave[K]) bool { return g.key == key })
	}
}

// sweep buries what the round did not touch, and reports whether there was any.
func (t *table[K, V]) sweep(seq uint64, now time.Time) bool {
	before := len(t.items)
	for at := before - 1; at >= 0; at-- {
		if t.items[at].round == t.round {
			continue
		}
		key := t.items[at].key
		t.buried[key] = true
		t.graves = append(t.graves, grave[K]{key, seq, now})
		t.drop(at)
	}
	return len(t.items) < before
}

// drop takes out the item at a place, which the last one takes.
func (t *table[K, V]) drop(at int) {
	last := len(t.items) - 1
	delete(t.places, t.items[at].key)
	if at < last {
		t.items[at] = t.items[last]
		t.places[t.items[at].key] = int32(at)
	}
	t.items[last] = item[K, V]{}
	t.items = t.items[:last]
}

// forget drops old tombstones and returns the highest number among them: a client that has no more than it can no
// longer be told what went.
func (t *table[K, V]) forget(now time.Time) uint64 {
	n := max(0, len(t.graves)-maxGrave)
	for n < len(t.graves) && now.Sub(t.graves[n].at) > graveAge {
		n++
	}
	if n == 0 {
		return 0
	}
	for _, g := range t.graves[:n] {
		delete(t.buried, g.key)
	}
	last := t.graves[n-1].seq
	t.graves = t.graves[n:]
	return last
}

// since lists what changed after seq.
func (t *table[K, V]) since(seq uint64) []item[K, V] {
	n := 0
	for i := range t.items {
		if t.items[i].changed > seq {
			n++
		}
	}
	list := make([]item[K, V], 0, n)
	for i := range t.items {
		if t.items[i].changed > seq {
			list = append(list, t.items[i])
		}
	}
	return list
}

// gone lists the keys of what went after seq.
func (t *table[K, V]) gone(seq uint64) []K {
	keys := []K{}
	for _, g := range t.graves {
		if g.seq > seq {
			keys = append(keys, g.key)
		}
	}
	return keys
}

// number is what clients know a device or an owner by.
type number uint32

// pairKey is a device and an owner, as the stream writes them.
type pairKey [2]number
