package firewall

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"
	"testing"

	"spinneret/openwrt/lab"
)

// leak is a way to say something to somebody in spite of level internet or flow: frames of the device, and who
// hears them while it is free.
type leak struct {
	name    string
	frames  func(mark []byte) [][]byte
	reaches string // laptop or server
	passes  bool   // also while it is held
}

var routerMAC = [6]byte{2, 0, 0, 0, 1, 1}

// udpPacket makes a UDP datagram over IPv4 or IPv6, with a checksum.
func udpPacket(from, to netip.Addr, ports [2]uint16, mark []byte) []byte {
	return lab.UDP(netip.AddrPortFrom(from, ports[0]), netip.AddrPortFrom(to, ports[1]), mark)
}

// framed is a frame of the camera with an IP packet.
func framed(to, from [6]byte, packet []byte) []byte {
	if packet[0]>>4 == 6 {
		return ethernet(to, from, 0x86dd, packet)
	}
	return ethernet(to, from, 0x0800, packet)
}

// fragments cuts an IPv4 packet after its first 32 bytes of payload (RFC 791).
func fragments(packet []byte) [][]byte {
	from, to := netip.AddrFrom4([4]byte(packet[12:16])), netip.AddrFrom4([4]byte(packet[16:20]))
	body := packet[20:]
	return [][]byte{
		ipv4Packet(packet[9], from, to, 0x2000, body[:32]),
		ipv4Packet(packet[9], from, to, 4, body[32:]),
	}
}

// extended puts two extension headers between an IPv6 header and its payload (RFC 8200 section 4).
func extended(packet []byte) []byte {
	const hopByHop, destination = 0, 60
	options := []byte{destination, 0, 1, 4, 0, 0, 0, 0, packet[6], 0, 1, 4, 0, 0, 0, 0}
	out := bytes.Join([][]byte{packet[:40], options, packet[40:]}, nil)
	out[6] = hopByHop
	binary.BigEndian.PutUint16(out[4:], uint16(len(out)-40))
	return out
}

// each frames packets.
func each(to, from [6]byte, packets ...[]byte) (frames [][]byte) {
	for _, p := range packets {
		frames = append(frames, framed(to, from, p))
	}
	return frames
}

// waysOut are ways to reach the internet's server on port 53.
func waysOut(t *testing.T, h *house) []leak {
	cam := mac(t, h.cam)
	ports := [2]uint16{40000, 53}
	cam4, cam6 := h.cam.IPv4(), h.cam.IPv6()
	fresh4, fresh6 := netip.MustParseAddr("192.168.1.250"), netip.MustParseAddr("2001:db8:20::beef")
	out := func(from, to netip.Addr) func([]byte) [][]byte {
		return func(m []byte) [][]byte { return each(routerMAC, cam, udpPacket(from, to, ports, m)) }
	}
	return []leak{
		{"plain", out(cam4, h.server4), "server", false},
		{"plain over IPv6", out(cam6, h.server6), "server", false},
		{"from a new address", out(fresh4, h.server4), "server", false},
		{"from a new address over IPv6", out(fresh6, h.server6), "server", false},
		{"with a VLAN tag", func(m []byte) [][]byte {
			return [][]byte{tagged(out(cam4, h.server4)(m)[0], 0)}
		}, "server", false},
		{"with two VLAN tags", func(m []byte) [][]byte {
			return [][]byte{tagged(tagged(out(cam4, h.server4)(m)[0], 0), 0)}
		}, "server", false},
		{"in fragments", func(m []byte) [][]byte {
			return each(routerMAC, cam, fragments(udpPacket(cam4, h.server4, ports, append(make([]byte, 24), m...)))...)
		}, "server", false},
		{"behind extension headers", func(m []byte) [][]byte {
			return each(routerMAC, cam, extended(udpPacket(cam6, h.server6, ports, m)))
		}, "server", false},
	}
}

// try sends every leak while the device is free and again while it is held, and looks who hears it.
func try(t *testing.T, h *house, held State, leaks []leak) {
	t.Helper()
	cam := mac(t, h.cam)
	out := openWire(t, h.cam.NS, "eth0")
	wires := map[string]*wire{"laptop": openWire(t, h.laptop.NS, "eth0"), "server": openWire(t, h.Internet(), "home0")}
	after := framed(mac(t, h.laptop), cam, udpPacket(h.cam.IPv4(), h.laptop.IPv4(), [2]uint16{1, 1}, []byte("after all")))
	for _, when := range []string{"free", "held"} {
		s := h.state()
		if when == "held" {
			s = held
		}
		apply(t, h.firewall, s)
		for i, l := range leaks {
			mark := fmt.Appendf(nil, "%s-%02d-leak", when, i)
			for _, f := range l.frames(mark) {
				out.send(t, f)
			}
			heard := func() bool { return wires[l.reaches].heard(cam, mark) }
			if when == "free" || l.passes {
				eventually(t, fmt.Sprintf("%s, %s: it reaches the %s", l.name, when, l.reaches), heard)
				continue
			}
			// Frames of one cable are dealt with in their order: what comes after it has passed it.
			next := fmt.Appendf(nil, "after-%02d", i)
			out.send(t, append(bytes.Clone(after), next...))
			eventually(t, "the next frame arrives", func() bool { return wires["laptop"].heard(cam, next) })
			if heard() {
				t.Errorf("%s: it reached the %s", l.name, l.reaches)
			}
		}
	}
}

