package anomaly

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"spinneret/capture/packet"
)

// TestEachDetector lets something happen, for at most so many seconds, until it is found.
func TestEachDetector(t *testing.T) {
	for name, c := range map[string]struct {
		learned bool
		act     func(h *house, second int)
		within  int // seconds
		want    string
	}{
		"a flood from forged addresses":      {act: forgedFlood, within: 2, want: "alarm flood forged senders: sent up to 2,000 packets a second for 1 s from more than 1,000 addresses, such as 10.0."},
		"a SYN flood from its own address":   {act: synFlood, within: 3, want: "500 connection requests (TCP SYN) a second for 2 s, most to 198.51.100.66:80, and hardly any is answered"},
		"a flood on one connection":          {act: oneWayFlood, within: 3, want: "most to 198.51.100.66, and hardly any is answered"},
		"a flood of pings that are answered": {act: pingFlood, within: 3, want: "pings a second for 3 s, most to 198.51.100.66; nobody needs so many"},
		"a DHCP flood":                       {act: dhcpFlood, within: 3, want: "alarm flood DHCP: sent up to 50 DHCP messages a second"},
		"a fast scan of one device":          {act: portScan(100), within: 4, want: "alarm scan 192.168.1.50: tried "},
		"a slow scan of one device":          {act: portScan(1), within: 30, want: "alarm scan 192.168.1.50: tried "},
		"a slow scan of the internet":        {act: slowSpread, within: 60, want: "alarm scan TCP port 8081: tried 2"},
		"a worm on telnet":                   {act: worm, within: 5, want: "alarm scan telnet: tried 3 addresses on telnet"},
		"guessed passwords":                  {act: guesses, within: 40, want: "alarm bruteforce 192.168.1.50 SSH: opened 30 connections to SSH of 192.168.1.50 in "},
		"one call by telnet":                 {act: telnet, within: 2, want: "warning first-contact telnet 198.51.100.9: tried telnet at 198.51.100.9; botnets"},
		"a DNS tunnel":                       {act: tunnels, within: 30, want: "alarm dns-tunnel tunnel.example: asked for "},
		"a lie about the router":             {act: poisons(routerIP), within: 2, want: "alarm spoofing 192.168.1.1: says that it has the router's address"},
		"a router on IPv6":                   {act: advertises("2001:db8:bad::"), within: 2, want: "alarm spoofing router: says that it is a router"},
		"a second DHCP server":               {act: serves, within: 2, want: "alarm rogue-dhcp DHCP: gives out addresses (DHCP) beside the router"},
		"a look at the whole home":           {act: sweeps, within: 10, want: "note scan the home: looked for "},
		"a camera looks for others by SSH":   {learned: true, act: seeksLogins, within: 30, want: "alarm scan SSH: tried 1"},
		"a camera meets somebody":            {learned: true, act: meets, within: 3, want: "note first-contact stranger.example: spoke to stranger.example for the first time (web); until now it knew 2 others"},
		"a camera goes to the files":         {learned: true, act: opensFiles, within: 3, want: "warning first-contact 192.168.1.50: spoke to 192.168.1.50 for the first time (SMB)"},
		"a camera's peak":                    {learned: true, act: peaks, within: 30, want: "warning peak received: received "},
		"a camera gives away a film":         {learned: true, act: leaks, within: 60, want: "most to cameras.example; the most before was"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse()
			if c.learned {
				h.learns()
				if got := h.found(); len(got) > 0 {
					t.Fatalf("found while it learned: %q", got)
				}
			}
			found := func() bool { return strings.Contains(strings.Join(h.found(), "\n"), c.want) }
			for i := 0; i < c.within && !found(); i++ {
				c.act(h, i)
				h.second()
			}
			if !found() {
				t.Fatalf("after %d s found %q, want %q", c.within, h.found(), c.want)
			}
			if h.news[0].Device != camMAC {
				t.Errorf("it is the device %v", h.news[0].Device)
			}
		})
	}
}

