package pcapfile

import (
	"net/netip"
	"slices"

	"spinneret/capture/packet"
)

// The ports of DHCP (RFC 2131 section 4.1).
const (
	dhcpServer = 67
	dhcpClient = 68
)

// manyOutside is from how many addresses outside, or /64s, nobody but a forger sends who forwards nothing.
const manyOutside = 16

// sender is what one MAC was seen to do.
type sender struct {
	answersDHCP, asksDHCP, advertises bool
	forwards                          bool // what others began: a forged flood never does

	own      []netip.Addr   // addresses of the home that it sends from
	outside4 []netip.Addr   // the first others, up to manyOutside
	outside6 []netip.Prefix // and their first /64s
}

func (s *sender) roles(p *packet.Packet) {
	switch {
	case p.IsIP() && p.Proto == packet.ProtoUDP && p.SrcPort == dhcpServer:
		s.answersDHCP = true
	case p.IsIP() && p.Proto == packet.ProtoUDP && p.SrcPort == dhcpClient:
		s.asksDHCP = true
	case isAdvertisement(p):
		s.advertises = true
	}
}

// address notes where p comes from. An ARP message tells an address too, but not one that was forwarded.
func (s *sender) address(lan []netip.Prefix, p *packet.Packet) {
	src := p.Src
	if isNobody(src) {
		return
	}
	switch {
	case isHome(lan, src):
		note(&s.own, src, maxOwn)
	case !p.IsIP():
	case src.Is4():
		note(&s.outside4, src, manyOutside)
		s.forwards = s.forwards || isReply(p)
	default:
		note(&s.outside6, netip.PrefixFrom(src, 64).Masked(), manyOutside)
		s.forwards = s.forwards || isReply(p)
	}
}

// isReply reports whether p looks like an answer: all of TCP but what opens a connection, and what comes from a port of
// the system's (RFC 6335 section 6).
func isReply(p *packet.Packet) bool {
	const syn, ack, firstUser = 1 << 1, 1 << 4, 1024
	if p.Proto == packet.ProtoTCP {
		return p.TCPFlags&(syn|ack) != syn
	}
	return p.SrcPort < firstUser
}

// isNobody reports whether an address is no station's.
func isNobody(a netip.Addr) bool {
	return a.IsUnspecified() || a.IsMulticast() || a.IsLoopback() || a == broadcast4
}

func isOutside(lan []netip.Prefix, a netip.Addr) bool { return !isNobody(a) && !isHome(lan, a) }

var broadcast4 = netip.AddrFrom4([4]byte{255, 255, 255, 255})

func isHome(lan []netip.Prefix, a netip.Addr) bool {
	return a.IsLinkLocalUnicast() || slices.ContainsFunc(lan, func(p netip.Prefix) bool { return p.Contains(a) })
}

// note keeps the first different values, up to limit.
func note[T comparable](seen *[]T, x T, limit int) {
	if len(*seen) < limit && !slices.Contains(*seen, x) {
		*seen = append(*seen, x)
	}
}

// isRouter is the rule of the contract, section 2. Who sends from many addresses outside but is sent nothing for there,
// and only begins what it sends, is no router but a device that forges them.
func (s *sender) isRouter() bool {
	outside := max(len(s.outside4), len(s.outside6))
	forger := outside == manyOutside && !s.forwards
	return s.answersDHCP || s.advertises || outside >= 2 && !forger && !s.asksDHCP
}
