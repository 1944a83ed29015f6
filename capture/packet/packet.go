// Package packet decodes link-layer frames and IP packets into one reused Packet, without allocating.
package packet

import (
	"net/netip"
	"time"
)

// EtherTypes that the decoder knows (IEEE 802 numbers).
const (
	EtherTypeIPv4 = 0x0800
	EtherTypeARP  = 0x0806
	EtherTypeIPv6 = 0x86dd
	EtherTypeLLDP = 0x88cc
)

// IP protocol numbers that the decoder looks into (IANA).
const (
	ProtoICMP   = 1
	ProtoTCP    = 6
	ProtoUDP    = 17
	ProtoICMPv6 = 58
)

// Packet is one decoded frame. A Source reuses the same Packet for every frame, so nothing may keep a
// reference to Network or Payload after the call that received it returns.
type Packet struct {
	Time time.Time // when the frame was seen: kernel or capture time

	// In and Out are kernel interface indexes, 0 where not known (a pcap, a locally made packet).
	In, Out int32

	// SrcMAC is the sender's address, DstMAC the receiver's; zero where the link type or the hook has none
	// (nflog gives only the sender's).
	SrcMAC, DstMAC MAC

	EtherType uint16 // of the innermost VLAN tag; that of its version for a bare IP packet, 0 where not known

	// Src and Dst are IP addresses (or the ARP sender's and target's protocol addresses); not valid for
	// frames without. IPv4 is never 4-in-6, zones are never set.
	Src, Dst netip.Addr

	Proto            uint8  // IP protocol of the upper layer, after IPv6 extension headers
	SrcPort, DstPort uint16 // TCP and UDP; 0 in other protocols and in later fragments
	TCPFlags         uint8  // RFC 9293 section 3.1: CWR ECE URG ACK PSH RST SYN FIN
	TCPSeq, TCPAck   uint32
	ICMPType         uint8
	ICMPCode         uint8
	ARPOp            uint16 // 1 request, 2 reply

	// Fragment is true for every IP fragment that is not a whole datagram; FragID names the datagram it belongs
	// to and FragOffset its place in bytes. Only a fragment with offset 0 has ports.
	Fragment   bool
	FragOffset uint16
	FragID     uint32

	// Length is what the contract's section 1 counts: the IP length from the header for IP, the whole frame
	// without FCS for everything else, also when the capture cut the frame short.
	Length uint32

	// Network is what was captured from the network layer's header on: behind tags and SNAP, what EtherType says.
	Network []byte

	// Payload is what follows the TCP or UDP header (the first eight bytes for ICMP), as far as it was captured
	// and without link-layer padding; of LLDP all after the Ethernet header. It is empty in later fragments and
	// everything else.
	Payload []byte

	// Word is what the rule that logged the packet says of it: nflog's prefix. It is empty elsewhere.
	Word string
}

// IsIP reports whether the frame carries an IP packet with a header that could be read. A frame that only
// claims to, by its EtherType, counts as one of the many kinds that carry no IP.
func (p *Packet) IsIP() bool {
	return (p.EtherType == EtherTypeIPv4 || p.EtherType == EtherTypeIPv6) && p.Src.IsValid()
}
