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

// sender is what one MAC was seen to do.
type sender struct {
	answersDHCP, asksDHCP, advertises bool

	own      []netip.Addr    // addresses of the home that it sends from
	outside4 [2]netip.Addr   // the first two others
	outside6 [2]netip.Prefix // and their first two /64s
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
	if src.IsUnspecified() || src.IsMulticast() || src.IsLoopback() || src == broadcast4 {
		return
	}
	switch {
	case isHome(lan, src):
		if len(s.own) < maxOwn && !slices.Contains(s.own, src) {
			s.own = append(s.own, src)
		}
	case !p.IsIP():
	case src.Is4():
		note(&s.outside4, src)
	default:
		note(&s.outside6, netip.PrefixFrom(src, 64).Masked())
	}
}

var broadcast4 = netip.AddrFrom4([4]byte{255, 255, 255, 255})

func isHome(lan []netip.Prefix, a netip.Addr) bool {
	return a.IsLinkLocalUnicast() || slices.ContainsFunc(lan, func(p netip.Prefix) bool { return p.Contains(a) })
}

// note keeps the first two different values.
func note[T comparable](seen *[2]T, x T) {
	var none T
	switch {
	case seen[0] == none:
		seen[0] = x
	case seen[0] != x && seen[1] == none:
		seen[1] = x
	}
}

// isRouter is the rule of the contract, section 2.
func (s *sender) isRouter() bool {
	forwards := s.outside4[1].IsValid() || s.outside6[1].IsValid()
	return s.answersDHCP || s.advertises || forwards && !s.asksDHCP
}
