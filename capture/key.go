package capture

import (
	"net/netip"

	"spinneret/capture/packet"
)

// key names a flow from its device's side. It is flat, without pointers and gaps: it is hashed and
// compared as one piece of memory, twice as fast as a pair of netip.AddrPort, and the collector skips it.
// The MAC is part of it, so that two devices that send from one address, one of them lying, are two flows.
type key struct {
	near, far         [16]byte // IPv4 mapped into IPv6; without IP, far begins with the other MAC
	mac               packet.MAC
	nearPort, farPort uint16 // without IP, nearPort is the EtherType
	proto             uint8
	family            uint8
}

// The values of key.family.
const (
	familyNone = 0
	familyIPv4 = 4
	familyIPv6 = 6
)

// outKey is the key of the flow that s belongs to if the sender is its device.
func (s *sighting) outKey(mac packet.MAC) key {
	p := s.p
	if !p.IsIP() {
		return linkKey(p.EtherType, mac, p.DstMAC)
	}
	return key{
		near: p.Src.As16(), far: p.Dst.As16(), mac: mac,
		nearPort: s.srcPort, farPort: s.dstPort, proto: p.Proto, family: family(p),
	}
}

// inKey is the key of the flow that s belongs to if the receiver is its device.
func (s *sighting) inKey(mac packet.MAC) key {
	p := s.p
	if !p.IsIP() {
		return linkKey(p.EtherType, mac, p.SrcMAC)
	}
	return key{
		near: p.Dst.As16(), far: p.Src.As16(), mac: mac,
		nearPort: s.dstPort, farPort: s.srcPort, proto: p.Proto, family: family(p),
	}
}

// linkKey is the key of frames without IP. What goes to any group is one flow.
func linkKey(etherType uint16, mac, other packet.MAC) key {
	k := key{mac: mac, nearPort: etherType}
	if other.IsUnicast() {
		copy(k.far[:], other[:])
	}
	return k
}

// key is the one under which a Table has the flow; false where too little is known of it.
func (f *Flow) key() (k key, ok bool) {
	switch {
	case f.Protocol&NoIP != 0:
		return linkKey(uint16(f.Protocol), f.Device, f.Peer), true
	case !f.DeviceAddr.IsValid() || !f.Remote.IsValid():
		return k, false
	}
	k = key{
		near: f.DeviceAddr.As16(), far: f.Remote.As16(), mac: f.Device,
		nearPort: f.DevicePort, farPort: f.RemotePort, proto: uint8(f.Protocol), family: familyIPv6,
	}
	if f.DeviceAddr.Is4() {
		k.family = familyIPv4
	}
	return k, true
}

func family(p *packet.Packet) uint8 {
	if p.Src.Is4() {
		return familyIPv4
	}
	return familyIPv6
}

// addr turns one of the key's addresses back; not valid without IP.
func (k *key) addr(b [16]byte) netip.Addr {
	switch k.family {
	case familyIPv4:
		return netip.AddrFrom16(b).Unmap()
	case familyIPv6:
		return netip.AddrFrom16(b)
	}
	return netip.Addr{}
}

func (k *key) protocol() Protocol {
	if k.family == familyNone {
		return NoIP | Protocol(k.nearPort)
	}
	return Protocol(k.proto)
}

// orphan is the key of the same flow before its device was known.
func (k key) orphan() key {
	k.mac = packet.MAC{}
	return k
}
