package lab

import (
	"encoding/binary"
	"net/netip"
	"time"
)

// ICMPv6 types of neighbour discovery (RFC 4861 section 4).
const (
	typeRouterAdvert    = 134
	typeNeighborSolicit = 135
	typeNeighborAdvert  = 136
)

var (
	allNodes    = netip.MustParseAddr("ff02::1")
	allNodesMAC = MAC{0x33, 0x33, 0, 0, 0, 1}
)

// PoisonARP tells a victim, or everyone by Broadcast, that an address (the router's, say) is at this device.
func (d *Device) PoisonARP(victim MAC, claimed netip.Addr) error {
	const reply = 2
	mac := d.CurrentMAC()
	return d.SendFrame(Ethernet(victim, mac, etherARP, ARP(reply, mac, claimed, victim, claimed)))
}

// PoisonND tells everyone by an unasked neighbour advertisement that an IPv6 address is at this device.
func (d *Device) PoisonND(claimed netip.Addr) error {
	const override, targetAddress = 0x20, 2
	mac := d.CurrentMAC()
	body := append([]byte{override, 0, 0, 0}, claimed.AsSlice()...)
	body = append(append(body, targetAddress, 1), mac[:]...)
	return d.SendFrame(IP(allNodesMAC, mac, ICMPv6(claimed, allNodes, typeNeighborAdvert, body)))
}

// AdvertiseRouter tells everyone that this device is a router with a /64 to take addresses from.
func (d *Device) AdvertiseRouter(prefix netip.Prefix, lifetime time.Duration) error {
	mac, seconds := d.CurrentMAC(), uint32(lifetime/time.Second)
	body := []byte{64, 0}
	body = binary.BigEndian.AppendUint16(body, uint16(seconds))
	body = append(body, make([]byte, 8)...) // reachable and retransmission times: as before
	const sourceAddress, prefixInfo, onLink, autonomous = 1, 3, 0x80, 0x40
	body = append(append(body, sourceAddress, 1), mac[:]...)
	body = append(body, prefixInfo, 4, byte(prefix.Bits()), onLink|autonomous)
	body = binary.BigEndian.AppendUint32(body, seconds)
	body = binary.BigEndian.AppendUint32(body, seconds)
	body = append(append(body, 0, 0, 0, 0), prefix.Masked().Addr().AsSlice()...)
	return d.SendFrame(IP(allNodesMAC, mac, ICMPv6(linkLocal(mac), allNodes, typeRouterAdvert, body)))
}

// linkLocal is the address that a stack makes of its MAC (RFC 4291 appendix A).
func linkLocal(m MAC) netip.Addr {
	return netip.AddrFrom16([16]byte{
		0: 0xfe, 1: 0x80,
		8: m[0] ^ 2, 9: m[1], 10: m[2], 11: 0xff, 12: 0xfe, 13: m[3], 14: m[4], 15: m[5],
	})
}
