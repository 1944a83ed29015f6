package pcapfile

import (
	"net/netip"
	"sort"

	"spinneret/capture/packet"
)

// Router advertisements (RFC 4861 sections 4.2 and 4.6.2).
const (
	typeAdvertisement = 134
	advertisementRest = 8 // reachable time and retransmission timer, behind the first eight bytes
	optionPrefix      = 3
	optionPrefixLen   = 32

	// No provider delegates a home more than a /48 (RFC 6177): a shorter prefix would turn a part of the
	// internet into the home.
	shortestPrefix = 48
	maxPrefixes    = 64
)

// isAdvertisement reports whether p is a router advertisement: those come from a link-local address
// (RFC 4861 section 6.1.2).
func isAdvertisement(p *packet.Packet) bool {
	return p.EtherType == packet.EtherTypeIPv6 && p.Proto == packet.ProtoICMPv6 && p.ICMPType == typeAdvertisement &&
		p.ICMPCode == 0 && p.Src.IsLinkLocalUnicast()
}

// advertised is the set of prefixes that router advertisements announce.
type advertised map[netip.Prefix]bool

func (a advertised) add(p *packet.Packet) {
	if !isAdvertisement(p) || len(p.Payload) < advertisementRest {
		return
	}
	options := p.Payload[advertisementRest:]
	for len(options) >= 8 {
		size := 8 * int(options[1])
		if size == 0 || size > len(options) {
			return
		}
		if options[0] == optionPrefix && size == optionPrefixLen {
			a.addPrefix(options[:size])
		}
		options = options[size:]
	}
}

func (a advertised) addPrefix(option []byte) {
	prefix := netip.PrefixFrom(netip.AddrFrom16([16]byte(option[16:32])), int(option[2])).Masked()
	if prefix.Bits() >= shortestPrefix && isDelegated(prefix.Addr()) && len(a) < maxPrefixes {
		a[prefix] = true
	}
}

// isDelegated reports whether a is of the kind that homes are given: global unicast as far as it is assigned
// (2000::/3), or unique local.
func isDelegated(a netip.Addr) bool { return a.As16()[0]>>5 == 1 || a.IsPrivate() }

// prefixes returns the set in order.
func (a advertised) prefixes() []netip.Prefix {
	var all []netip.Prefix
	for p := range a {
		all = append(all, p)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Compare(all[j]) < 0 })
	return all
}
