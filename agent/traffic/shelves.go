package traffic

import (
	"container/list"

	"spinneret/capture/packet"
)

// shelves hold what devices have, up to a limit, each device's on a shelf of its own. Where there is no room, the
// device that has most loses the quarter that it used least recently: who speaks to everybody displaces its own.
type shelves[K comparable, V any] struct {
	limit   int
	leave   func(v V, displaced bool) // is told of each that goes, and whether that is for want of room
	evicted uint64

	byKey    map[K]*list.Element // of *item[K, V]
	byDevice map[packet.MAC]*list.List
}

type item[K comparable, V any] struct {
	key    K
	device packet.MAC
	value  V
}

func newShelves[K comparable, V any](limit int, leave func(V, bool)) *shelves[K, V] {
	return &shelves[K, V]{limit: limit, leave: leave, byKey: map[K]*list.Element{}, byDevice: map[packet.MAC]*list.List{}}
}

// get finds a value; used says that it is used now.
func (s *shelves[K, V]) get(key K, used bool) (value V, ok bool) {
	e := s.byKey[key]
	if e == nil {
		return value, false
	}
	it := e.Value.(*item[K, V])
	if used {
		s.byDevice[it.device].MoveToFront(e)
	}
	return it.value, true
}

// put adds what is not there yet, as used now.
func (s *shelves[K, V]) put(device packet.MAC, key K, value V) {
	if len(s.byKey) >= s.limit {
		s.makeRoom()
	}
	shelf := s.byDevice[device]
	if shelf == nil {
		shelf = list.New()
		s.byDevice[device] = shelf
	}
	s.byKey[key] = shelf.PushFront(&item[K, V]{key, device, value})
}

// roomShare is the part of the store that is made free at once, a 64th: looking for the fullest shelf is a look at all
// of them, and a flood of made-up MACs that each have little asked for it with every flow of each second.
const roomShare = 64

// makeRoom takes from the device that has most, and where that is little from all that have as much, and so on.
func (s *shelves[K, V]) makeRoom() {
	for wanted := max(s.limit/roomShare, 1); wanted > 0; {
		most := s.most()
		for _, shelf := range s.byDevice {
			if wanted > 0 && shelf.Len() == most {
				wanted -= s.takeFrom(shelf)
			}
		}
	}
}

// most is how much the fullest shelf holds.
func (s *shelves[K, V]) most() (most int) {
	for _, shelf := range s.byDevice {
		most = max(most, shelf.Len())
	}
	return most
}

// takeFrom removes a shelf's least recently used quarter, and returns how many that were.
func (s *shelves[K, V]) takeFrom(shelf *list.List) int {
	quarter := max(shelf.Len()/4, 1)
	for range quarter {
		s.remove(shelf.Back(), true)
	}
	s.evicted += uint64(quarter)
	return quarter
}

// keep forgets all but those that keep wants.
func (s *shelves[K, V]) keep(keep func(V) bool) {
	for _, e := range s.byKey {
		if !keep(e.Value.(*item[K, V]).value) {
			s.remove(e, false)
		}
	}
}

func (s *shelves[K, V]) remove(e *list.Element, displaced bool) {
	it := e.Value.(*item[K, V])
	delete(s.byKey, it.key)
	shelf := s.byDevice[it.device]
	shelf.Remove(e)
	if shelf.Len() == 0 {
		delete(s.byDevice, it.device)
	}
	s.leave(it.value, displaced)
}

// of calls fn for what one device has, the most recently used first.
func (s *shelves[K, V]) of(device packet.MAC, fn func(V)) {
	if shelf := s.byDevice[device]; shelf != nil {
		for e := shelf.Front(); e != nil; e = e.Next() {
			fn(e.Value.(*item[K, V]).value)
		}
	}
}

// each calls fn for everything, in no order.
func (s *shelves[K, V]) each(fn func(V)) {
	for _, e := range s.byKey {
		fn(e.Value.(*item[K, V]).value)
	}
}
