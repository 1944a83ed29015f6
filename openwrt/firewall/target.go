package firewall

import (
	"errors"
	"fmt"
	"net/netip"

	"golang.org/x/sys/unix"
)

// Target is a part of the network as one device sees it: where its packets go to and where they come from.
type Target struct {
	Prefix   netip.Prefix // of the far side; 0.0.0.0/0 and ::/0 are everybody
	Protocol uint8        // of IP; 0: all, or with ports all that have ports
	// FirstPort and LastPort are a range of the far side's ports; 0 and 0: all.
	FirstPort, LastPort uint16
	ICMPType            int // with protocol icmp or icmpv6; -1: all
}

func (t Target) validate() error {
	switch {
	case !t.Prefix.IsValid():
		return errors.New("a target needs a prefix")
	case t.LastPort < t.FirstPort:
		return fmt.Errorf("ports %d to %d are no range", t.FirstPort, t.LastPort)
	case t.somePorts() && t.Protocol != 0 && !hasPorts(t.Protocol):
		return fmt.Errorf("protocol %d has no ports", t.Protocol)
	case t.isICMP() && (t.ICMPType < -1 || t.ICMPType > 255):
		return fmt.Errorf("%d is no ICMP type", t.ICMPType)
	case t.Protocol == unix.IPPROTO_ICMP && !t.is4(), t.Protocol == unix.IPPROTO_ICMPV6 && t.is4():
		return fmt.Errorf("no ICMP of this kind goes to %s", t.Prefix)
	}
	return nil
}

func (t Target) is4() bool { return t.Prefix.Addr().Unmap().Is4() }

func (t Target) somePorts() bool {
	return (t.FirstPort != 0 || t.LastPort != 0) && (t.FirstPort != 0 || t.LastPort != 65535)
}

func (t Target) isICMP() bool {
	return t.Protocol == unix.IPPROTO_ICMP || t.Protocol == unix.IPPROTO_ICMPV6
}

// withPorts are the protocols whose headers begin with a source and a destination port.
var withPorts = []uint8{unix.IPPROTO_TCP, unix.IPPROTO_UDP, unix.IPPROTO_DCCP, unix.IPPROTO_SCTP, unix.IPPROTO_UDPLITE}

func hasPorts(protocol uint8) bool {
	for _, p := range withPorts {
		if p == protocol {
			return true
		}
	}
	return false
}

// span returns the first and the last address of the target. An IPv4 prefix in the clothes of IPv6 is IPv4.
func (t Target) span() (first, last netip.Addr) {
	addr, bits := t.Prefix.Addr(), t.Prefix.Bits()
	if addr.Is4In6() {
		addr, bits = addr.Unmap(), max(bits-96, 0)
	}
	first = netip.PrefixFrom(addr, bits).Masked().Addr()
	b := first.AsSlice()
	for i := bits; i < 8*len(b); i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	last, _ = netip.AddrFromSlice(b) // of a length that just came from an address
	return first, last
}

// packet is what a Target is compared with: one side of a packet as a device sees it.
type packet struct {
	far      netip.Addr
	protocol uint8
	port     uint16 // the far side's
	icmpType int    // -1 where it is no ICMP
}

// matches says whether p is to or from the target.
func (t Target) matches(p packet) bool {
	first, last := t.span()
	if far := p.far.Unmap(); far.Is4() != first.Is4() || far.Less(first) || last.Less(far) {
		return false
	}
	if t.Protocol != 0 && t.Protocol != p.protocol {
		return false
	}
	if t.somePorts() {
		return hasPorts(p.protocol) && t.FirstPort <= p.port && p.port <= t.LastPort
	}
	return !t.isICMP() || t.ICMPType < 0 || t.ICMPType == p.icmpType
}

// Covers says whether a packet to or from far is the target's; port is far's, icmpType -1 where it is no ICMP.
func (t Target) Covers(far netip.Addr, protocol uint8, port uint16, icmpType int) bool {
	return t.matches(packet{far, protocol, port, icmpType})
}

func anyMatches(targets []Target, p packet) bool {
	for _, t := range targets {
		if t.matches(p) {
			return true
		}
	}
	return false
}
