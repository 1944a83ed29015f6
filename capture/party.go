package capture

import (
	"net/netip"

	"spinneret/capture/packet"
)

// sighting is one packet with what the table found out about it.
type sighting struct {
	p                *packet.Packet
	now              int64 // nanoseconds since 1970
	srcPort, dstPort uint16
	from, to         party
	counts           bool // its bytes; else conntrack or the bridge tells them
	volume           Volume
	inside           bool // seen on a bridge of the home
}

// party is one end of a packet.
type party struct {
	kind   kind
	slot   int32 // of a device; nobody where it is in the home but not known
	source MACSource
	mac    packet.MAC // of a device
}

// kind says what a party is.
type kind uint8

const (
	outside kind = iota // beyond the router, or nothing that can be placed
	router
	group // multicast and broadcast
	station
)

// sender finds who sent the packet.
func (t *Table) sender(s *sighting) party {
	p := s.p
	if !s.inside && !t.ground.onLAN(p.In) {
		return t.beyond(p.In)
	}
	if p.SrcMAC.IsZero() {
		// A link without MACs. Where neither address is the home's, whoever began is taken as its device.
		if !t.ground.isHome(p.Src) && t.ground.isHome(p.Dst) {
			return party{}
		}
		return t.holder(p.Src, s.now)
	}
	if !p.SrcMAC.IsUnicast() {
		t.impossible++
		return party{}
	}
	if t.ground.isRouterMAC(p.SrcMAC) {
		return party{kind: router}
	}
	slot := t.slotOf(p.SrcMAC, s.now)
	t.hear(slot, p.Src, s.now)
	return party{kind: station, slot: slot, source: MACFrame, mac: p.SrcMAC}
}

// beyond is the sender of a packet that came in on no LAN interface. The MAC there is the provider's, never a
// device's; a packet without any interface was made by the router itself.
func (t *Table) beyond(in int32) party {
	if in == 0 {
		return party{kind: router}
	}
	return party{}
}

// receiver finds who the packet is for; s.from is known.
func (t *Table) receiver(s *sighting) party {
	p := s.p
	switch {
	case p.DstMAC[0]&1 != 0 || t.ground.isGroup(p.Dst):
		return party{kind: group}
	case p.DstMAC.IsZero():
		return t.receiverByAddress(s)
	case t.ground.isRouterMAC(p.DstMAC):
		return party{kind: router}
	}
	slot, ok := t.slotForReceiver(p.DstMAC, s.now)
	if !ok {
		return party{kind: station}
	}
	return party{kind: station, slot: slot, source: MACFrame, mac: p.DstMAC}
}

// receiverByAddress serves hooks and links that do not tell the receiver's MAC.
func (t *Table) receiverByAddress(s *sighting) party {
	p := s.p
	switch {
	case !p.IsIP():
		return party{}
	case t.ground.isRouterAddr(p.Dst):
		return party{kind: router}
	case p.Out != 0 && !t.ground.onLAN(p.Out):
		return party{}
	case t.ground.isHome(p.Dst):
		return t.holder(p.Dst, s.now)
	case len(t.ground.interfaces) == 0 && p.SrcMAC.IsZero() && !t.ground.isHome(p.Src):
		return t.holder(p.Dst, s.now)
	}
	return party{}
}

// holder finds who has an address of the home: the MAC that sent from it last, else what the neighbour table
// says.
func (t *Table) holder(a netip.Addr, now int64) party {
	if t.ground.isRouterAddr(a) {
		return party{kind: router}
	}
	if slot, ok := t.owners[a]; ok {
		return party{kind: station, slot: slot, source: MACAddress, mac: t.devices[slot].mac}
	}
	m, ok := t.ground.neighbour(a)
	if !ok {
		return party{kind: station}
	}
	slot, ok := t.slotForReceiver(m, now)
	if !ok {
		return party{kind: station}
	}
	return party{kind: station, slot: slot, source: MACNeighbour, mac: m}
}

// scope says where the far end of a flow is, from its kind and address.
func (t *Table) scope(far kind, a netip.Addr) Scope {
	switch {
	case far == group:
		return ScopeLAN
	case t.ground.isRouterAddr(a):
		return ScopeRouter
	case far == router && (!a.IsValid() || t.routersOwn(a)):
		return ScopeRouter
	case !a.IsValid() || t.ground.isHome(a):
		return ScopeLAN
	}
	return ScopeInternet
}

// routersOwn reports whether an address of the home that was seen behind the router's MAC is its own. It is,
// unless a device sends from it: then the router only forwards between two networks of the home.
func (t *Table) routersOwn(a netip.Addr) bool {
	_, device := t.owners[a]
	return t.ground.isHome(a) && !device
}
