package pcapfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net/netip"
	"testing"
	"time"

	"spinneret/capture/packet"
)

// The files of these tests are made here, byte by byte.

var (
	router = packet.MAC{2, 0, 0, 0, 0, 0xfe}
	camera = packet.MAC{2, 0, 0, 0, 0, 1}
	bulb   = packet.MAC{2, 0, 0, 0, 0, 2}
)

// udp4 is an Ethernet frame with a UDP packet over IPv4, or IPv6 where the addresses are.
func udp4(from packet.MAC, src, dst string, srcPort, dstPort uint16, payload string) []byte {
	u := binary.BigEndian.AppendUint16(nil, srcPort)
	u = binary.BigEndian.AppendUint16(u, dstPort)
	u = binary.BigEndian.AppendUint16(u, uint16(8+len(payload)))
	return ethernet(from, ip(17, src, dst, append(append(u, 0, 0), payload...)))
}

func ethernet(from packet.MAC, l3 []byte) []byte {
	b := append(append([]byte(nil), packet.Broadcast[:]...), from[:]...)
	if l3[0]>>4 == 6 {
		return append(append(b, 0x86, 0xdd), l3...)
	}
	return append(append(b, 0x08, 0x00), l3...)
}

func ip(proto uint8, src, dst string, payload []byte) []byte {
	s, d := netip.MustParseAddr(src), netip.MustParseAddr(dst)
	if s.Is4() {
		b := []byte{0x45, 0, 0, 0, 0, 1, 0, 0, 64, proto, 0, 0}
		binary.BigEndian.PutUint16(b[2:], uint16(20+len(payload)))
		return append(append(append(b, s.AsSlice()...), d.AsSlice()...), payload...)
	}
	b := []byte{0x60, 0, 0, 0, 0, 0, proto, 255}
	binary.BigEndian.PutUint16(b[4:], uint16(len(payload)))
	return append(append(append(b, s.AsSlice()...), d.AsSlice()...), payload...)
}

// advertisement is a router advertisement of prefixes.
func advertisement(from packet.MAC, src string, prefixes ...string) []byte {
	b := []byte{134, 0, 0, 0, 64, 0, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 0, 0, 0, 0, 0xfe}
	for _, s := range prefixes {
		p := netip.MustParsePrefix(s)
		option := make([]byte, 32)
		option[0], option[1], option[2], option[3] = 3, 4, byte(p.Bits()), 0xc0
		copy(option[16:], p.Addr().AsSlice())
		b = append(b, option...)
	}
	return ethernet(from, ip(58, src, "ff02::1", b))
}

type order interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

// pcap is a file header.
func pcap(o order, magic uint32, link LinkType) []byte {
	b := o.AppendUint32(nil, magic)
	b = o.AppendUint16(o.AppendUint16(b, 2), 4)
	b = o.AppendUint32(append(b, make([]byte, 8)...), 65535)
	return o.AppendUint32(b, uint32(link))
}

func record(o order, sec, frac uint32, frame []byte, sent int) []byte {
	b := o.AppendUint32(o.AppendUint32(nil, sec), frac)
	b = o.AppendUint32(o.AppendUint32(b, uint32(len(frame))), uint32(sent))
	return append(b, frame...)
}

// block is a pcapng block around body.
func block(o order, kind uint32, body ...[]byte) []byte {
	all := bytes.Join(body, nil)
	for len(all)%4 != 0 {
		all = append(all, 0)
	}
	b := o.AppendUint32(o.AppendUint32(nil, kind), uint32(12+len(all)))
	return o.AppendUint32(append(b, all...), uint32(12+len(all)))
}

func words(o order, ws ...uint32) []byte {
	var b []byte
	for _, w := range ws {
		b = o.AppendUint32(b, w)
	}
	return b
}

func section(o order) []byte {
	version := o.AppendUint16(o.AppendUint16(nil, 1), 0)
	return block(o, blockSection, words(o, byteOrderMagic), version, words(o, 0xffffffff, 0xffffffff))
}

func iface(o order, link LinkType, snapLen uint32, options ...[]byte) []byte {
	return block(o, blockInterface, o.AppendUint16(o.AppendUint16(nil, uint16(link)), 0), words(o, snapLen), bytes.Join(options, nil))
}

func option(o order, code uint16, value ...byte) []byte {
	b := o.AppendUint16(o.AppendUint16(nil, code), uint16(len(value)))
	b = append(b, value...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

func enhanced(o order, id uint32, stamp uint64, frame []byte, sent int) []byte {
	return block(o, blockEnhanced, words(o, id, uint32(stamp>>32), uint32(stamp), uint32(len(frame)), uint32(sent)), frame)
}

func file(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// readAll reads a file to its end, or to its error.
func readAll(t *testing.T, file []byte) ([]packet.Packet, Stats, error) {
	t.Helper()
	r, err := NewReader("test.pcap", bytes.NewReader(file))
	if err != nil {
		return nil, Stats{}, err
	}
	var all []packet.Packet
	for {
		var p packet.Packet
		err := r.Next(&p)
		if errors.Is(err, io.EOF) {
			return all, r.Stats(), nil
		}
		if err != nil {
			return all, r.Stats(), err
		}
		p.Payload = bytes.Clone(p.Payload)
		all = append(all, p)
	}
}

// at is a time shortly after a round one.
func at(d time.Duration) time.Time { return time.Unix(1_700_000_000, 0).Add(d) }
