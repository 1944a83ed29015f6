package neigh

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"spinneret/openwrt/lab"
)

// gateway makes a namespace with a bridge, an uplink and one neighbour on each, the way a home router has them.
func gateway(t *testing.T) *lab.NS {
	t.Helper()
	n, err := lab.NewNS("gateway")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	ipRoute(t, n, "link add br-lan address 02:00:00:00:00:fe type bridge")
	ipRoute(t, n, "link add lan1 type veth peer name far1")
	ipRoute(t, n, "link add wan type veth peer name far2")
	ipRoute(t, n, "link set lan1 master br-lan")
	for _, l := range []string{"br-lan", "lan1", "wan", "far1"} {
		ipRoute(t, n, "link set "+l+" up")
	}
	ipRoute(t, n, "addr add 192.168.1.1/24 dev br-lan")
	ipRoute(t, n, "addr add fd00:1::1/64 dev br-lan nodad")
	ipRoute(t, n, "addr add 203.0.113.20/24 dev wan")
	ipRoute(t, n, "route add default via 203.0.113.1 dev wan")
	ipRoute(t, n, "-6 route add default from 2001:db8::/56 dev wan")
	ipRoute(t, n, "route add default via 203.0.113.99 dev wan table 100")
	ipRoute(t, n, "neigh add 203.0.113.1 lladdr 02:00:00:00:00:ee dev wan nud permanent")
	ipRoute(t, n, "neigh add 192.168.1.163 lladdr 02:00:00:00:00:01 dev br-lan nud stale")
	return n
}

// ipRoute runs iproute2 inside the namespace.
func ipRoute(t *testing.T, n *lab.NS, args string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if _, err := n.Run(n.Command(ctx, "ip", strings.Fields(args)...)); err != nil {
		t.Fatal(err)
	}
}

func TestReadFindsTheHomeOfARealKernel(t *testing.T) {
	n := gateway(t)
	var s Snapshot
	if err := n.Do(func() (err error) { s, err = Read(t.Context()); return err }); err != nil {
		t.Fatal(err)
	}
	h, err := s.Home([]string{"br-lan"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"wan"}; !slices.Equal(h.WAN, want) {
		t.Errorf("wan %q, want %q", h.WAN, want)
	}
	if want := []string{"lan1"}; len(h.LAN) != 1 || !slices.Equal(h.LAN[0].Ports, want) {
		t.Errorf("lan %+v, want br-lan with %q", h.LAN, want)
	}
	want := []netip.Prefix{netip.MustParsePrefix("192.168.1.0/24"), netip.MustParsePrefix("fd00:1::/64")}
	if !slices.Equal(h.Prefixes, want) {
		t.Errorf("prefixes %v, want %v", h.Prefixes, want)
	}
	if want := [][6]byte{gatewayMAC}; !slices.Equal(h.NextHops, want) {
		t.Errorf("next hops %x, want %x: the gateway of table 100 is not ours", h.NextHops, want)
	}
	if !slices.Contains(h.RouterMACs, bridgeMAC) {
		t.Errorf("router MACs %x lack the bridge's %x", h.RouterMACs, bridgeMAC)
	}
	device := netip.MustParseAddr("192.168.1.163")
	if len(h.Neighbours) != 1 || h.Neighbours[0].Addr != device || h.Neighbours[0].MAC != deviceMAC {
		t.Errorf("neighbours %v, want the device alone", h.Neighbours)
	}
	for _, l := range s.Links {
		if wantUp := l.Name != "far2"; l.Up != wantUp {
			t.Errorf("link %q up %v, want %v", l.Name, l.Up, wantUp)
		}
		if l.Name == "lan1" && l.Kind != "veth" || l.Name == "br-lan" && l.Kind != "bridge" {
			t.Errorf("link %q is a %q", l.Name, l.Kind)
		}
	}
	if want := 2; len(s.Defaults) != want {
		t.Errorf("defaults %v, want IPv4's and the source-specific one of IPv6", s.Defaults)
	}
}

func TestWatchSeesNeighboursComeAndGo(t *testing.T) {
	n := gateway(t)
	w := watch(t, n)
	newcomer := netip.MustParseAddr("192.168.1.200")
	knows := func(s Snapshot) bool {
		return slices.ContainsFunc(s.Neighbours, func(n Neighbour) bool { return n.Addr == newcomer })
	}
	w.until("the first snapshot", func(s Snapshot) bool { return !knows(s) })
	ipRoute(t, n, "neigh add "+newcomer.String()+" lladdr 02:00:00:00:00:02 dev br-lan nud permanent")
	w.until("a new neighbour", knows)
	ipRoute(t, n, "neigh del "+newcomer.String()+" dev br-lan")
	w.until("its end", func(s Snapshot) bool { return !knows(s) })
	ipRoute(t, n, "link set far1 name phone")
	w.until("a renamed link", func(s Snapshot) bool {
		return slices.ContainsFunc(s.Links, func(l Link) bool { return l.Name == "phone" })
	})
}

func TestReadOfACancelledContextIsItsError(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Read(ctx); err != context.Canceled {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
}
