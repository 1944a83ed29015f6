package firewall

import (
	"fmt"
	"net/netip"
	"testing"

	"spinneret/openwrt/lab"
)

// escape is a way in which a device that is cut off could still reach somebody: frames that it sends, each
// with a mark, and the wires of those who would get them if nobody dropped them.
type escape struct {
	name    string
	frame   func(mark []byte) []byte
	reaches []string // laptop, router, server
}

var (
	everyone6 = netip.MustParseAddr("ff02::1")
	limited   = netip.MustParseAddr("255.255.255.255")
	anybody   = netip.MustParseAddr("0.0.0.0")
)

func escapes(t *testing.T, h *house) []escape {
	cam, laptop, router := mac(t, h.cam), mac(t, h.laptop), [6]byte{2, 0, 0, 0, 1, 1}
	cam4, laptop4, laptop6 := h.cam.IPv4(), h.laptop.IPv4(), h.laptop.IPv6()
	udp := func(from, to netip.Addr, fragment uint16, mark []byte) []byte {
		return ipv4Packet(17, from, to, fragment, udpDatagram(68, 67, mark))
	}
	return []escape{
		{"ARP poisoning of everybody", func(m []byte) []byte {
			return ethernet(broadcast, cam, 0x0806, arpPacket(2, cam, h.router4, broadcast, h.router4), m)
		}, []string{"laptop", "router"}},
		{"ARP poisoning of one", func(m []byte) []byte {
			return ethernet(laptop, cam, 0x0806, arpPacket(2, cam, h.router4, laptop, laptop4), m)
		}, []string{"laptop"}},
		{"ARP request in the name of another", func(m []byte) []byte {
			return ethernet(broadcast, cam, 0x0806, arpPacket(1, cam, laptop4, [6]byte{}, h.router4), m)
		}, []string{"laptop", "router"}},
		{"ARP request with the MAC of another", func(m []byte) []byte {
			return ethernet(router, cam, 0x0806, arpPacket(1, laptop, cam4, [6]byte{}, h.router4), m)
		}, []string{"router"}},
		{"ARP request for a neighbour", func(m []byte) []byte {
			return ethernet(broadcast, cam, 0x0806, arpPacket(1, cam, cam4, [6]byte{}, laptop4), m)
		}, []string{"laptop", "router"}},
		{"UDP from 68 to 67 of a neighbour", func(m []byte) []byte {
			return ethernet(laptop, cam, 0x0800, udp(cam4, laptop4, 0, m))
		}, []string{"laptop"}},
		{"UDP from 68 to 67 of the router's address at a neighbour's MAC", func(m []byte) []byte {
			return ethernet(laptop, cam, 0x0800, udp(cam4, h.router4, 0, m))
		}, []string{"laptop"}},
		{"UDP from 68 to 67 of the internet", func(m []byte) []byte {
			return ethernet(router, cam, 0x0800, udp(cam4, h.server4, 0, m))
		}, []string{"router", "server"}},
		{"DHCP in a fragment", func(m []byte) []byte {
			return ethernet(router, cam, 0x0800, udp(cam4, h.router4, 0x2000, m))
		}, []string{"router"}},
		{"DHCP with a VLAN tag", func(m []byte) []byte {
			return tagged(ethernet(broadcast, cam, 0x0800, udp(anybody, limited, 0, m)), 0)
		}, []string{"laptop"}},
		{"neighbour solicitation as a tunnel to a neighbour", func(m []byte) []byte {
			return ethernet(laptop, cam, 0x86dd, icmpv6Packet(135, h.cam.IPv6(), laptop6, append(make([]byte, 20), m...)))
		}, []string{"laptop"}},
		{"neighbour solicitation as a tunnel to the internet", func(m []byte) []byte {
			return ethernet(router, cam, 0x86dd, icmpv6Packet(135, h.cam.IPv6(), h.server6, append(make([]byte, 20), m...)))
		}, []string{"router", "server"}},
		{"router advertisement", func(m []byte) []byte {
			return ethernet(
				[6]byte{0x33, 0x33, 0, 0, 0, 1}, cam, 0x86dd,
				icmpv6Packet(134, linkLocal(t, h.cam), everyone6, append(make([]byte, 12), m...)),
			)
		}, []string{"laptop", "router"}},
		{"DNS through the router", func(m []byte) []byte {
			return ethernet(router, cam, 0x0800, ipv4Packet(17, cam4, h.router4, 0, udpDatagram(40000, 53, m)))
		}, []string{"router"}},
		{"a frame that is not IP", func(m []byte) []byte {
			return ethernet(broadcast, cam, 0x88b5, m)
		}, []string{"laptop", "router"}},
	}
}

func linkLocal(t *testing.T, d *lab.Device) netip.Addr {
	t.Helper()
	for _, a := range d.Addrs() {
		if a.IsLinkLocalUnicast() {
			return a.WithZone("")
		}
	}
	t.Fatalf("%s has no link-local address", d.Name)
	return netip.Addr{}
}

func TestNothingLeavesADeviceThatIsCutOff(t *testing.T) {
	h := startHouse(t, lab.Options{})
	cam := mac(t, h.cam)
	out := openWire(t, h.cam.NS, "eth0")
	wires := map[string]*wire{
		"laptop": openWire(t, h.laptop.NS, "eth0"),
		"router": openWire(t, h.Router(), lab.Bridge),
		"server": openWire(t, h.Internet(), "home0"),
	}
	list := escapes(t, h)
	mark := func(when string, i int) []byte { return fmt.Appendf(nil, "%s-%02d-escape", when, i) }
	apply(t, h.firewall, h.state())
	for i, e := range list {
		for _, who := range e.reaches {
			looks := 0
			eventually(t, e.name+" reaches the "+who+" while the device is free", func() bool {
				if looks++; looks%200 == 1 { // a busy machine may lose a frame
					out.send(t, e.frame(mark("free", i)))
				}
				return wires[who].heard(cam, mark("free", i))
			})
		}
	}

	for i, e := range list {
		// Each begins with the whole allowance of DHCP packets.
		apply(t, h.firewall, h.state())
		apply(t, h.firewall, h.state(cut(t, h.cam)))
		out.send(t, e.frame(mark("held", i)))
		after := mark("next", i) // what may pass, sent on the same way: then all before it is dealt with
		out.send(t, ethernet(broadcast, cam, 0x0806, arpPacket(1, cam, h.cam.IPv4(), [6]byte{}, h.router4), after))
		eventually(t, "a question after it reaches the router", func() bool { return wires["router"].heard(cam, after) })
		for who, w := range wires {
			if w.heard(cam, mark("held", i)) {
				t.Errorf("%s reached the %s", e.name, who)
			}
		}
	}
	if h.proof(t, h.cam).Refused.Packets == 0 {
		t.Error("nothing was counted as refused")
	}
}

// heard says whether a frame with mark came in. Beyond the router it has another MAC.
func (w *wire) heard(from [6]byte, mark []byte) bool {
	return w.seen(from, mark) > 0 || w.seen([6]byte{2, 0, 0, 0, 1, 2}, mark) > 0
}
