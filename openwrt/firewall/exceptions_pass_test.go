package firewall

import (
	"bytes"
	"net/netip"
	"testing"

	"spinneret/openwrt/lab"
)

// What an exception lets pass at level full: what the router forwards to the target and back, and nothing else.
func TestAnExceptionPassesARouterOnly(t *testing.T) {
	h := startHouse(t, lab.Options{})
	for _, s := range services {
		s.serve(t, h)
	}
	q := cut(t, h.cam)
	q.Except = []Target{
		target("0.0.0.0/0", 6, 80), target("::/0", 6, 80), target(h.server4.String()+"/32", 17, 9000), target(h.server6.String()+"/128", 17, 9001),
	}
	apply(t, h.firewall, h.state())
	cam := mac(t, h.cam)
	device, bridge, neighbour := openWire(t, h.cam.NS, "eth0"), openWire(t, h.Router(), lab.Bridge), openWire(t, h.laptop.NS, "eth0")
	bad := abuses(t, h)
	for name, f := range bad {
		device.send(t, bytes.ReplaceAll(f, []byte("mark"), []byte("free")))
		free := []byte("free" + name[:1])
		eventually(t, name+" reaches somebody while the device is free", func() bool { return bridge.seen(cam, free)+neighbour.seen(cam, free) > 0 })
	}
	firm4 := udpStream(t, "to the exception", h.cam.NS, h.Internet(), port(h.server4, 9000))
	firm6 := udpStream(t, "to the exception over IPv6", h.cam.NS, h.Internet(), port(h.server6, 9001))
	back := answerStream(t, "its answer", h.cam.NS, h.Internet(), port(netip.MustParseAddr("198.51.100.79"), 80))
	other := udpStream(t, "to another port", h.cam.NS, h.Internet(), port(h.server4, 9002))
	lan := udpStream(t, "to a neighbour", h.cam.NS, h.tv.NS, port(h.tv.IPv4(), 9003))
	q.Except = append(q.Except, target("198.51.100.79/32", 17, 80), target(h.tv.IPv4().String()+"/32", 17, 9003))
	apply(t, h.firewall, h.state(q))
	lost := []uint64{other.sent.Load(), lan.sent.Load()}
	for _, ns := range []*lab.NS{h.cam.NS, h.Router()} { // they find each other again
		run(t, ns, "", "ip", "neigh", "flush", "all")
		run(t, ns, "", "ip", "-6", "neigh", "flush", "all")
	}
	passed := []*stream{firm4, firm6, back}
	for _, s := range passed {
		from := s.sent.Load()
		eventually(t, s.name+" goes on", func() bool { return s.goesOnFrom(from + 100) })
	}
	if other.goesOnFrom(lost[0]+1) || lan.goesOnFrom(lost[1]+1) {
		t.Error("something else passed")
	}

	h.wantNoService(t, device)
	for name, f := range bad {
		device.send(t, f)
		good := []byte("good-" + name)
		device.send(t, framed(routerMAC, cam, udpPacket(h.cam.IPv4(), h.server4, [2]uint16{40001, 9000}, good)))
		eventually(t, "what comes after it passes", func() bool { return bridge.seen(cam, good) > 0 })
	}
	if n := bridge.seen(cam, []byte("mark")) + neighbour.seen(cam, []byte("mark")); n > 0 {
		t.Errorf("%d frames passed that should not", n)
	}
	for _, s := range passed {
		s.stop()
	}
}

// wantNoService wants the router to refuse all its services to the camera, over IPv4 and IPv6.
func (h *house) wantNoService(t *testing.T, device *wire) {
	t.Helper()
	cam := mac(t, h.cam)
	_, ula, _ := h.LANAddr()
	for i, s := range services {
		frame, answer := s.ask(h, cam, h.cam.IPv4(), h.router4, uint16(i))
		frame6, answer6 := s.ask(h, cam, h.cam.IPv6(), ula, uint16(100+i))
		refused := h.proof(t, h.cam).Refused.Packets
		device.send(t, frame)
		device.send(t, frame6)
		eventually(t, s.name+" of the router is refused", func() bool { return h.proof(t, h.cam).Refused.Packets >= refused+2 })
		if device.seen(routerMAC, answer)+device.seen(routerMAC, answer6) > 0 {
			t.Errorf("%s of the router answers", s.name)
		}
	}
}

