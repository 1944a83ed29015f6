package capture

import (
	"net/netip"
	"time"

	"spinneret/capture/packet"
)

const (
	// maxDatagrams is how many fragmented datagrams are remembered at once. A home has few; a flood of them
	// only costs later fragments their ports.
	maxDatagrams = 64
	// reassembly is how long the parts of a datagram may be apart (RFC 791 section 3.2 suggests 15 s, RFC 8200
	// section 4.5 allows 60 s, Linux takes 30 s).
	reassembly = int64(30 * time.Second)
)

// fragments remembers the ports of datagrams, which only their first fragment has.
type fragments struct {
	datagrams [maxDatagrams]datagram
	used      int
	next      int // the place to overwrite
	displaced uint64
}

type datagram struct {
	src, dst         netip.Addr
	id               uint32
	proto            uint8
	srcPort, dstPort uint16
	at               int64
}

// ports are those of the datagram that p is a part of: 0 where its first fragment was not seen before.
func (f *fragments) ports(p *packet.Packet, now int64) (src, dst uint16) {
	if p.FragOffset == 0 {
		f.remember(p, now)
		return p.SrcPort, p.DstPort
	}
	if d := f.find(p); d != nil && now-d.at < reassembly {
		return d.srcPort, d.dstPort
	}
	return 0, 0
}

func (f *fragments) remember(p *packet.Packet, now int64) {
	d := f.find(p)
	if d == nil {
		d = &f.datagrams[f.next]
		f.next = (f.next + 1) % maxDatagrams
		if f.used < maxDatagrams {
			f.used++
		} else if now-d.at < reassembly {
			f.displaced++
		}
	}
	*d = datagram{
		src: p.Src, dst: p.Dst, id: p.FragID, proto: p.Proto, srcPort: p.SrcPort, dstPort: p.DstPort, at: now,
	}
}

func (f *fragments) find(p *packet.Packet) *datagram {
	for i := range f.datagrams[:f.used] {
		d := &f.datagrams[i]
		if d.id == p.FragID && d.src == p.Src && d.dst == p.Dst && d.proto == p.Proto {
			return d
		}
	}
	return nil
}
