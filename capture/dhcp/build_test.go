package dhcp

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"time"

	"spinneret/capture/packet"
)

var (
	cam     = packet.MAC{2, 0, 0, 0, 0, 1}
	tv      = packet.MAC{2, 0, 0, 0, 0, 2}
	start   = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	camAddr = netip.MustParseAddr("192.168.1.10")
)

const mud = "https://maker.example/.well-known/mud/cam"

// option is a DHCPv4 option.
func option(code byte, value ...byte) []byte { return append([]byte{code, byte(len(value))}, value...) }

func text(code byte, s string) []byte { return option(code, []byte(s)...) }

// v4 is a message with that op code, for that MAC, with these options and an end.
func v4(op byte, mac packet.MAC, options ...[]byte) []byte {
	b := make([]byte, 236)
	b[0], b[1], b[2] = op, 1, 6
	binary.BigEndian.PutUint32(b[4:], 0x1234)
	copy(b[28:], mac[:])
	b = append(b, 0x63, 0x82, 0x53, 0x63)
	return append(append(b, slices.Concat(options...)...), v4End)
}

// ask is a whole request of a device.
func ask(typ byte, mac packet.MAC, options ...[]byte) []byte {
	return v4(1, mac, append([][]byte{option(v4Type, typ), option(v4Parameters, 1, 3, 6), text(v4Class, "udhcp 1.36.1")}, options...)...)
}

// ack is a server's answer that gives an address.
func ack(mac packet.MAC, to netip.Addr) []byte {
	b := v4(2, mac, option(v4Type, Ack))
	copy(b[16:], to.AsSlice())
	return b
}

// option6 is a DHCPv6 option.
func option6(code uint16, value ...byte) []byte {
	b := binary.BigEndian.AppendUint16(nil, code)
	return append(binary.BigEndian.AppendUint16(b, uint16(len(value))), value...)
}

func v6(typ byte, options ...[]byte) []byte {
	return append([]byte{typ, 1, 2, 3}, slices.Concat(options...)...)
}

// relayed wraps a message as a relay does (RFC 8415 section 9).
func relayed(message []byte, options ...[]byte) []byte {
	b := make([]byte, 34)
	b[0] = relayForward
	return slices.Concat(b, option6(v6Relayed, message...), slices.Concat(options...))
}

// solicit is a whole message of a device.
func solicit(options ...[]byte) []byte {
	return v6(Solicit, append([][]byte{
		option6(v6ClientID, append([]byte{0, 3, 0, 1}, cam[:]...)...),
		option6(v6Oro, 0, 23, 0, 24),
		option6(v6Class, append([]byte{0, 0, 0x9f, 8, 0, 6}, "dhcpcd"...)...),
		option6(v6FQDN, append([]byte{1, 3}, "cam"...)...),
		option6(v6MUD, []byte(mud)...),
	}, options...)...)
}

// frame is the packet around a message; the device that sends it is not in it.
func frame(payload []byte, src, dst uint16) *packet.Packet {
	p := &packet.Packet{
		Time: start, EtherType: packet.EtherTypeIPv4, Proto: packet.ProtoUDP, SrcPort: src, DstPort: dst, Payload: payload,
		Src: netip.IPv4Unspecified(), Dst: netip.AddrFrom4([4]byte{255, 255, 255, 255}),
	}
	if dst >= 546 {
		p.EtherType, p.Src, p.Dst = packet.EtherTypeIPv6, netip.MustParseAddr("fe80::1"), netip.MustParseAddr("ff02::1:2")
	}
	return p
}
