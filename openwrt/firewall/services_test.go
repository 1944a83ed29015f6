package firewall

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"

	"spinneret/openwrt/lab"
)

// service is something that a router serves on a port.
type service struct {
	name    string
	network string
	port    uint16
}

var services = []service{
	{"SSH", "tcp", 22},
	{"LuCI", "tcp", 80},
	{"a proxy", "tcp", 3128},
	{"UPnP", "tcp", 5000},
	{"our page", "tcp", 8484},
	{"SSDP", "udp", 1900},
	{"PCP", "udp", 5351},
	{"time", "udp", 123},
}

// ask sends the first packet of a question to the router and returns what its answer begins with.
func (s service) ask(h *house, cam [6]byte, from, router netip.Addr, n uint16) (frame, answer []byte) {
	src, dst := netip.AddrPortFrom(from, 50000+n), netip.AddrPortFrom(router, s.port)
	ports := []byte{byte(s.port >> 8), byte(s.port), byte((50000 + n) >> 8), byte(50000 + n)}
	if s.network == "tcp" {
		return framed(routerMAC, cam, lab.SYN(src, dst, uint32(n))), ports
	}
	return framed(routerMAC, cam, lab.UDP(src, dst, []byte("question"))), ports
}

// serve answers on the router.
func (s service) serve(t *testing.T, h *house) {
	t.Helper()
	err := h.Router().Do(func() error {
		if s.network == "tcp" {
			l, err := net.Listen("tcp", fmt.Sprintf(":%d", s.port))
			if err == nil {
				t.Cleanup(func() { l.Close() })
			}
			return err
		}
		c, err := net.ListenPacket("udp", fmt.Sprintf(":%d", s.port))
		if err != nil {
			return err
		}
		doneC := make(chan struct{})
		go func() {
			defer close(doneC)
			buf := make([]byte, 1500)
			for {
				n, from, err := c.ReadFrom(buf)
				if err != nil {
					return
				}
				_, _ = c.WriteTo(buf[:n], from)
			}
		}()
		t.Cleanup(func() {
			c.Close()
			<-doneC
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheRouterServesADeviceWithoutInternetNothingButItsLease(t *testing.T) {
	h := startHouse(t, lab.Options{})
	cam := mac(t, h.cam)
	wan4, _ := h.WANAddr()
	_, ula, _ := h.LANAddr()
	for _, s := range services {
		s.serve(t, h)
	}
	dns := service{"DNS", "udp", 53}
	device := openWire(t, h.cam.NS, "eth0")
	n := uint16(0)
	for _, when := range []string{"free", "held"} {
		s := h.state()
		if when == "held" {
			s = h.state(offlineFor(t, h.cam))
		}
		apply(t, h.firewall, s)
		for _, s := range append(services, dns) {
			for _, router := range []netip.Addr{h.router4, ula, wan4} {
				if s == dns && router != h.router4 {
					continue
				}
				from := h.cam.IPv4()
				if router.Is6() {
					from = h.cam.IPv6()
				}
				n++
				frame, answer := s.ask(h, cam, from, router, n)
				if s == dns {
					frame = framed(routerMAC, cam, lab.UDP(netip.AddrPortFrom(from, 50000+n), netip.AddrPortFrom(router, 53), question(n)))
				}
				refused := h.proof(t, h.cam).Refused.Packets
				device.send(t, frame)
				if when == "free" {
					eventually(t, s.name+" answers at "+router.String(), func() bool { return device.seen(routerMAC, answer) > 0 })
					continue
				}
				eventually(t, s.name+" is refused at "+router.String(), func() bool { return h.proof(t, h.cam).Refused.Packets > refused })
				if device.seen(routerMAC, answer) > 0 {
					t.Errorf("%s answers at %s", s.name, router)
				}
			}
		}
	}
	eventually(t, "it gets its lease again", func() bool { return renewed(t, h.cam) })
	run(t, h.cam.NS, "", "ip", "neigh", "flush", "all")
	run(t, h.Router(), "", "ip", "neigh", "flush", "all")
	solicit := icmpv6Packet(135, h.cam.IPv6(), ula, append(append(make([]byte, 4), ula.AsSlice()...), append([]byte{1, 1}, cam[:]...)...))
	device.send(t, framed(routerMAC, cam, solicit))
	eventually(t, "neighbour discovery is answered", func() bool {
		return device.seen(routerMAC, append([]byte{0x60, 0, 0, 0, 0, 0}, ula.AsSlice()...)[6:]) > 0
	})
	if _, err := h.laptop.Lookup(t.Context(), "A", "up.cam.example.net"); err != nil {
		t.Errorf("others cannot look up names: %v", err)
	}
}

// question asks for the address of up.cam.example.net (RFC 1035 section 4.1).
func question(id uint16) []byte {
	q := []byte{byte(id >> 8), byte(id), 1, 0, 0, 1, 0, 0, 0, 0, 0, 0}
	for _, label := range []string{"up", "cam", "example", "net"} {
		q = append(append(q, byte(len(label))), label...)
	}
	return append(q, 0, 0, 1, 0, 1)
}

// A device tunnels through the router's resolver: its questions are names, and the far side reads them.
func TestNoTunnelThroughTheRoutersResolver(t *testing.T) {
	h := startHouse(t, lab.Options{})
	provider := openWire(t, h.Internet(), "home0")
	ask := func(label string) {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		_, _ = h.cam.Lookup(ctx, "A", label+".cam.example.net")
	}
	arrived := func(label string) bool { return provider.seen([6]byte{2, 0, 0, 0, 1, 2}, []byte(label)) > 0 }
	apply(t, h.firewall, h.state())
	eventually(t, "it works while the device is free", func() bool { ask("freesecret"); return arrived("freesecret") })
	apply(t, h.firewall, h.state(offlineFor(t, h.cam)))
	ask("heldsecret")
	if p := h.proof(t, h.cam); p.Refused.Packets == 0 || arrived("heldsecret") {
		t.Errorf("the question got through: %v, refused %+v", arrived("heldsecret"), p.Refused)
	}
}

func TestRequestsForPortMappingsAreDroppedAndCounted(t *testing.T) {
	h := startHouse(t, lab.Options{})
	for _, s := range services {
		s.serve(t, h)
	}
	cam, laptop := mac(t, h.cam), mac(t, h.laptop)
	devices := map[[6]byte]*wire{cam: openWire(t, h.cam.NS, "eth0"), laptop: openWire(t, h.laptop.NS, "eth0")}
	addrs := map[[6]byte]netip.Addr{cam: h.cam.IPv4(), laptop: h.laptop.IPv4()}
	s := h.state()
	s.NoMappings = [][6]byte{cam}
	apply(t, h.firewall, s)
	dropped, n := map[string]bool{"UPnP": true, "SSDP": true, "PCP": true}, uint16(0)
	for _, s := range services {
		for who, wire := range devices {
			n++
			before := h.counters(t).Mappings[cam].Packets
			frame, answer := s.ask(h, who, addrs[who], h.router4, n)
			wire.send(t, frame)
			if who == cam && dropped[s.name] {
				eventually(t, s.name+" is dropped and counted", func() bool { return h.counters(t).Mappings[cam].Packets == before+1 })
				continue
			}
			eventually(t, s.name+" answers", func() bool { return wire.seen(routerMAC, answer) > 0 })
			if got := h.counters(t).Mappings[cam].Packets; got != before {
				t.Errorf("%s of %x counted as a request of the camera", s.name, who)
			}
		}
	}
	search := framed([6]byte{1, 0, 0x5e, 0x7f, 0xff, 0xfa}, cam, lab.UDP(
		netip.AddrPortFrom(addrs[cam], 50000), netip.MustParseAddrPort("239.255.255.250:1900"), []byte("M-SEARCH * HTTP/1.1")))
	devices[cam].send(t, search)
	eventually(t, "others hear its SSDP", func() bool { return devices[laptop].seen(cam, []byte("M-SEARCH")) > 0 })

	counted := h.counters(t).Mappings[cam]
	apply(t, h.firewall, h.state(cut(t, h.tv))) // no longer refused: forgotten
	if _, left := h.counters(t).Mappings[cam]; left || counted.Packets < 3 {
		t.Errorf("counted %+v, and still: %v", counted, left)
	}
	s.UPnPPorts = []uint16{49152}
	apply(t, h.firewall, s)
	frame, answer := services[3].ask(h, cam, addrs[cam], h.router4, 900)
	devices[cam].send(t, frame)
	eventually(t, "with another control port the usual one answers", func() bool { return devices[cam].seen(routerMAC, answer) > 0 })
}
