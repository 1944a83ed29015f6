package stream

import (
	"cmp"
	"slices"
	"sort"
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
	items  map[K]*item[V]
	graves []grave[K] // oldest first
	buried map[K]bool // the keys of graves
	round  uint64
}

type item[V any] struct {
	value   V
	changed uint64
	round   uint64
}

type grave[K comparable] struct {
	key K
	seq uint64
	at  time.Time
}

func newTable[K comparable, V any]() table[K, V] {
	return table[K, V]{items: map[K]*item[V]{}, buried: map[K]bool{}}
}

// begin starts a round: what is not touched until sweep is gone.
func (t *table[K, V]) begin() { t.round++ }

// touch finds or makes the item of a key; made says which.
func (t *table[K, V]) touch(key K) (i *item[V], made bool) {
	i = t.items[key]
	if i == nil {
		i, made = &item[V]{}, true
		t.items[key] = i
		t.exhume(key)
	}
	i.round = t.round
	return i, made
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
	any := false
	for key, i := range t.items {
		if i.round != t.round {
			delete(t.items, key)
			t.buried[key] = true
			t.graves = append(t.graves, grave[K]{key, seq, now})
			any = true
		}
	}
	return any
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

// since lists the keys of what changed after seq, in order.
func (t *table[K, V]) since(seq uint64, compare func(a, b K) int) []K {
	var keys []K
	for key, i := range t.items {
		if i.changed > seq {
			keys = append(keys, key)
		}
	}
	sort.Slice(keys, func(i, j int) bool { return compare(keys[i], keys[j]) < 0 })
	return keys
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

// pairKey is a device and an owner, as the stream writes them.
type pairKey [2]int

func comparePairs(a, b pairKey) int {
	return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]))
}
