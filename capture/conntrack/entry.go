// Package conntrack reads the kernel's connection counters: a streaming dump of all connections, an event with
// the final counters of each that ends, and what each carried since it was last asked. It never zeroes them.
//
// We decode ctnetlink ourselves because a library's dump costs 2.2 kB of garbage an entry, and a router has
// tens of thousands of them; here an entry costs none (2026-11).
package conntrack

import (
	"net/netip"
	"time"
)

// Entry is one connection as the kernel tracks it. Dump and Listen reuse it: who wants to keep it copies it.
type Entry struct {
	Orig, Reply Tuple // what the initiator sends, and what the answers look like before NAT is undone

	// OrigCounters and ReplyCounters count IP packets and bytes of both directions since the connection
	// began. HasCounters is false where accounting was off when it did.
	OrigCounters, ReplyCounters Counters
	HasCounters                 bool
	hasOrig, hasReply           bool

	ID       uint32 // CTA_ID; the kernel may give it again to a later connection with the same tuple
	Zone     uint16
	Status   Status
	Mark     uint32
	TCPState TCPState // TCPNone for other protocols

	Start, Stop time.Time // zero unless net.netfilter.nf_conntrack_timestamp is 1; Stop only in events
}

// Tuple is one direction of a connection.
type Tuple struct {
	Src, Dst         netip.Addr // both of one family, IPv4 never mapped
	Protocol         uint8      // the IP protocol number
	SrcPort, DstPort uint16     // zero in protocols without ports
	ICMP             ICMP       // zero but for ICMP and ICMPv6
	Zone             uint16     // a zone of this direction alone (CTA_TUPLE_ZONE)
}

// ICMP tells conversations of ICMP and ICMPv6 apart, which have no ports. NAT translates the ID as it does ports.
type ICMP struct {
	Type, Code uint8
	ID         uint16
}

// Counters counts one direction. Bytes are IP bytes, headers included.
type Counters struct{ Packets, Bytes uint64 }

// Sub returns what came since before. It is meant for counters that did not go back.
func (c Counters) Sub(before Counters) Counters {
	return Counters{c.Packets - before.Packets, c.Bytes - before.Bytes}
}

func (c Counters) less(d Counters) bool { return c.Packets < d.Packets || c.Bytes < d.Bytes }

// Status holds the kernel's bits of a connection (enum ip_conntrack_status).
type Status uint32

// The bits that say something to us.
const (
	SeenReply Status = 1 << 1
	Assured   Status = 1 << 2
	Confirmed Status = 1 << 3
	SourceNAT Status = 1 << 4
	Dying     Status = 1 << 9 // it is being removed; its event is sent already
)

// Has reports whether all bits of want are set.
func (s Status) Has(want Status) bool { return s&want == want }

// TCPState is where the kernel takes a TCP connection to be (enum tcp_conntrack).
type TCPState uint8

// The states of the kernel.
const (
	TCPNone TCPState = iota
	TCPSynSent
	TCPSynReceived
	TCPEstablished
	TCPFinWait
	TCPCloseWait
	TCPLastAck
	TCPTimeWait
	TCPClose
	TCPSynSent2 // both sides began
)