// abuses are frames, marked by their number, with which a device could make more of its exceptions.
func abuses(t *testing.T, h *house) map[string][]byte {
	cam, laptop := mac(t, h.cam), mac(t, h.laptop)
	_, ula, _ := h.LANAddr()
	advert := func(of netip.Addr, mark string) []byte {
		body := append(append([]byte{0x60, 0, 0, 0}, of.AsSlice()...), append([]byte{2, 1}, cam[:]...)...)
		return framed(routerMAC, cam, icmpv6Packet(136, h.cam.IPv6(), ula, append(body, mark...)))
	}
	fake := netip.MustParseAddr("2001:db8:20::bad")
	return map[string][]byte{
		"0: its packet at a neighbour's MAC": framed(laptop, cam, udpPacket(h.cam.IPv4(), h.server4, [2]uint16{40000, 9000}, []byte("mark0"))),
		"1: ARP about another":               ethernet(routerMAC, cam, 0x0806, arpPacket(2, cam, h.laptop.IPv4(), routerMAC, h.router4), []byte("mark1")),
		"2: ND about another":                advert(h.laptop.IPv6(), "mark2"),
		"3: ND from another": framed(routerMAC, cam, icmpv6Packet(135, fake, ula,
			append(append(make([]byte, 4), ula.AsSlice()...), "mark3"...))),
		"4: a router advertisement": framed([6]byte{0x33, 0x33, 0, 0, 0, 1}, cam, icmpv6Packet(134, linkLocal(t, h.cam), everyone6, append(make([]byte, 12), "mark4"...))),
		"5: UDP to the router":      framed(routerMAC, cam, udpPacket(h.cam.IPv4(), h.router4, [2]uint16{68, 6767}, []byte("mark5"))),
	}
}

func TestAnExceptionOfADeviceWithoutInternet(t *testing.T) {
	h := startHouse(t, lab.Options{})
	q := offlineFor(t, h.cam)
	q.Except = []Target{target(h.server4.String()+"/32", 17, 9000), target("2001:db8:100::/40", 6), target(h.router4.String()+"/32", 17)}
	apply(t, h.firewall, h.state())
	good := []*stream{
		udpStream(t, "to the exception", h.cam.NS, h.Internet(), port(h.server4, 9000)),
		tcpStream(t, "to the exception over IPv6", h.cam.NS, h.Internet(), port(h.server6, 9001)),
		udpStream(t, "to a neighbour", h.cam.NS, h.tv.NS, port(h.tv.IPv4(), 9002)),
	}
	bad := []*stream{
		udpStream(t, "to another port", h.cam.NS, h.Internet(), port(h.server4, 9003)),
		udpStream(t, "with another protocol", h.cam.NS, h.Internet(), port(h.server6, 9004)),
		udpStream(t, "to the router", h.cam.NS, h.Router(), port(h.router4, 9005)),
		udpStream(t, "of the router", h.Router(), h.cam.NS, port(h.cam.IPv4(), 9006)),
	}
	apply(t, h.firewall, h.state(q))
	last := make([]uint64, len(bad))
	for i, s := range bad {
		last[i] = s.sent.Load()
	}
	for _, s := range good {
		from := s.sent.Load()
		eventually(t, s.name+" goes on", func() bool { return s.goesOnFrom(from + 150) })
	}
	for i, s := range bad {
		if s.goesOnFrom(last[i] + 1) {
			t.Errorf("%s passed", s.name)
		}
	}
}
