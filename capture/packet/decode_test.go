package packet

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// compare leaves Network out: see TestNetworkBeginsBehindTheLink.
var compare = cmp.Options{
	cmpopts.EquateComparable(netip.Addr{}), cmpopts.EquateEmpty(), cmpopts.IgnoreFields(Packet{}, "Network"),
}

// from4 and from6 are the fields that every IP frame of the tests has.
func from4(p Packet) Packet {
	p.SrcMAC, p.DstMAC, p.EtherType, p.Src, p.Dst = camera, router, EtherTypeIPv4, cam4, server4
	return p
}

func from6(p Packet) Packet {
	p.SrcMAC, p.DstMAC, p.EtherType, p.Src, p.Dst = camera, router, EtherTypeIPv6, cam6, server6
	return p
}

func link(p Packet) Packet {
	p.SrcMAC, p.DstMAC = camera, router
	return p
}

type decodeTest struct {
	name  string
	frame []byte
	want  Packet
	err   error
	sent  int // bytes on the wire, 0 where all were captured
}

func runDecodeTests(t *testing.T, tests []decodeTest) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			seen := time.Unix(1, 0)
			got := Packet{Time: seen, In: 3, Out: 4, SrcPort: 99, Fragment: true, Network: []byte("old"), Payload: []byte("old")}
			err := got.DecodeEthernet(tt.frame, tt.sent)
			if !errors.Is(err, tt.err) {
				t.Fatalf("error %v, want %v", err, tt.err)
			}
			want := tt.want
			want.Time, want.In, want.Out = seen, 3, 4
			if diff := cmp.Diff(want, got, compare); diff != "" {
				t.Errorf("decoded packet (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecodeIPv4(t *testing.T) {
	options := func(b []byte) []byte { // four bytes of options behind the header of b
		b = set(join(b[:20], raw("01 01 01 00"), b[20:]), 0, 0x46)
		return set(b, 3, b[3]+4)
	}
	runDecodeTests(t, []decodeTest{
		{
			name:  "tcp",
			frame: ether(0x0800, ip4(6, tcp(0x18, "hello"))),
			want: from4(Packet{
				Proto: 6, SrcPort: 0xa112, DstPort: 443, TCPSeq: 0x01020304, TCPAck: 0x05060708, TCPFlags: 0x18,
				Length: 45, Payload: []byte("hello"),
			}),
		},
		{
			name:  "udp with padding behind the ip packet",
			frame: ether(0x0800, ip4(17, udp("hi")), make([]byte, 16)),
			want:  from4(Packet{Proto: 17, SrcPort: 0xa112, DstPort: 53, Length: 30, Payload: []byte("hi")}),
		},
		{
			name:  "udp shorter than the ip payload",
			frame: ether(0x0800, ip4(17, udp("hi"), []byte("rest"))),
			want:  from4(Packet{Proto: 17, SrcPort: 0xa112, DstPort: 53, Length: 34, Payload: []byte("hi")}),
		},
		{
			name:  "icmp echo",
			frame: ether(0x0800, ip4(1, raw("08 00 0000 0001 0002"), []byte("ping"))),
			want:  from4(Packet{Proto: 1, ICMPType: 8, Length: 32, Payload: []byte("ping")}),
		},
		{
			name:  "options are skipped",
			frame: ether(0x0800, options(ip4(17, udp("hi")))),
			want:  from4(Packet{Proto: 17, SrcPort: 0xa112, DstPort: 53, Length: 34, Payload: []byte("hi")}),
		},
		{
			name:  "other protocols have a number and nothing else",
			frame: ether(0x0800, ip4(2, raw("16 00 0000 e0000001"))),
			want:  from4(Packet{Proto: 2, Length: 28}),
		},
		{
			name:  "icmpv6 inside ipv4 is just a number",
			frame: ether(0x0800, ip4(58, raw("86 00 0000 00000000"))),
			want:  from4(Packet{Proto: 58, Length: 28}),
		},
		{
			name:  "total length zero, as segmentation offload leaves it",
			frame: set(ether(0x0800, ip4(17, udp("hi"))), 17, 0),
			want:  from4(Packet{Proto: 17, SrcPort: 0xa112, DstPort: 53, Length: 30, Payload: []byte("hi")}),
		},
		{
			name:  "payload cut by the capture counts whole",
			frame: ether(0x0800, ip4(17, udp("a long answer")))[:14+20+8+2],
			sent:  14 + 20 + 8 + 13,
			want:  from4(Packet{Proto: 17, SrcPort: 0xa112, DstPort: 53, Length: 41, Payload: []byte("a ")}),
		},
		{
			name:  "tcp options cut by the capture",
			frame: set(ether(0x0800, ip4(6, tcp(2, "options!options!"))), 14+20+12, 0x90)[:14+20+22],
			sent:  14 + 20 + 36,
			want: from4(Packet{
				Proto: 6, SrcPort: 0xa112, DstPort: 443, TCPSeq: 0x01020304, TCPAck: 0x05060708, TCPFlags: 2, Length: 56,
			}),
		},
	})
}

func TestDecodeIPv4Refuses(t *testing.T) {
	udpFrame := ether(0x0800, ip4(17, udp("hi")))
	tcpFrame := ether(0x0800, ip4(6, tcp(2, "")))
	unread := link(Packet{EtherType: EtherTypeIPv4, Length: uint32(len(udpFrame))})
	runDecodeTests(t, []decodeTest{
		{name: "another version", frame: set(udpFrame, 14, 0x65), want: unread, err: ErrMalformed},
		{name: "a header of 16 bytes", frame: set(udpFrame, 14, 0x44), want: unread, err: ErrMalformed},
		{name: "a total length inside the header", frame: set(udpFrame, 17, 19), want: unread, err: ErrMalformed},
		{
			name: "a total length beyond the frame, which counts as sent", frame: set(udpFrame, 16, 0xff),
			want: from4(Packet{Proto: 17, SrcPort: 0xa112, DstPort: 53, Length: 30, Payload: []byte("hi")}),
			err:  ErrMalformed,
		},
		{
			name: "a header cut by the capture", frame: udpFrame[:14+19], sent: len(udpFrame),
			want: unread, err: ErrTruncated,
		},
		{
			name: "a frame without room for a header", frame: udpFrame[:14+19],
			want: link(Packet{EtherType: EtherTypeIPv4, Length: 33}), err: ErrMalformed,
		},
		{
			name: "options cut by the capture", frame: set(udpFrame, 14, 0x46)[:14+22], sent: len(udpFrame),
			want: from4(Packet{Proto: 17, Length: 30}), err: ErrTruncated,
		},
		{
			name: "a udp length beyond the packet", frame: set(udpFrame, 14+20+5, 11),
			want: from4(Packet{Proto: 17, SrcPort: 0xa112, DstPort: 53, Length: 30}), err: ErrMalformed,
		},
		{
			name: "a udp length inside its header", frame: set(udpFrame, 14+20+5, 7),
			want: from4(Packet{Proto: 17, SrcPort: 0xa112, DstPort: 53, Length: 30}), err: ErrMalformed,
		},
		{
			name: "a tcp header of 16 bytes", frame: set(tcpFrame, 14+20+12, 0x40),
			want: from4(Packet{Proto: 6, SrcPort: 0xa112, DstPort: 443, Length: 40}), err: ErrMalformed,
		},
		{
			name: "a tcp header beyond the packet", frame: set(tcpFrame, 14+20+12, 0x60),
			want: from4(Packet{Proto: 6, SrcPort: 0xa112, DstPort: 443, Length: 40}), err: ErrMalformed,
		},
		{
			name: "a tcp header cut by the capture keeps its ports", frame: tcpFrame[:14+20+8], sent: len(tcpFrame),
			want: from4(Packet{Proto: 6, SrcPort: 0xa112, DstPort: 443, Length: 40}), err: ErrTruncated,
		},
		{
			name: "three bytes of udp", frame: ether(0x0800, ip4(17, raw("a11200"))),
			want: from4(Packet{Proto: 17, Length: 23}), err: ErrMalformed,
		},
		{
			name: "four bytes of icmp", frame: ether(0x0800, ip4(1, raw("08000000"))),
			want: from4(Packet{Proto: 1, Length: 24}), err: ErrMalformed,
		},
	})
}

func TestDecodeIPv4Fragments(t *testing.T) {
	runDecodeTests(t, []decodeTest{
		{
			name:  "the first has ports, and a udp length beyond itself",
			frame: ether(0x0800, ip4Fragment(17, 0xbeef, 0, true, set(udp("12345678"), 4, 1))),
			want: from4(Packet{
				Proto: 17, SrcPort: 0xa112, DstPort: 53, Length: 36, Payload: []byte("12345678"),
				Fragment: true, FragID: 0xbeef,
			}),
		},
		{
			name:  "a later one has none",
			frame: ether(0x0800, ip4Fragment(17, 0xbeef, 16, false, []byte("12345678"))),
			want:  from4(Packet{Proto: 17, Length: 28, Fragment: true, FragID: 0xbeef, FragOffset: 16}),
		},
		{
			name:  "beyond the largest datagram",
			frame: ether(0x0800, ip4Fragment(17, 1, 65528, false, []byte("12345678"))),
			want:  from4(Packet{Proto: 17, Length: 28, Fragment: true, FragID: 1, FragOffset: 65528}),
			err:   ErrMalformed,
		},
		{
			name:  "too small for its transport header (RFC 1858)",
			frame: ether(0x0800, ip4Fragment(6, 1, 0, true, tcp(2, "")[:8])),
			want: from4(Packet{
				Proto: 6, SrcPort: 0xa112, DstPort: 443, Length: 28, Fragment: true, FragID: 1,
			}),
			err: ErrMalformed,
		},
	})
}
