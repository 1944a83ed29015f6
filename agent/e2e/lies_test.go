package e2e

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"spinneret/openwrt/lab"
	"spinneret/ui"
)

// noOne has this MAC: what is sent to it is on the bridge for all to see, and no other test's device believes it.
var noOne = lab.MAC{2, 0, 0, 0, 0x99, 0x99}

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
		{cam, "spoofing", router4.String(), func(int) error { return cam.PoisonARP(noOne, router4) }},
		{cam, "spoofing", router6.String(), func(int) error { return cam.SendFrame(toNoOne(cam, router6, 136, claiming(router6))) }},
		{tv, "spoofing", "router", func(int) error {
			return tv.SendFrame(toNoOne(tv, netip.MustParseAddr("fe80::bad"), 134, leading("2001:db8:bad::")))
		}},
		{tv, "dns-tunnel", "tunnel.example", func(n int) error {
			_, err := tv.TunnelDNS(t.Context(), fmt.Appendf(nil, "%050d", n))
			return err
		}},
	} {
		var last error
		n := 0
		found := within(patience, func() bool {
			if n++; n < 60 { // one lie is enough, a tunnel takes dozens of names
				last = lie.tell(n)
			}
			return slices.ContainsFunc(a.device(lie.device).Findings, func(f ui.Finding) bool {
				return f.Kind == lie.kind && f.Party == lie.party && f.Severity == "alarm"
			})
		})
		if !found {
			t.Errorf("%s is not found out: %s %s, after %d times, last %v: %+v", lie.device.Name, lie.kind, lie.party, n, last, a.device(lie.device).Findings)
		}
	}
}

// toNoOne is a message of neighbour discovery from a device.
func toNoOne(d *lab.Device, from netip.Addr, typ byte, body []byte) []byte {
	return lab.IP(noOne, d.CurrentMAC(), lab.ICMPv6(from, netip.MustParseAddr("fe80::99"), typ, body))
}

// claiming says that an address is the sender's, whatever was said before (RFC 4861 section 4.4).
func claiming(claimed netip.Addr) []byte {
	const override = 0x20
	return append([]byte{override, 0, 0, 0}, claimed.AsSlice()...)
}

// leading says that the sender leads to the internet, with a prefix of it (RFC 4861 sections 4.2 and 4.6.2).
func leading(prefix string) []byte {
	body := append(make([]byte, 12), 3, 4, 64, 0xc0, 0, 0, 0, 60, 0, 0, 0, 60, 0, 0, 0, 0)
	return append(body, netip.MustParseAddr(prefix).AsSlice()...)
}
