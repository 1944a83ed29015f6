package pcapfile

import (
	"encoding/binary"
	"testing"

	"spinneret/capture/packet"
)

func TestLinkTypes(t *testing.T) {
	v4, v6 := hello[14:], ip(17, "2001:db8::1", "2001:db8::2", hello[34:])
	sll := func(kind byte, hardware, protocol uint16, l3 []byte) []byte {
		b := binary.BigEndian.AppendUint16([]byte{0, kind}, hardware)
		b = append(append(append(b, 0, 6), camera[:]...), 0, 0)
		return append(binary.BigEndian.AppendUint16(b, protocol), l3...)
	}
	sll2 := func(kind byte, protocol uint16, l3 []byte) []byte {
		b := binary.BigEndian.AppendUint16(nil, protocol)
		b = append(append(b, 0, 0, 0, 0, 0, 3, 0, 1, kind, 6), camera[:]...)
		return append(append(b, 0, 0), l3...)
	}
	none := packet.MAC{}
	for _, tt := range []struct {
		name     string
		link     LinkType
		frame    []byte
		src, dst packet.MAC
		length   uint32
		ip       bool
	}{
		{"raw", LinkRaw, v4, none, none, 33, true},
		{"raw as bsd numbers it", LinkRawBSD, v6, none, none, 53, true},
		{"raw as openbsd numbers it", LinkRawOpen, v6, none, none, 53, true},
		{"raw ipv4", LinkIPv4, v4, none, none, 33, true},
		{"raw ipv6", LinkIPv6, v6, none, none, 53, true},
		{"loopback", LinkNull, append([]byte{30, 0, 0, 0}, v6...), none, none, 53, true},
		{"loopback of openbsd", LinkLoop, append([]byte{0, 0, 0, 2}, v4...), none, none, 33, true},
		{"cooked", LinkLinuxSLL, sll(0, 1, 0x0800, v4), camera, none, 33, true},
		{"cooked broadcast", LinkLinuxSLL, sll(1, 1, 0x0800, v4), camera, packet.Broadcast, 33, true},
		{"cooked frame without ip counts whole", LinkLinuxSLL, sll(0, 1, 0x88cc, v4), camera, none, 47, false},
		{"cooked version 2", LinkLinuxSLL2, sll2(0, 0x86dd, v6), camera, none, 53, true},
		{"cooked version 2 frame without ip", LinkLinuxSLL2, sll2(1, 0x88cc, v4), camera, packet.Broadcast, 47, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			le := binary.LittleEndian
			got, stats, err := readAll(t, file(pcap(le, magicMicro, tt.link), record(le, 1, 0, tt.frame, len(tt.frame))))
			if err != nil || len(got) != 1 || stats.Bad != 0 {
				t.Fatalf("%d packets, %+v, %v; want one", len(got), stats, err)
			}
			p := got[0]
			if p.SrcMAC != tt.src || p.DstMAC != tt.dst || p.Length != tt.length || p.IsIP() != tt.ip {
				t.Errorf("from %v to %v, %d bytes, ip %v; want %v, %v, %d, %v",
					p.SrcMAC, p.DstMAC, p.Length, p.IsIP(), tt.src, tt.dst, tt.length, tt.ip)
			}
		})
	}
}

func TestLinkHeadersThatAreRefused(t *testing.T) {
	le := binary.LittleEndian
	netlink := append([]byte{0, 4, 824 >> 8, 824 & 0xff, 0, 6}, make([]byte, 26)...)
	for name, in := range map[string]struct {
		link  LinkType
		frame []byte
	}{
		"short cooked":           {LinkLinuxSLL, make([]byte, 15)},
		"short cooked version 2": {LinkLinuxSLL2, make([]byte, 19)},
		"short loopback":         {LinkNull, make([]byte, 3)},
		"loopback of no ip":      {LinkNull, make([]byte, 30)},
		"netlink":                {LinkLinuxSLL, netlink},
	} {
		got, stats, err := readAll(t, file(pcap(le, magicMicro, in.link), record(le, 1, 0, in.frame, len(in.frame))))
		if err != nil || len(got) != 0 || stats != (Stats{Packets: 1, Bad: 1}) {
			t.Errorf("%s: %d packets, %+v, %v; want it counted as bad and dropped", name, len(got), stats, err)
		}
	}
}
