package firewall

import (
	"testing"

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
