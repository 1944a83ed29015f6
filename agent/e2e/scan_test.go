package e2e

import (
	"net/netip"
	"testing"

	"spinneret/openwrt/lab"
	"spinneret/ui"
)

// TestAScanByFINIsSeen: its packets belong to no connection, so conntrack counts none of them.
func TestAScanByFINIsSeen(t *testing.T) {
	home := quietHome(t)
	a := startAgent(t, home)
	a.counts()
	cam := home.Device("cam")
	before := a.device(cam)
	const ports, firstPort = 20, 3000
	for _, at := range []struct{ from, to netip.Addr }{
		{cam.IPv4(), netip.MustParseAddr("198.51.100.66")}, {cam.IPv6(), netip.MustParseAddr("2001:db8:166::66")},
	} {
		for i := range uint16(ports) {
			fin := lab.TCP(netip.AddrPortFrom(at.from, 40000), netip.AddrPortFrom(at.to, firstPort+i), 7, lab.FlagFIN, nil)
			if err := cam.SendFrame(lab.IP(lab.RouterMAC(), lab.ParseMAC(cam.MAC), fin)); err != nil {
				t.Fatal(err)
			}
		}
		probed := map[uint16]ui.Flow{}
		a.eventually("20 ports of "+at.to.String()+" were probed", func() bool {
			for _, f := range a.flows(cam) {
				if f.Remote != nil && f.RemotePort != nil && *f.Remote == at.to.String() && *f.RemotePort >= firstPort && *f.RemotePort < firstPort+ports {
					probed[*f.RemotePort] = f
				}
			}
			return len(probed) == ports
		})
		for port, f := range probed {
			// The far side's RST comes back where nothing is translated.
			if f.TxPackets != 1 || f.TxBytes < 40 || f.RxPackets > 1 || f.Direction != "out" {
				t.Errorf("port %d: %+v", port, f)
			}
		}
	}
	a.eventually("the scan is in the device's sum", func() bool { return a.device(cam).TxPackets >= before.TxPackets+2*ports })
}

// counts waits until the agent takes volumes from conntrack and the bridges, hears of ends, and its rules fit that.
func (a *agent) counts() {
	a.t.Helper()
	a.eventually("level 3 is reached, and the rules fit it", func() bool {
		s, router := a.status(), a.home.Router()
		return s.Level == 3 && s.Firewall.State == "applied" && nftHas(router, "observe_first") && nftList(router, "chain", "bridge", "spinneret", "inside") != ""
	})
}

// nftHas reports whether our table has such a chain.
func nftHas(ns *lab.NS, chain string) bool {
	return nftList(ns, "chain", "inet", "spinneret", chain) != ""
}
