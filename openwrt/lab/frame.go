package lab

import (
	"encoding/binary"
	"net"
	"net/netip"
)

// Ethertypes that the frames here have.
const (
	etherIPv4 = 0x0800
	etherARP  = 0x0806
	etherIPv6 = 0x86dd
)

const (
	protoTCP    = 6
	protoUDP    = 17
	protoICMPv6 = 58
)

// MAC is an Ethernet address.
type MAC [6]byte

// Broadcast is everyone on the cable.
var Broadcast = MAC{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}

// ParseMAC reads an address with colons; anything else gives the zero MAC.
func ParseMAC(s string) (m MAC) {
	if hw, err := net.ParseMAC(s); err == nil && len(hw) == len(m) {
		copy(m[:], hw)
	}
	return m
}

// RouterMAC is the router's on the LAN.
func RouterMAC() MAC { return ParseMAC(macRouter) }

// Ethernet puts a header before a payload and fills up to the shortest frame there is.
func Ethernet(dst, src MAC, etherType uint16, payload []byte) []byte {
	frame := append(append(make([]byte, 0, 14+len(payload)), dst[:]...), src[:]...)
	frame = binary.BigEndian.AppendUint16(frame, etherType)
	frame = append(frame, payload...)
	for len(frame) < 60 {
		frame = append(frame, 0)
	}
	return frame
}

// IP frames an IPv4 or IPv6 packet.
func IP(dst, src MAC, packet []byte) []byte {
	if packet[0]>>4 == 6 {
		return Ethernet(dst, src, etherIPv6, packet)
	}
	return Ethernet(dst, src, etherIPv4, packet)
}

// ARP makes an ARP packet (RFC 826); op is 1 for a request and 2 for a reply.
func ARP(op uint16, senderMAC MAC, sender netip.Addr, targetMAC MAC, target netip.Addr) []byte {
	p := []byte{0, 1, 8, 0, 6, 4, byte(op >> 8), byte(op)}
	p = append(append(p, senderMAC[:]...), sender.AsSlice()...)
	return append(append(p, targetMAC[:]...), target.AsSlice()...)
}

// UDP makes a whole IP packet with a datagram in it. Both addresses are of one family.
func UDP(src, dst netip.AddrPort, payload []byte) []byte {
	b := binary.BigEndian.AppendUint16(nil, src.Port())
	b = binary.BigEndian.AppendUint16(b, dst.Port())
	b = binary.BigEndian.AppendUint16(b, uint16(8+len(payload)))
	b = append(append(b, 0, 0), payload...)
	sum := checksum(src.Addr(), dst.Addr(), protoUDP, b)
	if sum == 0 {
		sum = 0xffff // RFC 768: zero means that there is none
	}
	binary.BigEndian.PutUint16(b[6:], sum)
	return packet(src.Addr(), dst.Addr(), protoUDP, 64, b)
}

// The flags of TCP (RFC 9293 section 3.1).
const (
	FlagFIN byte = 1 << iota
	FlagSYN
	_
	FlagPSH
	FlagACK
)

// SYN makes a whole IP packet with the first segment of a TCP connection. Both addresses are of one family.
func SYN(src, dst netip.AddrPort, seq uint32) []byte { return TCP(src, dst, seq, FlagSYN, nil) }

// TCP makes a whole IP packet with any segment, which acknowledges nothing. Both addresses are of one family.
func TCP(src, dst netip.AddrPort, seq uint32, flags byte, payload []byte) []byte {
	b := binary.BigEndian.AppendUint16(nil, src.Port())
	b = binary.BigEndian.AppendUint16(b, dst.Port())
	b = binary.BigEndian.AppendUint32(b, seq)
	const headerWords = 5
	b = append(b, 0, 0, 0, 0, headerWords<<4, flags, 0xff, 0xff, 0, 0, 0, 0)
	b = append(b, payload...)
	binary.BigEndian.PutUint16(b[16:], checksum(src.Addr(), dst.Addr(), protoTCP, b))
	return packet(src.Addr(), dst.Addr(), protoTCP, 64, b)
}

// ICMPv6 makes a whole IPv6 packet with a message of that type and code 0 in it; body follows the checksum.
func ICMPv6(src, dst netip.Addr, typ byte, body []byte) []byte {
	b := append([]byte{typ, 0, 0, 0}, body...)
	binary.BigEndian.PutUint16(b[2:], checksum(src, dst, protoICMPv6, b))
	return packet(src, dst, protoICMPv6, 255, b) // ND asks for 255 (RFC 4861 section 7.1)
}

// packet puts an IP header before a payload.
func packet(src, dst netip.Addr, proto, hops byte, payload []byte) []byte {
	if dst.Is4() {
		h := []byte{0x45, 0, 0, 0, 0, 0, 0, 0, hops, proto, 0, 0}
		binary.BigEndian.PutUint16(h[2:], uint16(20+len(payload)))
		h = append(append(h, src.AsSlice()...), dst.AsSlice()...)
		binary.BigEndian.PutUint16(h[10:], fold(sum16(0, h)))
		return append(h, payload...)
	}
	h := []byte{0x60, 0, 0, 0, 0, 0, proto, hops}
	binary.BigEndian.PutUint16(h[4:], uint16(len(payload)))
	h = append(append(h, src.AsSlice()...), dst.AsSlice()...)
	return append(h, payload...)
}

// checksum covers the pseudo header and the payload, whose own checksum is still zero.
func checksum(src, dst netip.Addr, proto byte, payload []byte) uint16 {
	sum := sum16(uint32(proto)+uint32(len(payload)), src.AsSlice())
	return fold(sum16(sum16(sum, dst.AsSlice()), payload))
}

func sum16(sum uint32, b []byte) uint32 {
	for ; len(b) >= 2; b = b[2:] {
		sum += uint32(b[0])<<8 | uint32(b[1])
	}
	if len(b) == 1 {
		sum += uint32(b[0]) << 8
	}
	return sum
}

func fold(sum uint32) uint16 {
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}
