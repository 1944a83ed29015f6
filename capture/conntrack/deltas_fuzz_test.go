package conntrack

import "testing"

// FuzzDeltas plays connections, dumps and ends in any order and wants every packet told exactly once.
func FuzzDeltas(f *testing.F) {
	f.Add([]byte{0, 0, 1, 2, 0, 0, 3, 1, 2, 4, 0, 0})
	f.Add([]byte{0, 8, 4, 3, 5, 0, 5, 7, 4, 7}) // an end overtakes the dump
	f.Add([]byte{3, 1, 4, 1, 2, 0, 1, 3, 3, 0, 2, 4})
	f.Fuzz(func(t *testing.T, script []byte) {
		h := history{d: primed(t, 100), live: map[uint32]uint64{}}
		for _, b := range script {
			h.step(b)
		}
		for id := range h.live {
			h.end(id)
		}
		h.hearAll()
		if h.told != h.sent {
			t.Errorf("told of %d packets, %d were sent", h.told, h.sent)
		}
	})
}

// history is a kernel with up to eight connections, and what was told of them.
type history struct {
	d          *Deltas
	live       map[uint32]uint64
	queue      []*Entry // what the dump has filled and nobody has read
	events     []*Entry // ends that nobody has read
	dumping    bool
	sent, told uint64
}

func (h *history) step(b byte) {
	id := uint32(b >> 3 & 7)
	switch b & 7 {
	case 0, 1: // packets, which may begin a connection again
		n := uint64(b>>6 + 1)
		h.live[id] += n
		h.sent += n
	case 2:
		h.hear()
	case 3:
		if _, ok := h.live[id]; ok {
			h.end(id)
		}
	case 4: // the kernel fills a read
		if !h.dumping {
			h.d.Begin()
			h.dumping = true
			for id, packets := range h.live {
				h.queue = append(h.queue, counted(id, packets))
			}
		}
	case 5, 6:
		h.read()
	case 7:
		for h.dumping {
			h.read()
		}
	}
}

func (h *history) end(id uint32) {
	h.events = append(h.events, counted(id, h.live[id]))
	delete(h.live, id)
}

func (h *history) hear() {
	if len(h.events) > 0 {
		h.told += h.d.Ended(h.events[0]).Orig.Packets
		h.events = h.events[1:]
	}
}

func (h *history) hearAll() {
	for len(h.events) > 0 {
		h.hear()
	}
}

func (h *history) read() {
	switch {
	case len(h.queue) > 0:
		h.told += h.d.Seen(h.queue[0]).Orig.Packets
		h.queue = h.queue[1:]
	case h.dumping:
		h.hearAll() // as Dump sees to
		h.d.End(true)
		h.dumping = false
	}
}