// frame is an IPv4 packet of the camera.
func (h *house) frame(proto uint8, from, to string, size int) *packet.Packet {
	src, dst := netip.MustParseAddrPort(from), netip.MustParseAddrPort(to)
	return &packet.Packet{
		Time: h.now, SrcMAC: camMAC, EtherType: packet.EtherTypeIPv4, Src: src.Addr(), Dst: dst.Addr(), Proto: proto,
		SrcPort: src.Port(), DstPort: dst.Port(), TCPFlags: tcpSYN, Payload: make([]byte, size),
	}
}

func (h *house) sends(p *packet.Packet) { h.d.Packet(p, camMAC, packet.MAC{}) }

func forgedFlood(h *house, second int) {
	p := h.frame(packet.ProtoUDP, "10.0.0.1:5000", "198.51.100.66:53", 0)
	for i := range 2000 {
		var a [4]byte
		binary.BigEndian.PutUint32(a[:], uint32(10<<24+second<<16+i))
		p.Src = netip.AddrFrom4(a)
		h.sends(p)
	}
}

func synFlood(h *house, _ int) {
	for range 500 {
		h.opens(camMAC, netip.MustParseAddr("198.51.100.66"), 80, packet.ProtoTCP)
	}
}

func oneWayFlood(h *house, second int) {
	if second == 0 {
		h.opens(camMAC, netip.MustParseAddr("198.51.100.66"), 4444, packet.ProtoUDP)
	}
	h.carries(h.flows[0], 2000, 200_000, 0, 0)
}

func pingFlood(h *house, second int) {
	if second == 0 {
		h.opens(camMAC, netip.MustParseAddr("198.51.100.66"), 0, packet.ProtoICMP)
	}
	h.carries(h.flows[0], 1000, 84_000, 1000, 84_000)
}

func dhcpFlood(h *house, _ int) {
	for range 50 {
		h.sends(h.frame(packet.ProtoUDP, "192.168.1.101:68", "192.168.1.1:67", 300))
	}
}

func portScan(perSecond int) func(*house, int) {
	return func(h *house, second int) {
		for i := range perSecond {
			h.opens(camMAC, netip.MustParseAddr("192.168.1.50"), uint16(1+second*perSecond+i), packet.ProtoTCP)
		}
	}
}

func slowSpread(h *house, second int) {
	h.opens(camMAC, netip.AddrFrom4([4]byte{198, 51, 100, byte(second)}), 8081, packet.ProtoTCP)
}

func seeksLogins(h *house, second int) {
	h.opens(camMAC, netip.AddrFrom4([4]byte{198, 51, 100, byte(second)}), 22, packet.ProtoTCP)
}

func worm(h *house, second int) {
	h.opens(camMAC, netip.AddrFrom4([4]byte{198, 51, byte(second), 7}), 23, packet.ProtoTCP)
	h.opens(camMAC, netip.AddrFrom4([4]byte{198, 52, byte(second), 7}), 23, packet.ProtoTCP)
	h.opens(camMAC, netip.AddrFrom4([4]byte{198, 53, byte(second), 7}), 23, packet.ProtoTCP)
}

func guesses(h *house, _ int) {
	h.talks(camMAC, netip.MustParseAddr("192.168.1.50"), 22, packet.ProtoTCP, 2000, 2000)
}

func telnet(h *house, _ int) {
	h.opens(camMAC, netip.MustParseAddr("198.51.100.9"), 23, packet.ProtoTCP)
}

func tunnels(h *house, second int) {
	for i := range 5 {
		p := h.frame(packet.ProtoUDP, "192.168.1.101:40001", "192.168.1.1:53", 0)
		label := fmt.Sprintf("%060x", second*5+i)
		p.Payload = ask(label, "tunnel", "example")
		h.sends(p)
	}
}

