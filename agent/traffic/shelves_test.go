package traffic

import (
	"testing"

	"spinneret/capture/packet"
)

// TestAFloodOfDevicesMakesRoomForManyAtOnce fills the store with what little each of many made-up devices has, beside
// one that has more: the most is taken first, then a little from others, so that the next ones find room.
func TestAFloodOfDevicesMakesRoomForManyAtOnce(t *testing.T) {
	const limit, room, heavy = 10 * roomShare, 10, 8
	s := newShelves(limit, func(*int, bool) {})
	device := func(i int) packet.MAC { return packet.MAC{2, 0, 0, 0, byte(i >> 8), byte(i)} }
	for i := range heavy {
		s.put(cam, uint64(limit+room+i), 0)
	}
	for i := range limit - heavy {
		s.put(device(i), uint64(i), 0)
	}
	s.put(device(limit), limit, 0)
	if s.evicted < room || s.evicted > room+1 || s.used() != limit+1-int(s.evicted) {
		t.Errorf("%d went and %d stay of %d, want room for %d", s.evicted, s.used(), limit+1, room)
	}
	if n := s.byDevice[cam].size; n != 1 {
		t.Errorf("who had most has %d left, want no more than the others", n)
	}
	evicted := s.evicted
	for i := range room - 1 {
		s.put(device(limit+1+i), uint64(limit+1+i), 0)
	}
	if s.evicted != evicted {
		t.Errorf("%d more went where there was room", s.evicted-evicted)
	}
}
