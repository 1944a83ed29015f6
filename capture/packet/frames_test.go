package packet

import (
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"strings"
)

// The frames of these tests are put together from a few small pieces, so that a table row shows what matters.
var (
	camera = MAC{2, 0, 0, 0, 0, 1}
	router = MAC{2, 0, 0, 0, 0, 0xfe}

	cam4    = netip.MustParseAddr("192.168.1.163")
	server4 = netip.MustParseAddr("198.51.100.7")
	cam6    = netip.MustParseAddr("2001:db8::163")
	server6 = netip.MustParseAddr("2001:db8:1::7")
)

// raw reads bytes written in hex with spaces.
func raw(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return b
}

func join(parts ...[]byte) []byte {
	var b []byte
	for _, part := range parts {
		b = append(b, part...)
	}
	return b
}

func ether(etherType uint16, parts ...[]byte) []byte {
	return join(router[:], camera[:], binary.BigEndian.AppendUint16(nil, etherType), join(parts...))
}

// ip4 is an IPv4 header without options before the parts, with their total length.
func ip4(proto uint8, parts ...[]byte) []byte {
	payload := join(parts...)
	b := raw("45 00 0000 1234 0000 40 00 0000")
	binary.BigEndian.PutUint16(b[2:], uint16(20+len(payload)))
	b[9] = proto
	return join(b, cam4.AsSlice(), server4.AsSlice(), payload)
}

// ip4Fragment is ip4 with identification, offset in bytes and the more-fragments flag.
func ip4Fragment(proto uint8, id uint16, offset int, more bool, parts ...[]byte) []byte {
	b := ip4(proto, parts...)
	field := uint16(offset / 8)
	if more {
		field |= 0x2000
	}
	binary.BigEndian.PutUint16(b[4:], id)
	binary.BigEndian.PutUint16(b[6:], field)
	return b
}

// ip6 is an IPv6 header before the parts, next naming the first of them.
func ip6(next uint8, parts ...[]byte) []byte {
	payload := join(parts...)
	b := raw("60 000000 0000 00 40")
	binary.BigEndian.PutUint16(b[4:], uint16(len(payload)))
	b[6] = next
	return join(b, cam6.AsSlice(), server6.AsSlice(), payload)
}

func tcp(flags uint8, payload string) []byte {
	b := raw("a112 01bb 01020304 05060708 50 00 7210 0000 0000")
	b[13] = flags
	return join(b, []byte(payload))
}

func udp(payload string) []byte {
	b := raw("a112 0035 0000 0000")
	binary.BigEndian.PutUint16(b[4:], uint16(8+len(payload)))
	return join(b, []byte(payload))
}

// set returns b with one byte changed.
func set(b []byte, at int, x byte) []byte {
	b = append([]byte(nil), b...)
	b[at] = x
	return b
}

func repeat(b []byte, n int) []byte {
	var all []byte
	for range n {
		all = append(all, b...)
	}
	return all
}
