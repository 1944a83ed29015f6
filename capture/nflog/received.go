package nflog

import (
	"sync/atomic"
	"time"

	"github.com/florianl/go-nflog/v2"

	"spinneret/capture/packet"
)

// received turns one log message into a packet. One that cannot be decoded whole is handed on with what is
// known, as long as its IP header is sound; a frame always.
func (s *Source) received(a nflog.Attribute) (stop int) {
	if a.Seq != nil {
		s.seq.saw(*a.Seq)
	}
	handle := s.handle.Load()
	if handle == nil {
		return 0
	}
	if !s.read(&s.packet, &a) {
		s.bad.Add(1)
	}
	if s.packet.IsIP() || s.frames && !s.packet.SrcMAC.IsZero() {
		(*handle)(&s.packet)
	}
	return 0
}

// readPacket fills p from what the kernel tells. It is false where something was wrong with the packet.
func readPacket(p *packet.Packet, a *nflog.Attribute) bool {
	*p = packet.Packet{Time: stamp(a), In: index(a.InDev), Out: index(a.OutDev)}
	if a.HwAddr != nil && len(*a.HwAddr) == len(p.SrcMAC) {
		p.SrcMAC = packet.MAC(*a.HwAddr)
	}
	sound := a.Payload != nil && p.DecodeIP(*a.Payload) == nil
	if a.Prefix != nil {
		p.Word = *a.Prefix
	}
	return sound
}

// stamp is the kernel's time of the packet. It takes one only where somebody else asked for it (for instance by
// tcpdump), so that mostly it is now.
func stamp(a *nflog.Attribute) time.Time {
	if a.Timestamp != nil {
		return *a.Timestamp
	}
	return time.Now()
}

func index(i *uint32) int32 {
	if i == nil {
		return 0
	}
	return int32(*i)
}

// sequence finds the gaps in the numbers that the kernel gives to what it logs.
type sequence struct {
	begun bool
	next  uint32
	lost  atomic.Uint64
}

func (q *sequence) saw(n uint32) {
	if q.begun {
		q.lost.Add(uint64(n - q.next))
	}
	q.begun, q.next = true, n+1
}
