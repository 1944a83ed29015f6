package conntrack

import "testing"

// TestCountersThatAnotherProgramZeroesAreNeverCountedTwice: nlbwmon takes its own by setting them to zero. What passed
// between our last look and that is lost; what comes after is told, and no more than passed.
func TestCountersThatAnotherProgramZeroesAreNeverCountedTwice(t *testing.T) {
	h := newHome(t)
	device := socketAt(t, h.device, "192.168.1.163:41234")
	d, r, told, passed := NewDeltas(100), new(Reader), Counters{}, uint64(0)
	look := func() {
		d.Begin()
		inside(t, h.router, func() error {
			return r.Dump(t.Context(), func(e *Entry) {
				if delta := d.Seen(e); e.Orig.SrcPort == 41234 {
					told = Counters{told.Packets + delta.Orig.Packets, told.Bytes + delta.Orig.Bytes}
				}
			})
		})
		d.End(true)
	}
	look()
	for range 3 {
		before := told.Packets
		eventually(t, "what comes now is told", func() bool {
			send(t, device, "198.51.100.7:53", 1, 100)
			passed++
			look()
			return told.Packets >= before+3
		})
		run(t, h.router, "", "conntrack", "-L", "-z")
	}
	if told.Packets > passed || told.Bytes != 128*told.Packets {
		t.Errorf("told of %+v, and %d packets of 128 bytes passed", told, passed)
	}
}
