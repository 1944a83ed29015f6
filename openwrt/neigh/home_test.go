package neigh

import (
	"errors"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	bridgeMAC  = [6]byte{2, 0, 0, 0, 0, 0xfe}
	portMAC    = [6]byte{2, 0, 0, 0, 0, 0xfd}
	wanMAC     = [6]byte{2, 0, 0, 0, 0, 0xfc}
	gatewayMAC = [6]byte{2, 0, 0, 0, 0, 0xee}
	deviceMAC  = [6]byte{2, 0, 0, 0, 0, 1}
)

// router is a small home router: a bridge with two ports, and an uplink.
func router() Snapshot {
	return Snapshot{
		Links: []Link{
			{Index: 1, Name: "lo"},
			{Index: 2, Name: "wan", MAC: wanMAC, Up: true},
			{Index: 3, Name: "br-lan", MAC: bridgeMAC, Kind: "bridge", Up: true},
			{Index: 4, Name: "lan2", MAC: portMAC, Master: 3, Up: true},
			{Index: 5, Name: "lan1", MAC: portMAC, Master: 3, Up: true},
		},
		Addrs: []Addr{
			{1, netip.MustParsePrefix("127.0.0.1/8")},
			{2, netip.MustParsePrefix("203.0.113.20/24")},
			{3, netip.MustParsePrefix("192.168.1.1/24")},
			{3, netip.MustParsePrefix("fd00:1::1/64")},
			{3, netip.MustParsePrefix("fe80::fe/64")},
		},
		Neighbours: []Neighbour{
			{2, netip.MustParseAddr("203.0.113.1"), gatewayMAC},
			{3, netip.MustParseAddr("192.168.1.163"), deviceMAC},
			{3, netip.MustParseAddr("192.168.1.7"), portMAC},
		},
		Defaults: []Default{{2, netip.MustParseAddr("203.0.113.1")}},
		Stations: []Station{{deviceMAC, 4, 3}, {bridgeMAC, 5, 3}, {gatewayMAC, 8, 9}},
		Moves:    []Move{{1, gatewayMAC, 7, 8}, {2, deviceMAC, 5, 4}},
	}
}

func TestHomeOfARouter(t *testing.T) {
	got, err := router().Home([]string{"br-lan"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := Home{
		LAN: []LAN{{
			Index: 3, Name: "br-lan", Ports: []string{"lan1", "lan2"},
			Addrs: []netip.Prefix{
				netip.MustParsePrefix("192.168.1.1/24"),
				netip.MustParsePrefix("fd00:1::1/64"),
				netip.MustParsePrefix("fe80::fe/64"),
			},
		}},
		WAN:      []string{"wan"},
		Indexes:  []int32{3, 4, 5},
		Prefixes: []netip.Prefix{netip.MustParsePrefix("192.168.1.0/24"), netip.MustParsePrefix("fd00:1::/64")},
		RouterAddrs: []netip.Addr{
			netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("192.168.1.1"), netip.MustParseAddr("203.0.113.20"),
			netip.MustParseAddr("fd00:1::1"), netip.MustParseAddr("fe80::fe"),
		},
		RouterMACs: [][6]byte{wanMAC, portMAC, bridgeMAC},
		NextHops:   [][6]byte{gatewayMAC},
		Neighbours: []Neighbour{{3, netip.MustParseAddr("192.168.1.163"), deviceMAC}},
		Stations:   []Station{{deviceMAC, 4, 3}},
		Moves:      []Move{{2, deviceMAC, 5, 4}},
		Ports:      map[int32]string{4: "lan2", 5: "lan1"},
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b netip.Addr) bool { return a == b }),
		cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" {
		t.Errorf("home (-want +got):\n%s", diff)
	}
}

func TestHomeOfAnAccessPointHasNoWAN(t *testing.T) {
	s := router()
	s.Defaults = []Default{{3, netip.MustParseAddr("192.168.1.254")}}
	s.Neighbours = append(s.Neighbours, Neighbour{3, netip.MustParseAddr("192.168.1.254"), gatewayMAC})

	h, err := s.Home([]string{"br-lan"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(h.WAN) != 0 {
		t.Errorf("wan %q, want none: the default route is on the LAN", h.WAN)
	}
	if len(h.NextHops) != 1 || h.NextHops[0] != gatewayMAC {
		t.Errorf("next hops %x: the gateway is no device on the LAN either", h.NextHops)
	}
	if len(h.Neighbours) != 1 {
		t.Errorf("neighbours %v, want the device alone", h.Neighbours)
	}
}

func TestHomeKeepsWhatItFoundBesideAMissingWAN(t *testing.T) {
	h, err := router().Home([]string{"br-lan"}, []string{"pppoe-wan", "wan"})
	var missing *MissingError
	if !errors.As(err, &missing) || missing.Role != "wan" {
		t.Fatalf("error %v, want a missing wan", err)
	}
	if len(h.LAN) != 1 || len(h.WAN) != 1 {
		t.Errorf("home %+v, want its LAN and the wan that exists", h)
	}
}

func TestHomeErrorsSayWhatToDo(t *testing.T) {
	tests := map[string]struct {
		lan, wan []string
		want     string
	}{
		"nothing configured": {nil, nil, "no lan interface is configured"},
		"misspelt": {
			[]string{"br-lna"},
			nil,
			`lan interface "br-lna" does not exist: this machine has wan, br-lan, lan2, lan1`,
		},
		"bridge port": {
			[]string{"lan1"},
			nil,
			`lan interface "lan1" is a port of the bridge "br-lan": write list lan 'br-lan'`,
		},
		"on both lists": {
			[]string{"br-lan"},
			[]string{"br-lan"},
			`interface "br-lan" is both lan and wan: take it off one list`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := router().Home(test.lan, test.wan)
			if err == nil || err.Error() != test.want {
				t.Errorf("error %v, want %s", err, test.want)
			}
		})
	}
}

func TestAPrefixOfNoLengthIsNotTheHome(t *testing.T) {
	s := router()
	s.Addrs = append(s.Addrs, Addr{3, netip.MustParsePrefix("192.168.1.1/0")})
	h, err := s.Home([]string{"br-lan"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range h.Prefixes {
		if p.Bits() == 0 {
			t.Errorf("prefix %v makes the internet the home's", p)
		}
	}
}
