package firewall

import (
	"net/netip"
	"testing"

	"spinneret/openwrt/lab"
)

func port(a netip.Addr, p uint16) netip.AddrPort { return netip.AddrPortFrom(a, p) }

// traffic are live flows of every kind from and to one device, on ports from base on.
func (h *house) traffic(t *testing.T, d *lab.Device, base uint16) []*stream {
	peer := h.tv
	return []*stream{
		udpStream(t, d.Name+" to the internet, UDP", d.NS, h.Internet(), port(h.server4, base)),
		udpStream(t, d.Name+" to the internet, UDP over IPv6", d.NS, h.Internet(), port(h.server6, base+1)),
		tcpStream(t, d.Name+" to the internet, TCP", d.NS, h.Internet(), port(h.server4, base+2)),
		tcpStream(t, d.Name+" to the internet, TCP over IPv6", d.NS, h.Internet(), port(h.server6, base+3)),
		udpStream(t, d.Name+" to a neighbour", d.NS, peer.NS, port(peer.IPv4(), base+4)),
		tcpStream(t, d.Name+" to a neighbour, TCP over IPv6", d.NS, peer.NS, port(peer.IPv6(), base+5)),
		udpStream(t, d.Name+" to the router", d.NS, h.Router(), port(h.router4, base+6)),
		answerStream(t, "the internet's answer to "+d.Name, d.NS, h.Internet(), port(h.server4, base+7)),
		answerStream(t, "the internet's answer to "+d.Name+" over IPv6", d.NS, h.Internet(), port(h.server6, base+8)),
		udpStream(t, "a neighbour to "+d.Name, peer.NS, d.NS, port(d.IPv4(), base+9)),
		udpStream(t, "the router to "+d.Name, h.Router(), d.NS, port(d.IPv4(), base+10)),
		udpStream(t, "the router to "+d.Name+" over IPv6", h.Router(), d.NS, port(d.IPv6(), base+11)),
	}
}

func TestLiveFlowsDieAtOnceAndComeBack(t *testing.T) {
	for name, o := range map[string]lab.Options{
		"as OpenWrt has it":                      {},
		"with bridged frames in inet, as Docker": {BridgeNF: true},
	} {
		t.Run(name, func(t *testing.T) {
			h := startHouse(t, o)
			fw4 := h.fw4(t)
			apply(t, h.firewall, h.state())
			his, others := h.traffic(t, h.cam, 9000), h.traffic(t, h.laptop, 9100)

			q := cut(t, h.cam)
			apply(t, h.firewall, h.state(q))
			last := make([]uint64, len(his))
			for i, s := range his {
				last[i] = s.sent.Load()
			}
			otherwise := others[0].received.Load()
			eventually(t, "others go on", func() bool { return others[0].received.Load() > otherwise+200 })
			for i, s := range his {
				if s.goesOnFrom(last[i] + 1) { // one may have been on its way into the kernel
					t.Errorf("%s: number %d passed, %d was sent when the quarantine was in force", s.name, s.highest.Load(), last[i])
				}
			}
			if p := h.proof(t, h.cam); !p.InForce || p.Refused.Packets < 200 || p.Refused.Bytes < 200*30 {
				t.Errorf("proof is %+v, want it in force and some hundred packets refused", p)
			}

			apply(t, h.firewall, h.state())
			for i, s := range his {
				if s.answer {
					continue // its connection was ended: it begins anew when the device asks anew
				}
				eventually(t, s.name+" comes back", func() bool { return s.goesOnFrom(last[i] + 1) })
			}
			for _, s := range others {
				s.stop()
				eventually(t, s.name+" lost nothing", func() bool { return s.received.Load() == s.sent.Load() })
			}
			if after := h.fw4(t); after != fw4 {
				t.Errorf("fw4 is not what it was:\n%s", after)
			}
		})
	}
}

// fw4 lists the router's own firewall with its handles and without its counters.
func (h *house) fw4(t *testing.T) string {
	t.Helper()
	return run(t, h.Router(), "", "nft", "-a", "-s", "list", "table", "inet", "fw4")
}
