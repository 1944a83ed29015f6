package firewall

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"spinneret/openwrt/lab"
)

// Where bridge-nf-call-iptables is on, conntrack knows what goes around on the bridge by the same names as what is routed:
// what a neighbour may get opens no way to a server on the internet that it is addressed to.
func TestWhatIsFramedForANeighbourOpensNothingOutside(t *testing.T) {
	h := startHouse(t, lab.Options{BridgeNF: true})
	x := openWires(t, h)
	s := h.state()
	s.Profiles = []Profile{h.profile(t, Enforce, false)}
	s.Profiles[0].Policy = agreed(policy(t, false, "", `"ipv4":{"protocol":6,"source-ipv4-network":"0.0.0.0/0"},"tcp":{"destination-port":{"port":8080}}`))
	apply(t, h.firewall, s)
	mark := []byte("for the internet")
	for _, neighbour := range [][6]byte{x.tv, broadcast} {
		for _, frame := range []func(to [6]byte) func([]byte) []byte{
			func(to [6]byte) func([]byte) []byte {
				return udpFrame(to, x.cam, port(x.cam4, 68), port(h.server4, 67))
			},
			func(to [6]byte) func([]byte) []byte {
				return tcpFrame(to, x.cam, port(x.cam4, 8080), port(h.server4, 443), lab.FlagACK)
			},
		} {
			for _, to := range [][6]byte{neighbour, routerMAC} {
				before := h.refused(t, false)
				x.out.send(t, frame(to)(mark))
				eventually(t, "it is refused", func() bool { return h.refused(t, false) > before })
			}
		}
	}
	if x.server.carries(mark) > 0 {
		t.Error("it got there")
	}
}

// A device at a port that is not named, as where the uplink is a VLAN of it too, is judged by what reaches the router.
func TestGroupsAreJudgedWhereNotAllPortsOfAVLANAreNamed(t *testing.T) {
	h := startHouse(t, lab.Options{})
	s := h.state()
	s.LAN[0].VLAN, s.LAN[0].Ports = true, []string{h.laptop.Port, h.tv.Port}
	s.Profiles = []Profile{h.profile(t, Enforce, false)}
	apply(t, h.firewall, s)
	x := openWires(t, h)
	x.out.send(t, udpFrame(broadcast, x.cam, port(x.cam4, 41000), port(h.router4, 9999))([]byte("to whom it may concern")))
	eventually(t, "it is refused", func() bool { return h.refused(t, false) > 0 })
}

// What a device sent under another's name, while it was watched only, does not go on when it is held to its profile; what
// somebody answered to others does.
func TestAnotherDevicesAddressIsNoWayAroundAProfile(t *testing.T) {
	h := startHouse(t, lab.Options{})
	x := openWires(t, h)
	echoes(t, h.Internet(), port(h.server4, 4443))
	c, err := h.laptop.Dial(t.Context(), "tcp", port(h.server4, 4443))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	answered := func() string {
		_, id, _ := strings.Cut(run(t, h.Router(), "", "conntrack", "-L", "-o", "id", "-p", "tcp", "--dport", "4443"), " id=")
		return id
	}
	before := answered()
	stream := h.streamsAs(t, x, port(h.tv.IPv4(), 41001))
	for _, mode := range []ProfileMode{Watch, Enforce} {
		s := h.state()
		s.Profiles = []Profile{h.profile(t, mode, false)}
		s.Profiles[0].Borrowed = []Origin{{port(h.tv.IPv4(), 41001), unix.IPPROTO_UDP}}
		apply(t, h.firewall, s)
		for _, src := range []netip.Addr{h.tv.IPv4(), netip.MustParseAddr("10.9.9.9")} {
			mark, before := fmt.Appendf(nil, "%s from %s", mode, src), h.refused(t, false)
			x.out.send(t, udpFrame(routerMAC, x.cam, port(src, 41000), port(h.server4, 9000))(mark))
			eventually(t, string(mark)+" is counted", func() bool { return h.refused(t, false) > before })
			if mode == Watch {
				eventually(t, string(mark)+" arrives", func() bool { return x.server.carries(mark) > 0 })
			} else if x.server.carries(mark) > 0 {
				t.Errorf("%s arrives", mark)
			}
		}
	}
	refused := h.refused(t, false)
	stream("held")
	eventually(t, "what was answered is refused", func() bool { return h.refused(t, false) > refused })
	if x.server.carries([]byte("stream held")) > 0 {
		t.Error("what was answered arrives")
	}
	if after := answered(); before == "" || after != before {
		t.Errorf("the other's connection was %q and is %q", before, after)
	}
}

// streamsAs has the camera send to a server from an address of another, and the server answer. It returns what sends more.
func (h *house) streamsAs(t *testing.T, x wires, src netip.AddrPort) (send func(mark string)) {
	t.Helper()
	send = func(mark string) {
		x.out.send(t, udpFrame(routerMAC, x.cam, src, port(h.server4, 9001))([]byte("stream "+mark)))
	}
	send("free")
	eventually(t, "it arrives", func() bool { return x.server.carries([]byte("stream free")) > 0 })
	wan4, _ := h.WANAddr()
	x.server.send(t, udpFrame(routerWAN, serverMAC, port(h.server4, 9001), port(wan4, src.Port()))([]byte("answer")))
	eventually(t, "it is answered", func() bool {
		entry := run(t, h.Router(), "", "conntrack", "-L", "-p", "udp", "--dport", "9001")
		return strings.Contains(entry, "dport=9001") && !strings.Contains(entry, "UNREPLIED")
	})
	return send
}