// ask makes a DNS question for a name (RFC 1035 section 4.1).
func ask(labels ...string) []byte {
	b := []byte{0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0}
	for _, l := range labels {
		b = append(append(b, byte(len(l))), l...)
	}
	return append(b, 0, 0, 1, 0, 1)
}

func poisons(claimed netip.Addr) func(*house, int) {
	return func(h *house, _ int) {
		h.sends(&packet.Packet{Time: h.now, SrcMAC: camMAC, EtherType: packet.EtherTypeARP, Src: claimed, Dst: claimed, ARPOp: 2})
	}
}

func advertises(prefix string) func(*house, int) {
	a := netip.MustParseAddr(prefix).As16()
	return func(h *house, _ int) {
		body := append(make([]byte, 8), 3, 4, 64, 0xc0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
		h.sends(&packet.Packet{
			Time: h.now, SrcMAC: camMAC, EtherType: packet.EtherTypeIPv6, Src: netip.MustParseAddr("fe80::1"),
			Dst: netip.MustParseAddr("ff02::1"), Proto: packet.ProtoICMPv6, ICMPType: 134, Payload: append(body, a[:]...),
		})
	}
}

func serves(h *house, _ int) {
	p := h.frame(packet.ProtoUDP, "192.168.1.101:67", "192.168.1.120:68", 300)
	p.Payload[0] = 2
	h.sends(p)
}

func sweeps(h *house, second int) {
	for i := range 10 {
		h.sends(&packet.Packet{
			Time: h.now, SrcMAC: camMAC, EtherType: packet.EtherTypeARP, ARPOp: 1,
			Src: addressOf(camMAC), Dst: netip.AddrFrom4([4]byte{192, 168, 1, byte(10*second + i)}),
		})
	}
}

func meets(h *house, second int) {
	if second == 0 {
		h.talks(camMAC, h.host("stranger.example"), 443, packet.ProtoTCP, 900, 900)
	}
}

func opensFiles(h *house, second int) {
	if second == 0 {
		h.talks(camMAC, netip.MustParseAddr("192.168.1.50"), 445, packet.ProtoTCP, 900, 900)
	}
}

func peaks(h *house, second int) {
	if second == 0 {
		h.opens(camMAC, h.host("cameras.example"), 443, packet.ProtoTCP)
	}
	h.carries(h.flows[len(h.flows)-1], 300, 20_000, 600, 800_000)
}

func leaks(h *house, second int) {
	if second == 0 {
		h.opens(camMAC, h.host("cameras.example"), 443, packet.ProtoTCP)
	}
	h.carries(h.flows[len(h.flows)-1], 600, 800_000, 300, 20_000)
}

// quarrels lets the laptop and the camera claim one address in turns, until that is a finding.
func (h *house) quarrels() {
	a := netip.MustParseAddr("192.168.1.77")
	for i := 0; i < 6 && len(h.found()) == 0; i++ {
		mac := []packet.MAC{laptopMAC, camMAC}[i%2]
		h.d.Packet(&packet.Packet{Time: h.now, SrcMAC: mac, EtherType: packet.EtherTypeARP, Src: a, Dst: a, ARPOp: 2}, mac, packet.MAC{})
		h.second()
	}
}

// TestTwoWhoClaimOneAddress take turns: that is no change of hands.
func TestTwoWhoClaimOneAddress(t *testing.T) {
	h := newHouse()
	h.quarrels()
	if got := h.found(); len(got) == 0 || !strings.Contains(got[0], "both say that they have the address 192.168.1.77") {
		t.Errorf("found %q", got)
	}
}

// TestABeacon is a camera that calls somebody new every minute, after a day of learning.
func TestABeacon(t *testing.T) {
	h := newHouse()
	h.learns()
	evil := h.host("evil.example")
	for range 12 {
		h.talks(camMAC, evil, 443, packet.ProtoTCP, 300, 300)
		h.seconds(60)
	}
	h.wants(t, "note first-contact evil.example", "warning beacon evil.example: called evil.example 1")
}