func TestNothingOfADeviceWithoutInternetGetsThere(t *testing.T) {
	h := startHouse(t, lab.Options{})
	leaks := waysOut(t, h)
	cam := mac(t, h.cam)
	leaks = append(leaks,
		leak{"as DHCP to the internet", func(m []byte) [][]byte {
			return each(routerMAC, cam, udpPacket(h.cam.IPv4(), h.server4, [2]uint16{68, 67}, m))
		}, "server", false},
		leak{"as neighbour discovery to the internet", func(m []byte) [][]byte {
			return each(routerMAC, cam, icmpv6Packet(135, h.cam.IPv6(), h.server6, append(make([]byte, 20), m...)))
		}, "server", false},
		leak{"to a neighbour", func(m []byte) [][]byte {
			return each(mac(t, h.laptop), cam, udpPacket(h.cam.IPv6(), h.laptop.IPv6(), [2]uint16{40000, 53}, m))
		}, "laptop", true},
		leak{"to everybody", func(m []byte) [][]byte {
			return each(broadcast, cam, udpPacket(h.cam.IPv4(), limited, [2]uint16{40000, 53}, m))
		}, "laptop", true},
		leak{"ARP to a neighbour", func(m []byte) [][]byte {
			return [][]byte{ethernet(broadcast, cam, 0x0806, arpPacket(1, cam, h.cam.IPv4(), [6]byte{}, h.laptop.IPv4()), m)}
		}, "laptop", true},
	)
	try(t, h, h.state(offlineFor(t, h.cam)), leaks)
	if n := h.proof(t, h.cam).Refused.Packets; n < 10 {
		t.Errorf("%d packets were refused, want all 10", n)
	}
}

func TestNothingOfAStoppedFlowPassesAndAllElseDoes(t *testing.T) {
	h := startHouse(t, lab.Options{})
	cam, laptop := mac(t, h.cam), mac(t, h.laptop)
	to := func(far netip.Addr, at [6]byte, from, port uint16) func([]byte) [][]byte {
		near := h.cam.IPv4()
		if far.Is6() {
			near = h.cam.IPv6()
		}
		return func(m []byte) [][]byte { return each(at, cam, udpPacket(near, far, [2]uint16{from, port}, m)) }
	}
	neighbour := to(h.laptop.IPv4(), laptop, 40000, 7000)
	echo := func(far netip.Addr, at [6]byte, typ byte) func([]byte) [][]byte {
		return func(m []byte) [][]byte {
			if far.Is6() {
				return each(at, cam, icmpv6Packet(typ, h.cam.IPv6(), far, append([]byte{0, 1, 0, 1}, m...)))
			}
			b := append([]byte{typ, 0, 0, 0, 0, 1, 0, 1}, m...)
			binary.BigEndian.PutUint16(b[2:], checksum(b))
			return each(at, cam, ipv4Packet(1, h.cam.IPv4(), far, 0, b))
		}
	}
	leaks := append(waysOut(t, h),
		leak{"to another port", to(h.server4, routerMAC, 40001, 54), "server", true},
		leak{"from that port to another", to(h.server4, routerMAC, 53, 55), "server", true},
		leak{"to another address", to(netip.MustParseAddr("198.51.100.78"), routerMAC, 40001, 53), "server", true},
		leak{"to another port over IPv6", to(h.server6, routerMAC, 40001, 54), "server", true},
		leak{"to a neighbour", neighbour, "laptop", false},
		leak{"to a neighbour with a VLAN tag", func(m []byte) [][]byte { return [][]byte{tagged(neighbour(m)[0], 5)} }, "laptop", false},
		leak{"to a neighbour with two VLAN tags", func(m []byte) [][]byte {
			return [][]byte{tagged(tagged(neighbour(m)[0], 0), 0)}
		}, "laptop", false},
		leak{"the first fragment to a neighbour", func(m []byte) [][]byte {
			p := udpPacket(h.cam.IPv4(), h.laptop.IPv4(), [2]uint16{40000, 7000}, append(m, make([]byte, 32)...))
			return each(laptop, cam, fragments(p)[0])
		}, "laptop", false},
		leak{"to another port of a neighbour", to(h.laptop.IPv4(), laptop, 40000, 7001), "laptop", true},
		leak{"a ping that is stopped", echo(h.laptop.IPv4(), laptop, 8), "laptop", false},
		leak{"another ICMP message", echo(h.laptop.IPv4(), laptop, 13), "laptop", true},
		leak{"a ping over IPv6 that is stopped", echo(h.server6, routerMAC, 128), "server", false},
		leak{"a ping over IPv6 elsewhere", echo(h.laptop.IPv6(), laptop, 128), "laptop", true},
	)
	try(t, h, h.state(stop(t, h.cam,
		target(h.server4.String()+"/32", 17, 53), target(h.server6.String()+"/128", 17, 53),
		target(h.laptop.IPv4().String()+"/32", 17, 7000),
		pings(h.laptop.IPv4().String()+"/32", 8), pings("2001:db8:100::/40", 128),
	)), leaks)
}
