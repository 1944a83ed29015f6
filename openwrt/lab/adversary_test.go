package lab

import (
	"bytes"
	"context"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"
)

// says runs a command in a namespace and returns what it prints.
func says(t *testing.T, n *NS, name string, args ...string) string {
	t.Helper()
	out, err := n.Run(n.Command(t.Context(), name, args...))
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// sees counts the frames with a text in them on an interface.
func sees(t *testing.T, n *NS, ifname, text string) *FrameCounter {
	t.Helper()
	c, err := n.CountFrames(t.Context(), ifname, func(f []byte) bool { return bytes.Contains(f, []byte(text)) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestARPPoisonReachesAnotherDevice(t *testing.T) {
	h := quietHome(t, 2)
	evil, victim := h.Device("a"), h.Device("b")
	router, _, _ := h.LANAddr()
	if _, err := victim.Lookup(t.Context(), "A", "ns.example"); err != nil { // so that it knows the router's MAC
		t.Fatal(err)
	}
	eventually(t, "the victim takes the attacker for the router", func() bool {
		if err := evil.PoisonARP(Broadcast, router); err != nil {
			t.Fatal(err)
		}
		return strings.Contains(says(t, victim.NS, "ip", "neigh", "show", router.String()), evil.MAC)
	})
}

func TestNDPoisonReachesAnotherDevice(t *testing.T) {
	h := quietHome(t, 2)
	evil, victim := h.Device("a"), h.Device("b")
	_, _, router := h.LANAddr()
	if err := connect(t.Context(), victim.NS, netip.AddrPortFrom(router, portDNS)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the victim takes the attacker for the router", func() bool {
		if err := evil.PoisonND(router); err != nil {
			t.Fatal(err)
		}
		return strings.Contains(says(t, victim.NS, "ip", "neigh", "show", router.String()), evil.MAC)
	})
}

func TestRogueRouterGivesAnotherDeviceAnAddress(t *testing.T) {
	h := quietHome(t, 2)
	rogue := netip.MustParsePrefix("2001:db8:bad::/64")
	if err := h.Device("a").AdvertiseRouter(rogue, time.Minute); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the other device has an address of the rogue prefix", func() bool {
		for _, a := range h.Device("b").Addrs() {
			if rogue.Contains(a) {
				return true
			}
		}
		return false
	})
}

func TestTunnelsCarryWhatTheyAreGiven(t *testing.T) {
	h := quietHome(t, 2)
	a, b := h.Device("a"), h.Device("b")
	router4, _, router6 := h.LANAddr()
	for _, tunnel := range []struct {
		text string
		send func(text []byte) error
		to   *NS
		at   string
	}{
		{"by DHCP out", func(p []byte) error { return a.TunnelDHCP(RouterMAC(), router4, p) }, h.Router(), Bridge},
		{"by DHCP across", func(p []byte) error { return a.TunnelDHCP(ParseMAC(b.MAC), b.IPv4(), p) }, b.NS, nic},
		{"by ND out", func(p []byte) error { return a.TunnelND(RouterMAC(), router6, p) }, h.Router(), Bridge},
		{"by ND across", func(p []byte) error { return a.TunnelND(ParseMAC(b.MAC), b.IPv6(), p) }, b.NS, nic},
	} {
		arrived := sees(t, tunnel.to, tunnel.at, tunnel.text)
		if err := tunnel.send([]byte(tunnel.text)); err != nil {
			t.Fatal(err)
		}
		eventually(t, "arrived "+tunnel.text, func() bool { return arrived.Count() > 0 })
	}
}

func TestDNSTunnelReachesItsFarEnd(t *testing.T) {
	h := quietHome(t, 1)
	back, err := h.Device("a").TunnelDNS(t.Context(), []byte("the family's photos"))
	if err != nil || len(back) == 0 {
		t.Fatalf("%d bytes came back, %v", len(back), err)
	}
	if n := h.Asked(tunnelOwner); n == 0 {
		t.Error("the far end was not asked")
	}
	if _, err := h.Device("a").TunnelDNS(t.Context(), make([]byte, 61)); err == nil {
		t.Error("61 bytes went into one name")
	}
}

func TestFloodsReachTheInternetFromForgedAddresses(t *testing.T) {
	h := quietHome(t, 1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for _, f := range []Flood{
		{To: netip.MustParseAddrPort("198.51.100.66:53"), Sources: netip.MustParsePrefix("192.168.1.0/24")},
		{To: netip.MustParseAddrPort("[2001:db8:166::66]:53"), Sources: netip.MustParsePrefix("2001:db8:20::/64")},
		{To: netip.MustParseAddrPort("198.51.100.67:80"), Sources: netip.MustParsePrefix("10.0.0.0/8"), SYN: true},
	} {
		arrived := sees(t, h.Internet(), uplink, string(f.To.Addr().AsSlice()))
		f.PerSecond = 500
		ctx, stop := context.WithCancel(ctx)
		doneC := make(chan error, 1)
		go func() { doneC <- h.Device("a").Flood(ctx, f) }()
		eventually(t, "50 packets reach "+f.To.String(), func() bool { return arrived.Count() >= 50 })
		stop()
		if err := <-doneC; err != nil {
			t.Error(err)
		}
	}
	if err := h.Device("a").Flood(ctx, Flood{PerSecond: maxFlood + 1}); err == nil {
		t.Error("a flood without bound was accepted")
	}
}

func TestAForgedMACMovesToTheForgersPort(t *testing.T) {
	h := quietHome(t, 2)
	forger, owner := h.Device("a"), h.Device("b")
	atFarSide := sees(t, h.Internet(), uplink, "not from b")
	want := owner.MAC + " dev " + forger.Port + " "
	eventually(t, "the bridge takes the forger's port for the owner's", func() bool { // until the owner speaks again
		if err := forger.SendAs(owner, netip.MustParseAddrPort("198.51.100.66:9"), []byte("not from b")); err != nil {
			t.Fatal(err)
		}
		return strings.Contains(says(t, h.Router(), "bridge", "fdb", "show", "br", Bridge), want)
	})
	eventually(t, "the internet got it", func() bool { return atFarSide.Count() > 0 })
}

func TestAChangedMACGetsALeaseUnderTheSameName(t *testing.T) {
	h := quietHome(t, 1)
	d := h.Device("a")
	if err := d.ChangeMAC(t.Context(), ParseMAC("06:11:22:33:44:55")); err != nil {
		t.Fatal(err)
	}
	leases, err := os.ReadFile(h.LeaseFile())
	if want := " 06:11:22:33:44:55 " + d.IPv4().String() + " a "; err != nil || !strings.Contains(string(leases), want) {
		t.Errorf("no lease like %q in\n%s%v", want, leases, err)
	}
	if _, err := d.Lookup(t.Context(), "A", "up.cam.example.net"); err != nil {
		t.Error(err)
	}
}

func TestDHCPHammerFillsThePool(t *testing.T) {
	h := quietHome(t, 1)
	if err := h.Device("a").HammerDHCP(40); err != nil {
		t.Fatal(err)
	}
	eventually(t, "30 addresses are gone", func() bool {
		leases, err := os.ReadFile(h.LeaseFile())
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Count(leases, []byte(" 06:")) >= 30
	})
}
