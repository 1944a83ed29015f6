package conntrack

import (
	"encoding/binary"
	"net/netip"
	"slices"

	"golang.org/x/sys/unix"
)

// attr builds one attribute of the parts, padded.
func attr(typ uint16, parts ...[]byte) []byte {
	value := slices.Concat(parts...)
	b := binary.NativeEndian.AppendUint16(nil, uint16(4+len(value)))
	b = binary.NativeEndian.AppendUint16(b, typ)
	b = append(b, value...)
	return append(b, make([]byte, -len(b)&3)...)
}

func nest(typ uint16, parts ...[]byte) []byte { return attr(typ|unix.NLA_F_NESTED, parts...) }

func n8(v uint8) []byte   { return []byte{v} }
func n16(v uint16) []byte { return binary.BigEndian.AppendUint16(nil, v) }
func n32(v uint32) []byte { return binary.BigEndian.AppendUint32(nil, v) }
func n64(v uint64) []byte { return binary.BigEndian.AppendUint64(nil, v) }

// tuple builds a tuple of a protocol with ports, from addresses with ports.
func tuple(typ uint16, proto uint8, src, dst string) []byte {
	from, to := netip.MustParseAddrPort(src), netip.MustParseAddrPort(dst)
	first := uint16(ctaIPv4Src)
	if from.Addr().Is6() {
		first = ctaIPv6Src
	}
	return nest(typ,
		nest(ctaTupleIP, attr(first, from.Addr().AsSlice()), attr(first+1, to.Addr().AsSlice())),
		nest(ctaTupleProto, attr(ctaProtoNum, n8(proto)), attr(ctaSrcPort, n16(from.Port())), attr(ctaDstPort, n16(to.Port()))))
}

func counters(typ uint16, packets, bytes uint64) []byte {
	return nest(typ, attr(ctaCountersPackets, n64(packets)), attr(ctaCountersBytes, n64(bytes)))
}

// body builds what follows the netlink header of a message.
func body(attrs ...[]byte) []byte {
	return append([]byte{unix.AF_INET, unix.NFNETLINK_V0, 0, 0}, slices.Concat(attrs...)...)
}

// framed puts the netlink header before a body.
func framed(kind uint16, body []byte) []byte {
	b := make([]byte, unix.SizeofNlMsghdr)
	binary.NativeEndian.PutUint32(b, uint32(len(b)+len(body)))
	binary.NativeEndian.PutUint16(b[4:], kind)
	return append(append(b, body...), make([]byte, -len(body)&3)...)
}

// everything is a TCP connection through NAT with all attributes that we read, and some that we do not.
func everything() []byte {
	return body(
		tuple(ctaTupleOrig, unix.IPPROTO_TCP, "192.168.1.163:41234", "198.51.100.7:443"),
		tuple(ctaTupleReply, unix.IPPROTO_TCP, "198.51.100.7:443", "203.0.113.20:40321"),
		attr(ctaStatus, n32(0x19e)),
		nest(ctaProtoInfo, nest(ctaProtoInfoTCP, attr(ctaTCPState, n8(3)), attr(2, n8(7)))),
		attr(ctaMark, n32(0xbeef)),
		counters(ctaCountersOrig, 700, 910000),
		counters(ctaCountersReply, 61, 5200),
		attr(11, n32(2)), // CTA_USE
		attr(ctaID, n32(0xcafe)),
		attr(ctaZone, n16(9)),
		nest(ctaTimestamp, attr(ctaTimestampStart, n64(1_700_000_000_000_000_000))),
		attr(22, make([]byte, 16)), // CTA_LABELS
		attr(99, []byte("from a later kernel")),
	)
}

// connection makes an entry in which the initiator sent 5 packets and the responder 3.
func connection(proto uint8, src, dst, replySrc, replyDst string) Entry {
	a, b := netip.MustParseAddrPort(src), netip.MustParseAddrPort(dst)
	c, d := netip.MustParseAddrPort(replySrc), netip.MustParseAddrPort(replyDst)
	return Entry{
		Orig:         Tuple{Src: a.Addr(), Dst: b.Addr(), Protocol: proto, SrcPort: a.Port(), DstPort: b.Port()},
		Reply:        Tuple{Src: c.Addr(), Dst: d.Addr(), Protocol: proto, SrcPort: c.Port(), DstPort: d.Port()},
		OrigCounters: Counters{5, 500}, ReplyCounters: Counters{3, 300}, HasCounters: true,
	}
}
