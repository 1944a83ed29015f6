// Package keyed finds values by keys of 64 bits that nobody outside can foresee, as the hash of a tuple with a seed of our
// own, which takes an eighth of the room that the tuple would.
package keyed

import "iter"

// pieceItems is how many items are made room for at a time.
const pieceItems = 512

// Store holds values by key. They lie in the order of their coming: who asks for them in that order, as the kernel's
// dump of connections tells of them and our table of flows does, walks memory forwards and needs no look-up. As values of
// a map they take twice the room and the time (Go 1.26). Its zero value is empty; it is for one goroutine at a time.
type Store[V any] struct {
	slots  []int32 // numbers of items by key, plus one, 0 where free; a power of two, at most three quarters in use
	pieces []*[pieceItems]item[V]
	items  int     // that were ever in use at once
	free   []int32 // items not in use
	used   int
	next   int32 // the item after the last that was found
}

type item[V any] struct {
	key   uint64 // 0: not in use
	value V
}

// Used returns how many values there are.
func (s *Store[V]) Used() int { return s.used }

// Get returns the value with a key, nil where there is none. It is valid until it is taken out.
func (s *Store[V]) Get(key uint64) *V {
	key = max(key, 1)
	if int(s.next) < s.items {
		if it := s.at(s.next); it.key == key {
			s.next++
			return &it.value
		}
	}
	if s.used == 0 {
		return nil
	}
	n := s.slots[s.slot(key)]
	if n == 0 {
		return nil
	}
	s.next = n
	return &s.at(n - 1).value
}

// Add makes an empty value for a key that has none.
func (s *Store[V]) Add(key uint64) *V {
	if (s.used+1)*4 > len(s.slots)*3 {
		s.grow()
	}
	i := int32(s.items)
	if last := len(s.free) - 1; last >= 0 {
		i, s.free = s.free[last], s.free[:last]
	} else {
		if s.items++; s.items > len(s.pieces)*pieceItems {
			s.pieces = append(s.pieces, new([pieceItems]item[V]))
		}
	}
	it := s.at(i)
	it.key = max(key, 1)
	s.slots[s.slot(it.key)] = i + 1
	s.used++
	return &it.value
}

// Take takes out the value with a key.
func (s *Store[V]) Take(key uint64) (value V, ok bool) {
	v := s.Get(key)
	if v == nil {
		return value, false
	}
	value = *v
	s.drop(s.slot(max(key, 1)))
	return value, true
}

// All gives the values; none may be added or taken out meanwhile.
func (s *Store[V]) All() iter.Seq[*V] {
	return func(yield func(*V) bool) {
		for i := range int32(s.items) {
			if it := s.at(i); it.key != 0 && !yield(&it.value) {
				return
			}
		}
	}
}

// Sweep takes out the values that are gone.
func (s *Store[V]) Sweep(gone func(*V) bool) {
	for i := range int32(s.items) {
		if it := s.at(i); it.key != 0 && gone(&it.value) {
			s.drop(s.slot(it.key))
		}
	}
	s.next = 0
}

func (s *Store[V]) at(i int32) *item[V] { return &s.pieces[i/pieceItems][i%pieceItems] }

// slot is where a key is, or where it would be.
func (s *Store[V]) slot(key uint64) int {
	at := s.home(key)
	for s.slots[at] != 0 && s.at(s.slots[at]-1).key != key {
		at = s.after(at)
	}
	return at
}

func (s *Store[V]) home(key uint64) int { return int(key & uint64(len(s.slots)-1)) }

func (s *Store[V]) after(at int) int { return (at + 1) & (len(s.slots) - 1) }

func (s *Store[V]) grow() {
	before := s.slots
	s.slots = make([]int32, max(16, 2*len(before)))
	for _, n := range before {
		if n != 0 {
			s.slots[s.slot(s.at(n-1).key)] = n
		}
	}
}

// drop empties a slot and its item. It moves up what could not be where it belongs because of it (Knuth, The Art of
// Computer Programming, volume 3, section 6.4, algorithm R).
func (s *Store[V]) drop(at int) {
	i := s.slots[at] - 1
	for next := s.after(at); s.slots[next] != 0; next = s.after(next) {
		home := s.home(s.at(s.slots[next] - 1).key)
		if between := (next-home)&(len(s.slots)-1) < (next-at)&(len(s.slots)-1); between {
			continue // it belongs behind the hole
		}
		s.slots[at] = s.slots[next]
		at = next
	}
	s.slots[at] = 0
	*s.at(i) = item[V]{}
	s.free = append(s.free, i)
	s.used--
}
