package cli

import (
	"context"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spinneret/openwrt/ubus"
	"spinneret/openwrt/uci"
)

// openWrt is a router with those networks.
func openWrt(t *testing.T, networks []ubus.Network, err error) router {
	t.Helper()
	release := filepath.Join(t.TempDir(), "openwrt_release")
	if err := os.WriteFile(release, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	addrs := map[string][]netip.Addr{
		"br-lan":   {netip.MustParseAddr("192.168.1.1"), netip.MustParseAddr("fd00:1::1")},
		"br-guest": {netip.MustParseAddr("192.168.2.1")},
	}
	return router{release, func(context.Context) ([]ubus.Network, error) { return networks, err }, func(d string) []netip.Addr { return addrs[d] }}
}

var (
	usual = []ubus.Network{{Name: "lan", Device: "br-lan"}, {Name: "wan", Device: "wan", Default: true}, {Name: "wan6", Device: "wan", Default: true}}
	pppoe = []ubus.Network{
		{Name: "lan", Device: "br-lan"},
		{Name: "guest", Device: "br-guest"},
		{Name: "wan", Device: "pppoe-wan", Default: true},
		{Name: "lte", Device: "wwan0", Default: true},
	}
	down   = []ubus.Network{{Name: "lan", Device: "br-lan"}, {Name: "wan"}, {Name: "wan6"}}
	bridge = []ubus.Network{{Name: "lan", Device: "br-lan", Default: true}}
)

func TestTheRouterCompletesTheSettings(t *testing.T) {
	for name, test := range map[string]struct {
		networks          []ubus.Network
		lan, wan          []string
		wantLAN, wantWAN  string
		wantListen, given string
	}{
		"a default router":      {usual, nil, nil, "br-lan", "wan", "192.168.1.1:8484 [fd00:1::1]:8484", ""},
		"dials in, two uplinks": {pppoe, nil, nil, "br-lan", "pppoe-wan wwan0", "192.168.1.1:8484 [fd00:1::1]:8484", ""},
		"several homes": {
			pppoe,
			[]string{"lan", "guest"},
			nil, "br-lan br-guest", "pppoe-wan wwan0",
			"192.168.1.1:8484 192.168.2.1:8484 [fd00:1::1]:8484", "",
		},
		"kernel names":          {usual, []string{"br-lan", "tun0"}, []string{"eth9"}, "br-lan tun0", "eth9", "192.168.1.1:8484 [fd00:1::1]:8484", ""},
		"a network named twice": {usual, []string{"lan", "br-lan"}, nil, "br-lan", "wan", "192.168.1.1:8484 [fd00:1::1]:8484", ""},
		"one uplink by name":    {pppoe, nil, []string{"wan"}, "br-lan", "pppoe-wan", "192.168.1.1:8484 [fd00:1::1]:8484", ""},
		"the uplink is down":    {down, nil, nil, "br-lan", "", "192.168.1.1:8484 [fd00:1::1]:8484", ""},
		"an access point":       {bridge, nil, nil, "br-lan", "", "192.168.1.1:8484 [fd00:1::1]:8484", ""},
		"no addresses yet":      {usual, []string{"eth7"}, nil, "eth7", "wan", "127.0.0.1:8484", ""},
		"told where to listen":  {usual, nil, nil, "br-lan", "wan", "192.168.1.9:1", "192.168.1.9:1"},
	} {
		t.Run(name, func(t *testing.T) {
			c := uci.Config{LAN: test.lan, WAN: test.wan, Listen: strings.Fields(test.given), Auth: true}
			if err := openWrt(t, test.networks, nil).complete(t.Context(), &c); err != nil {
				t.Fatal(err)
			}
			got := []string{strings.Join(c.LAN, " "), strings.Join(c.WAN, " "), strings.Join(c.Listen, " ")}
			if want := []string{test.wantLAN, test.wantWAN, test.wantListen}; !slices.Equal(got, want) {
				t.Errorf("lan, wan and listen %q, want %q", got, want)
			}
		})
	}
}

// TestWithoutALoginThePageIsOnTheRouterAlone, as LuCI says beside the switch: what check-config finds right has to start.
func TestWithoutALoginThePageIsOnTheRouterAlone(t *testing.T) {
	var c uci.Config
	if err := openWrt(t, usual, nil).complete(t.Context(), &c); err != nil || !slices.Equal(c.Listen, []string{"127.0.0.1:8484"}) {
		t.Errorf("the page is at %q (%v)", c.Listen, err)
	}
}

func TestThePageMayBeOpenedFromANetwork(t *testing.T) {
	c := uci.Config{PageFrom: []string{"guest", "wg0"}}
	if err := openWrt(t, pppoe, nil).complete(t.Context(), &c); err != nil || !slices.Equal(c.PageFrom, []string{"br-guest", "wg0"}) {
		t.Errorf("from %q (%v), want br-guest and wg0", c.PageFrom, err)
	}
}

func TestWithoutNetifdTheHomeHasToBeNamed(t *testing.T) {
	r := openWrt(t, nil, ubus.ErrNotFound)
	if err := r.complete(t.Context(), &uci.Config{}); err == nil || !strings.Contains(err.Error(), "list lan 'br-lan'") {
		t.Errorf("error %v does not say what to add", err)
	}
	c := uci.Config{LAN: []string{"br-lan"}, Auth: true}
	if err := r.complete(t.Context(), &c); err != nil || len(c.LAN) != 1 || len(c.Listen) != 2 {
		t.Errorf("named: %+v (%v)", c, err)
	}
	if err := openWrt(t, []ubus.Network{{Name: "lan"}}, nil).complete(t.Context(), &uci.Config{}); err == nil {
		t.Error("a home that is down is no error")
	}
}

func TestOutsideOpenWrtNothingIsAdded(t *testing.T) {
	var c uci.Config
	r := router{release: filepath.Join(t.TempDir(), "none")}
	if err := r.complete(t.Context(), &c); err != nil || len(c.LAN)+len(c.WAN)+len(c.Listen) != 0 {
		t.Errorf("config %+v (%v)", c, err)
	}
}

func TestARouterStartsWithWhatIsRight(t *testing.T) {
	path := filepath.Join(t.TempDir(), "spinneret")
	put := func(text string) {
		if err := os.WriteFile(path, []byte("config spinneret 'main'\n"+text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := settings{config: path, socket: "/run/s", router: openWrt(t, usual, nil)}
	put("\toption auht '0'\n\toption max_level '9'\n\toption new_devices 'hold'\n")
	c, wrong, err := s.load(t.Context())
	if err != nil || len(wrong) != 2 || c.NewDevices != "hold" || c.MaxLevel != 3 || c.Socket != "/run/s" {
		t.Errorf("at the start: %+v, wrong %v (%v)", c, wrong, err)
	}
	if err := misread(wrong); err == nil || !strings.HasPrefix(err.Error(), path+":3: max_level") {
		t.Errorf("misread %v, want the wrong value", err)
	}
	put("\toption auht '0'\n")
	if _, wrong, err := s.load(t.Context()); err != nil || len(wrong) != 1 || misread(wrong) != nil {
		t.Errorf("of an unknown option: wrong %v (%v)", wrong, err)
	}
	s.router.release = filepath.Join(t.TempDir(), "none")
	if _, _, err := s.load(t.Context()); err == nil || !strings.HasPrefix(err.Error(), path+":2: remove or rename") {
		t.Errorf("elsewhere: error %v, want the unknown option", err)
	}
}

func TestAddressesThatCanBeListenedAt(t *testing.T) {
	if got := deviceAddresses("lo"); !slices.Contains(got, netip.MustParseAddr("127.0.0.1")) {
		t.Errorf("of lo: %v", got)
	}
	if got := deviceAddresses("no-such-device"); len(got) != 0 {
		t.Errorf("of none: %v", got)
	}
}

// TestANetworkThatIsDownIsSaidOnce on OpenWrt, which has the settings read with each change; elsewhere a person asks.
func TestANetworkThatIsDownIsSaidOnce(t *testing.T) {
	d := daemon{from: settings{router: openWrt(t, nil, nil)}}
	for i, c := range []struct {
		why  string
		news bool
	}{{"lan is down", true}, {"lan is down", false}, {"no number", true}, {"lan is down", true}} {
		if d.refusedAnew(c.why) != c.news {
			t.Errorf("%d: %s: want it said: %v", i, c.why, c.news)
		}
	}
	d = daemon{from: settings{router: router{release: "/nowhere"}}}
	for range 2 {
		if !d.refusedAnew("no number") {
			t.Error("who asks twice is not answered twice")
		}
	}
}
