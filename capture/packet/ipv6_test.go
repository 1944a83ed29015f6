package packet

import "testing"

func TestDecodeIPv6(t *testing.T) {
	dns := Packet{Proto: 17, SrcPort: 0xa112, DstPort: 53, Payload: []byte("hi")}
	sized := func(p Packet, length uint32) Packet {
		p.Length = length
		return from6(p)
	}
	runDecodeTests(t, []decodeTest{
		{name: "udp", frame: ether(0x86dd, ip6(17, udp("hi"))), want: sized(dns, 50)},
		{
			name:  "router advertisement",
			frame: ether(0x86dd, ip6(58, raw("86 00 0000 40000708"), []byte("rest"))),
			want:  from6(Packet{Proto: 58, ICMPType: 134, Length: 52, Payload: []byte("rest")}),
		},
		{
			name:  "icmp of ipv4 is just a number",
			frame: ether(0x86dd, ip6(1, raw("08 00 0000 00000000"))),
			want:  from6(Packet{Proto: 1, Length: 48}),
		},
		{
			name: "hop-by-hop, destination and routing headers",
			frame: ether(0x86dd, ip6(
				0, raw("3c 00 0502 0000 0100"), raw("2b 01 010c 00000000 0000000000000000"), raw("11 00 0000 00000000"), udp("hi"),
			)),
			want: sized(dns, 82),
		},
		{
			name:  "authentication header counts in words of four bytes",
			frame: ether(0x86dd, ip6(51, raw("11 04 0000 00000001 00000001 0102030405060708 090a0b0c"), udp("hi"))),
			want:  sized(dns, 74),
		},
		{name: "nothing follows", frame: ether(0x86dd, ip6(59)), want: from6(Packet{Proto: 59, Length: 40})},
		{
			name:  "first fragment",
			frame: ether(0x86dd, ip6(44, raw("11 00 0001 00010002"), set(udp("12345678"), 4, 1))),
			want: from6(Packet{
				Proto: 17, SrcPort: 0xa112, DstPort: 53, Length: 64, Payload: []byte("12345678"),
				Fragment: true, FragID: 0x00010002,
			}),
		},
		{
			name:  "later fragment",
			frame: ether(0x86dd, ip6(44, raw("11 00 0010 00010002"), []byte("12345678"))),
			want:  from6(Packet{Proto: 17, Length: 56, Fragment: true, FragID: 0x00010002, FragOffset: 16}),
		},
		{
			name:  "later fragment whose content begins with an extension header is not walked",
			frame: ether(0x86dd, ip6(44, raw("3c 00 0010 00010002"), []byte("12345678"))),
			want:  from6(Packet{Proto: 60, Length: 56, Fragment: true, FragID: 0x00010002, FragOffset: 16}),
		},
		{
			name:  "an atomic fragment is a whole datagram (RFC 6946)",
			frame: ether(0x86dd, ip6(44, raw("11 00 0000 00010002"), udp("hi"))),
			want:  sized(dns, 58),
		},
	})
}

func TestDecodeIPv6Refuses(t *testing.T) {
	frame := ether(0x86dd, ip6(17, udp("hi")))
	unread := link(Packet{EtherType: EtherTypeIPv6, Length: uint32(len(frame))})
	mapped := join(frame[:14+8], raw("00000000000000000000ffff c0a80101"), frame[14+24:])
	destination := raw("3c 00 0000 0000 0000") // followed by another one
	runDecodeTests(t, []decodeTest{
		{name: "another version", frame: set(frame, 14, 0x45), want: unread, err: ErrMalformed},
		{
			name: "a payload length beyond the frame, which counts as sent", frame: set(frame, 14+4, 1),
			want: from6(Packet{Proto: 17, SrcPort: 0xa112, DstPort: 53, Length: 50, Payload: []byte("hi")}),
			err:  ErrMalformed,
		},
		{name: "an ipv4-mapped source", frame: mapped, want: unread, err: ErrMalformed},
		{name: "a header cut by the capture", frame: frame[:50], sent: 64, want: unread, err: ErrTruncated},
		{
			name:  "a jumbogram (RFC 2675)",
			frame: set(set(ether(0x86dd, ip6(0, raw("11 00 c204 00010000"), udp("hi"))), 14+4, 0), 14+5, 0),
			want:  from6(Packet{Proto: 0, Length: 40}),
			err:   ErrMalformed,
		},
		{
			name:  "an extension header beyond the packet",
			frame: ether(0x86dd, ip6(0, raw("11 09 0000 00000000"), udp("hi"))),
			want:  from6(Packet{Proto: 0, Length: 58}),
			err:   ErrMalformed,
		},
		{
			name:  "an extension header cut by the capture",
			frame: ether(0x86dd, ip6(0, raw("11 00 0000 00000000"), udp("hi")))[:14+44],
			sent:  14 + 58,
			want:  from6(Packet{Proto: 0, Length: 58}),
			err:   ErrTruncated,
		},
		{
			name:  "a chain of nine extension headers",
			frame: ether(0x86dd, ip6(60, repeat(destination, 8), raw("11 00 0000 00000000"), udp("hi"))),
			want:  from6(Packet{Proto: 60, Length: 122}),
			err:   ErrMalformed,
		},
		{
			name:  "a fragment beyond the largest datagram",
			frame: ether(0x86dd, ip6(44, raw("11 00 fff8 00000001"), []byte("12345678"))),
			want:  from6(Packet{Proto: 44, Length: 56, Fragment: true, FragID: 1, FragOffset: 65528}),
			err:   ErrMalformed,
		},
	})
}
