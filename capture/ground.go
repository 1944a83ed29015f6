package capture

import (
	"encoding/binary"
	"net/netip"
	"slices"

	"spinneret/capture/packet"
)

// ground is a Home made ready for questions that every packet asks. Its lists are short (a few interfaces,
// prefixes and router addresses), so they are searched in order.
type ground struct {
	interfaces  []int32
	lan         []netip.Prefix
	broadcasts  []netip.Addr // of the IPv4 prefixes in lan (RFC 919)
	routerMACs  []packet.MAC
	routerAddrs []netip.Addr
	neighbours  map[netip.Addr]packet.MAC
	answered    map[packet.MAC]bool // who is in neighbours
}

func newGround(h *Home) ground {
	g := ground{
		interfaces: h.LANInterfaces, lan: h.LAN,
		routerMACs: h.RouterMACs, routerAddrs: h.RouterAddrs, neighbours: h.Neighbours,
		answered: make(map[packet.MAC]bool, len(h.Neighbours)),
	}
	for _, m := range h.Neighbours {
		g.answered[m] = true
	}
	for _, p := range h.LAN {
		// RFC 3021: a prefix of 31 or 32 bits has no broadcast address.
		if p.IsValid() && p.Addr().Is4() && p.Bits() < 31 {
			g.broadcasts = append(g.broadcasts, lastOf(p))
		}
	}
	return g
}

// lastOf is the highest address of an IPv4 prefix.
func lastOf(p netip.Prefix) netip.Addr {
	b := p.Masked().Addr().As4()
	host := ^uint32(0) >> p.Bits()
	binary.BigEndian.PutUint32(b[:], binary.BigEndian.Uint32(b[:])|host)
	return netip.AddrFrom4(b)
}

// onLAN reports whether an interface is the home's. Without any known (a pcap) everything was seen on the LAN.
func (g *ground) onLAN(index int32) bool {
	return len(g.interfaces) == 0 || slices.Contains(g.interfaces, index)
}

func (g *ground) isRouterMAC(m packet.MAC) bool { return slices.Contains(g.routerMACs, m) }

func (g *ground) isNeighbour(m packet.MAC) bool { return g.answered[m] }

// neighbour is who has an address by the kernel's neighbour table; ok is false where that is no device.
func (g *ground) neighbour(a netip.Addr) (m packet.MAC, ok bool) {
	m, ok = g.neighbours[a]
	return m, ok && m.IsUnicast() && !g.isRouterMAC(m)
}

func (g *ground) isRouterAddr(a netip.Addr) bool { return slices.Contains(g.routerAddrs, a) }

// limitedBroadcast is every station on the link (RFC 919 section 7).
var limitedBroadcast = netip.AddrFrom4([4]byte{255, 255, 255, 255})

// isGroup reports whether an address means many stations.
func (g *ground) isGroup(a netip.Addr) bool {
	return a.IsMulticast() || a == limitedBroadcast || slices.Contains(g.broadcasts, a)
}

// isHome reports whether an address is inside the home. The unspecified address is: only a station that has
// none yet sends from it, and it is never routed.
func (g *ground) isHome(a netip.Addr) bool {
	if !a.IsValid() {
		return false
	}
	for _, p := range g.lan {
		if p.Contains(a) {
			return true
		}
	}
	return a.IsLinkLocalUnicast() || a.IsUnspecified() || g.isRouterAddr(a) || g.isGroup(a)
}

// isStation reports whether an address can be a device's own.
func (g *ground) isStation(a netip.Addr) bool {
	return a.IsValid() && !a.IsUnspecified() && !a.IsLoopback() && !g.isGroup(a) && !g.isRouterAddr(a)
}
