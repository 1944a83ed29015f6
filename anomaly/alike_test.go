package anomaly

import (
	"fmt"
	"net/netip"
	"testing"

	"spinneret/capture/packet"
)

// alike are things that look like what is found, and are not.
var alike = map[string]func(h *house, second int){
	"a browser opens a hundred pages": func(h *house, second int) {
		for i := range 100 {
			h.talks(laptopMAC, netip.AddrFrom4([4]byte{198, 18, byte(second), byte(i)}), 443, packet.ProtoTCP, 2000, 90_000)
		}
	},
	"a browser where the internet is down": func(h *house, second int) {
		h.offline = true
		h.talks(laptopMAC, netip.AddrFrom4([4]byte{198, 18, 0, byte(second)}), 443, packet.ProtoTCP, 180, 0)
	},
	"a video call": func(h *house, second int) {
		if second == 0 {
			h.opens(laptopMAC, h.host("calls.example"), 3478, packet.ProtoUDP)
		}
		h.carries(h.flows[0], 600, 600_000, 500, 500_000)
	},
	"a mirrored screen": func(h *house, second int) {
		if second == 0 {
			h.opens(laptopMAC, netip.MustParseAddr("192.168.1.120"), 7000, packet.ProtoUDP)
		}
		h.carries(h.flows[0], 900, 900_000, 1, 80)
	},
	"traceroute": func(h *house, second int) {
		h.opens(laptopMAC, h.host("far.example"), uint16(33434+second), packet.ProtoUDP)
	},
	"files by passive FTP": func(h *house, second int) {
		for i := range 3 {
			h.talks(laptopMAC, h.host("files.example"), uint16(40000+3*second+i), packet.ProtoTCP, 500, 50_000)
		}
	},
	"a backup to the attic": func(h *house, second int) {
		if second == 0 {
			h.opens(laptopMAC, netip.MustParseAddr("192.168.1.120"), 445, packet.ProtoTCP)
		}
		h.carries(h.flows[0], 40_000, 60_000_000, 20_000, 1_000_000)
	},
	"names of a network of caches": func(h *house, second int) {
		p := h.frame(packet.ProtoUDP, "192.168.1.102:40001", "192.168.1.1:53", 0)
		p.Payload = ask(fmt.Sprintf("e%d", second), "dscx", "akamaiedge", "net")
		h.d.Packet(p, laptopMAC, packet.MAC{})
	},
	"an address that changes hands": func(h *house, second int) {
		mac := camMAC
		if second > 10 {
			mac = laptopMAC
		}
		a := netip.MustParseAddr("192.168.1.77")
		h.d.Packet(&packet.Packet{Time: h.now, SrcMAC: mac, EtherType: packet.EtherTypeARP, Src: a, Dst: a, ARPOp: 2}, mac, packet.MAC{})
	},
	"a border router of a mesh": func(h *house, second int) { advertises("fd00:7::")(h, second) },
}

// TestWhatIsNotFound lets each go on for a minute.
func TestWhatIsNotFound(t *testing.T) {
	for name, act := range alike {
		t.Run(name, func(t *testing.T) {
			h := newHouse()
			for i := range 60 {
				act(h, i)
				h.second()
			}
			h.wants(t)
		})
	}
}
