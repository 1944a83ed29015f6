package e2e

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"spinneret/openwrt/lab"
	"spinneret/ui"
)

// TestLiesAndTunnelsAreFound, of which no connection tells: they are seen in single packets, on the bridge.
func TestLiesAndTunnelsAreFound(t *testing.T) {
	home := quietHome(t)
	a := startAgent(t, home)
	a.counts()
	cam, tv := home.Device("cam"), home.Device("tv")
	router4, _, router6 := home.LANAddr()
	for _, lie := range []struct {
		device *lab.Device
		kind   string
		party  string
		tell   func(n int) error
	}{
		{cam, "spoofing", router4.String(), func(int) error { return cam.PoisonARP(lab.Broadcast, router4) }},
		{cam, "spoofing", router6.String(), func(int) error { return cam.PoisonND(router6) }},
		{tv, "spoofing", "router", func(int) error {
			return tv.AdvertiseRouter(netip.MustParsePrefix("2001:db8:bad::/64"), time.Second)
		}},
		{tv, "dns-tunnel", "tunnel.example", func(n int) error {
			_, err := tv.TunnelDNS(t.Context(), fmt.Appendf(nil, "%050d", n))
			return err
		}},
	} {
		n := 0
		a.eventually(lie.device.Name+" is found out: "+lie.kind+" "+lie.party, func() bool {
			if n++; n < 60 { // one lie is enough, a tunnel takes dozens of names
				if err := lie.tell(n); err != nil {
					t.Fatal(err)
				}
			}
			return slices.ContainsFunc(a.device(lie.device).Findings, func(f ui.Finding) bool {
				return f.Kind == lie.kind && f.Party == lie.party && f.Severity == "alarm"
			})
		})
	}
}
