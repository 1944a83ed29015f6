package tap

import (
	"encoding/binary"
	"sort"
	"sync"
	"time"

	"spinneret/capture"
	"spinneret/capture/packet"
	"spinneret/capture/pcapfile"
)

const (
	// ringSlots of 112 bytes each are 450 kB.
	ringSlots = 4096
	// headLen is what is kept of a packet from its network layer on: the headers of IPv6 and TCP with usual options.
	headLen = 80
	// young is how old a packet is that is displaced without anybody missing it.
	young = time.Minute

	etherLen     = 14
	etherTypeMin = 0x0600 // IEEE 802.3: below it the field is a length
)

// Ring keeps the headers of the packets that sources delivered last, as a capture of the recent past. It has no more than
// the sources see, which is mostly the first packets of each conversation. Any goroutine may call it.
type Ring struct {
	mu        sync.Mutex
	slots     []slot
	next      int
	used      int
	displaced uint64
}

// slot is one packet without pointers.
type slot struct {
	at       int64  // nanoseconds since 1970
	length   uint32 // from the network layer on
	kind     uint16
	n        uint8
	src, dst packet.MAC
	head     [headLen]byte
}

// NewRing makes an empty ring.
func NewRing() *Ring { return &Ring{slots: make([]slot, ringSlots)} }

// Observe is a capture.Observer. What has no device at either end is nobody's past and is left out.
func (r *Ring) Observe(p *packet.Packet, from, to packet.MAC) {
	if from.IsZero() && to.IsZero() || len(p.Network) == 0 {
		return
	}
	src, dst := p.SrcMAC, p.DstMAC
	if src.IsZero() {
		src = from
	}
	if dst.IsZero() {
		dst = to // the log of packets names only the sender
	}
	fresh := slot{at: p.Time.UnixNano(), length: uint32(len(p.Network)), kind: p.EtherType, src: src, dst: dst}
	if p.IsIP() {
		fresh.length = max(fresh.length, p.Length)
	}
	fresh.n = uint8(copy(fresh.head[:], p.Network))
	r.mu.Lock()
	defer r.mu.Unlock()
	if last := &r.slots[(r.next+len(r.slots)-1)%len(r.slots)]; fresh.repeats(last) {
		return
	}
	s := &r.slots[r.next]
	if r.used == len(r.slots) {
		if fresh.at-s.at < int64(young) {
			r.displaced++
		}
	} else {
		r.used++
	}
	r.next = (r.next + 1) % len(r.slots)
	*s = fresh
}

// repeats reports whether it is the same packet once more: what the bridge floods is logged for each port.
func (s *slot) repeats(last *slot) bool {
	return s.src == last.src && s.dst == last.dst && s.length == last.length && s.kind == last.kind &&
		s.at-last.at <= int64(time.Millisecond) && s.head == last.head
}

// Frames returns what one device sent and got since a time, in order, with an Ethernet header of what is known: an
// unknown MAC is all zeros.
func (r *Ring) Frames(mac packet.MAC, since time.Time) (frames []pcapfile.Frame) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.used {
		s := &r.slots[(r.next-r.used+i+len(r.slots))%len(r.slots)]
		if s.has(mac) && s.at >= since.UnixNano() {
			frames = append(frames, s.frame())
		}
	}
	// The logs come in by several ways, each with a delay of its own.
	sort.SliceStable(frames, func(i, j int) bool { return frames[i].Time.Before(frames[j].Time) })
	return frames
}

// Forget empties the slots of a device. They stay where they are until their turn comes.
func (r *Ring) Forget(mac packet.MAC) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.slots {
		if r.slots[i].has(mac) {
			r.slots[i] = slot{}
		}
	}
}

// Stores tells how full the ring is. Evicted are packets displaced within a minute.
func (r *Ring) Stores() []capture.Store {
	r.mu.Lock()
	defer r.mu.Unlock()
	return []capture.Store{{Name: "recent headers", Used: r.used, Limit: len(r.slots), Evicted: r.displaced}}
}

func (s *slot) has(mac packet.MAC) bool { return s.n > 0 && (s.src == mac || s.dst == mac) }

func (s *slot) frame() pcapfile.Frame {
	data := make([]byte, 0, etherLen+int(s.n))
	data = append(append(data, s.dst[:]...), s.src[:]...)
	kind := s.kind
	if kind < etherTypeMin {
		kind = uint16(s.length)
	}
	data = binary.BigEndian.AppendUint16(data, kind)
	return pcapfile.Frame{
		Time: time.Unix(0, s.at), Link: pcapfile.LinkEthernet, Length: etherLen + int(s.length), Data: append(data, s.head[:s.n]...),
	}
}
