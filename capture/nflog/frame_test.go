package nflog

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/florianl/go-nflog/v2"

	"spinneret/capture/packet"
	"spinneret/openwrt/lab"
)

// bridged is a router whose bridge joins two devices, and logs what it forwards.
func bridged(t *testing.T) (router, one, two *lab.NS) {
	t.Helper()
	router, one, two = namespace(t, "router"), namespace(t, "one"), namespace(t, "two")
	add := router.Command(t.Context(), "ip", "-batch", "-")
	for _, ns := range []*lab.NS{one, two} {
		peer := dup(t, ns)
		defer peer.Close()
		add.ExtraFiles = append(add.ExtraFiles, peer)
	}
	add.Stdin = strings.NewReader("link add bridge0 type bridge\nlink set bridge0 up\n" +
		"link add lan1 type veth peer name eth0 netns /proc/self/fd/3\nlink set lan1 master bridge0 up\n" +
		"link add lan2 type veth peer name eth0 netns /proc/self/fd/4\nlink set lan2 master bridge0 up\n")
	if _, err := router.Run(add); err != nil {
		t.Fatal(err)
	}
	for _, ns := range []*lab.NS{one, two} {
		if _, err := ns.Run(ns.Command(t.Context(), "ip", "link", "set", "eth0", "up")); err != nil {
			t.Fatal(err)
		}
	}
	nft(t, router, "table bridge t {\n chain c {\n type filter hook forward priority 0; policy accept;\n log group 42 snaplen 128 queue-threshold 1\n }\n}\n")
	return router, one, two
}

func TestFramesOnABridgeTellBothMACs(t *testing.T) {
	router, one, _ := bridged(t)
	s := mustOpen(t, router, Config{Group: group, Frames: true})
	gotC := make(chan packet.Packet, 100)
	defer run(t, s, func(p *packet.Packet) {
		if p.SrcMAC[5] == 1 && len(gotC) < cap(gotC) {
			gotC <- *p
		}
	})()
	wire, err := one.OpenRaw("eth0")
	if err != nil {
		t.Fatal(err)
	}
	defer wire.Close()
	from, to := lab.MAC{2, 9, 0, 0, 0, 1}, lab.MAC{2, 9, 0, 0, 0, 2}
	src, dst := netip.MustParseAddrPort("192.168.1.5:4000"), netip.MustParseAddrPort("192.168.1.6:9")
	for _, c := range []struct {
		frame []byte
		want  packet.Packet
	}{
		{lab.Ethernet(to, from, 0x88b5, []byte("no IP")), packet.Packet{EtherType: 0x88b5}},
		{lab.IP(to, from, lab.UDP(src, dst, []byte("hello"))), packet.Packet{EtherType: 0x0800, Src: src.Addr(), DstPort: 9}},
		{lab.Ethernet(to, from, 0x0806, lab.ARP(1, from, src.Addr(), lab.MAC{}, dst.Addr())), packet.Packet{EtherType: 0x0806, Src: src.Addr()}},
		{lab.Ethernet(to, from, 40, []byte{0x42, 0x42, 3}), packet.Packet{EtherType: packet.EtherType8022}},
		{lab.Ethernet(to, from, 40, []byte{0xff, 0xff, 3}), packet.Packet{EtherType: packet.EtherType8023}},
	} {
		var p packet.Packet
		eventually(t, "the frame", func() bool {
			if err := wire.Send(c.frame); err != nil { // the bridge may not be ready for the first
				t.Fatal(err)
			}
			select {
			case p = <-gotC:
				return p.EtherType == c.want.EtherType
			case <-time.After(20 * time.Millisecond):
				return false
			}
		})
		if p.SrcMAC != packet.MAC(from) || p.DstMAC != packet.MAC(to) || p.Src != c.want.Src || p.DstPort != c.want.DstPort || p.In == 0 {
			t.Errorf("frame %#04x came as %+v", c.want.EtherType, p)
		}
	}
}

// TestAFrameWithoutItsHeaderIsNobodys: it is counted as not readable.
func TestAFrameWithoutItsHeaderIsNobodys(t *testing.T) {
	short, content := make([]byte, etherHeader-1), bytes.Repeat([]byte{1}, 60)
	for _, a := range []nflog.Attribute{{Payload: &content}, {Payload: &content, HwHeader: &short}, {}} {
		s := &Source{frames: true, read: readFrame}
		handle := func(p *packet.Packet) { t.Errorf("it was handed on as %+v", p) }
		s.handle.Store(&handle)
		s.received(a)
		if s.bad.Load() != 1 {
			t.Errorf("%d are counted as not readable", s.bad.Load())
		}
	}
}
