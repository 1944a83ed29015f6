package traffic

import (
	"iter"

	"spinneret/capture/keyed"
	"spinneret/capture/packet"
)

// shelves hold what devices have, up to a limit, each device's on a shelf of its own. Where there is no room, the
// device that has most loses the quarter that it used least recently: who speaks to everybody displaces its own. Keys
// are hashes that nobody outside can foresee. What was put is where it is until it goes.
type shelves[V any] struct {
	limit   int
	leave   func(v *V, displaced bool) // is told of each that goes, and whether that is for want of room
	evicted uint64

	byKey    keyed.Store[item[V]]
	byDevice map[packet.MAC]*shelf[V]
}

// shelf is what one device has, the most recently used first.
type shelf[V any] struct {
	device      packet.MAC
	first, last *item[V]
	size        int
}

type item[V any] struct {
	value        V
	shelf        *shelf[V] // nil: it goes
	newer, older *item[V]
}

func newShelves[V any](limit int, leave func(*V, bool)) *shelves[V] {
	return &shelves[V]{limit: limit, leave: leave, byDevice: map[packet.MAC]*shelf[V]{}}
}

// used is how much there is.
func (s *shelves[V]) used() int { return s.byKey.Used() }

// get finds a value, nil where there is none; used says that it is used now.
func (s *shelves[V]) get(key uint64, used bool) *V {
	it := s.byKey.Get(key)
	if it == nil {
		return nil
	}
	if used && it.newer != nil {
		it.shelf.unlink(it)
		it.shelf.link(it)
	}
	return &it.value
}

// put adds what is not there yet, as used now.
func (s *shelves[V]) put(device packet.MAC, key uint64, value V) *V {
	if s.used() >= s.limit {
		s.makeRoom()
	}
	on := s.byDevice[device]
	if on == nil {
		on = &shelf[V]{device: device}
		s.byDevice[device] = on
	}
	it := s.byKey.Add(key)
	it.value, it.shelf = value, on
	on.link(it)
	return &it.value
}

// link puts an item before all others of the shelf.
func (s *shelf[V]) link(it *item[V]) {
	it.newer, it.older = nil, s.first
	if s.first != nil {
		s.first.newer = it
	} else {
		s.last = it
	}
	s.first = it
	s.size++
}

func (s *shelf[V]) unlink(it *item[V]) {
	if it.newer != nil {
		it.newer.older = it.older
	} else {
		s.first = it.older
	}
	if it.older != nil {
		it.older.newer = it.newer
	} else {
		s.last = it.newer
	}
	s.size--
}

// roomShare is the part of the store that is made free at once, a 64th: looking for the fullest shelf is a look at all
// of them, and a flood of made-up MACs that each have little asked for it with every flow of each second.
const roomShare = 64

// makeRoom takes from the device that has most, and where that is little from all that have as much, and so on.
func (s *shelves[V]) makeRoom() {
	for wanted := max(s.limit/roomShare, 1); wanted > 0; {
		most := s.most()
		for _, on := range s.byDevice {
			if wanted > 0 && on.size == most {
				wanted -= s.takeFrom(on)
			}
		}
	}
	s.byKey.Sweep(func(it *item[V]) bool { return it.shelf == nil })
}

// most is how much the fullest shelf holds.
func (s *shelves[V]) most() (most int) {
	for _, on := range s.byDevice {
		most = max(most, on.size)
	}
	return most
}

// takeFrom empties a shelf of its least recently used quarter, and returns how many that were.
func (s *shelves[V]) takeFrom(on *shelf[V]) int {
	quarter := max(on.size/4, 1)
	for range quarter {
		s.unshelve(on.last, true)
	}
	s.evicted += uint64(quarter)
	return quarter
}

// keep forgets all but those that keep wants.
func (s *shelves[V]) keep(keep func(*V) bool) {
	s.byKey.Sweep(func(it *item[V]) bool {
		if keep(&it.value) {
			return false
		}
		s.unshelve(it, false)
		return true
	})
}

// unshelve takes what goes off its shelf. It is to be swept out of byKey.
func (s *shelves[V]) unshelve(it *item[V], displaced bool) {
	if it.shelf.unlink(it); it.shelf.size == 0 {
		delete(s.byDevice, it.shelf.device)
	}
	it.shelf = nil
	s.leave(&it.value, displaced)
}

// of gives what one device has, the most recently used first.
func (s *shelves[V]) of(device packet.MAC) iter.Seq[*V] {
	return func(yield func(*V) bool) {
		on := s.byDevice[device]
		if on == nil {
			return
		}
		for it := on.first; it != nil && yield(&it.value); it = it.older {
		}
	}
}

// all gives everything, in no order.
func (s *shelves[V]) all() iter.Seq[*V] {
	return func(yield func(*V) bool) {
		for it := range s.byKey.All() {
			if !yield(&it.value) {
				return
			}
		}
	}
}
