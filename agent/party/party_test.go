package party

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"spinneret/capture/packet"
	"spinneret/mud"
	"spinneret/openwrt/firewall"
)

var (
	cam    = packet.MAC{2, 0, 0, 0, 0, 1}
	bulb   = packet.MAC{2, 0, 0, 0, 0, 2}
	bulb2  = packet.MAC{2, 0, 0, 0, 0, 3}
	hub    = packet.MAC{2, 0, 0, 0, 0, 4}
	guest  = packet.MAC{2, 0, 0, 0, 0, 5}
	nobody = mud.URL{}
)

func url(s string) mud.URL {
	if s == "" {
		return nobody
	}
	u, err := mud.ParseURL(s)
	if err != nil {
		panic(err)
	}
	return u
}

func addrs(texts ...string) (list []netip.Addr) {
	for _, s := range texts {
		list = append(list, netip.MustParseAddr(s))
	}
	return list
}

func network(texts ...string) (n Network) {
	for _, s := range texts {
		n.Router = append(n.Router, netip.MustParsePrefix(s))
	}
	return n
}

func rule(e mud.Endpoint) mud.Rule {
	return mud.Rule{ACE: mud.ACE{Match: mud.Match{Remote: []mud.Endpoint{e}}}}
}

// held is a profile that names one endpoint.
func held(u string, e mud.Endpoint) *Profile {
	return &Profile{Policy: mud.Policy{URL: url(u), From: []mud.Rule{rule(e)}}, Mode: firewall.Enforce}
}

// house has a camera and two bulbs of one maker, a hub of another, and a guest in a network of its own. The first of its
// devices has a policy with one endpoint.
func house(e mud.Endpoint) Home {
	return Home{
		Networks: []Network{
			network("192.168.1.1/24", "fd00:1::1/64", "2001:db8:1::1/64", "fe80::1/64"),
			network("192.168.9.1/24", "fe80::9/64"),
		},
		Devices: []Device{
			{MAC: cam, Addresses: addrs("192.168.1.10", "fe80::10"), URL: url("https://lumen.example/cam"), Profile: held("https://lumen.example/cam", e)},
			{MAC: bulb, Addresses: addrs("192.168.1.20", "fd00:1::20"), URL: url("https://lumen.example/bulb")},
			{MAC: bulb2, Addresses: addrs("192.168.1.21"), URL: url("https://lumen.example:8443/bulb")},
			{MAC: hub, Addresses: addrs("192.168.1.30"), URL: url("https://hub.example/v1"), Announced: "hub.local"},
			{MAC: guest, Addresses: addrs("192.168.9.50")},
		},
		Resolvers:   addrs("192.168.1.53"),
		TimeServers: addrs("192.168.1.123"),
		Controllers: []Controller{
			{Class: "https://lumen.example/controllers", Devices: []packet.MAC{hub}, Addresses: addrs("198.51.100.40")},
			{URL: url("https://lumen.example/cam"), Devices: []packet.MAC{hub}},
			{URL: url("https://other.example/"), Devices: []packet.MAC{bulb}},
			{Class: mud.ClassDNS, Addresses: addrs("9.9.9.9")},
		},
		Names: func(name string) []netip.Addr {
			if name == "up.cam.example" {
				return addrs("198.51.100.7", "2001:db8:101::7")
			}
			return nil
		},
	}
}

// text writes who an endpoint of the camera's policy is.
func text(h Home, e mud.Endpoint) string {
	var words []string
	for _, p := range h.Profiles() {
		for _, prefix := range p.Sets[e].Prefixes {
			words = append(words, strings.TrimSuffix(prefix.String(), fmt.Sprintf("/%d", prefix.Addr().BitLen())))
		}
		for _, mac := range p.Sets[e].MACs {
			words = append(words, packet.MAC(mac).String())
		}
	}
	return strings.Join(words, " ")
}

const (
	groups4 = "224.0.0.0/24 239.255.0.0/16 255.255.255.255 "
	groups6 = "fe80::/10 ff01::/16 ff02::/16 ff03::/16 ff04::/16 ff05::/16"
	theHub  = "192.168.1.30 02:00:00:00:00:04"
	router  = "192.168.1.1 2001:db8:1::1 fd00:1::1 fe80::1"
)

// whoPartiesAre are endpoints of a policy with who that is in the house, once something changed there.
var whoPartiesAre = map[string]struct {
	endpoint mud.Endpoint
	change   func(*Home)
	want     string
}{
	"a name: what devices were told of it": {
		mud.Endpoint{Kind: mud.Name, Name: "up.cam.example"}, nil, "198.51.100.7 2001:db8:101::7",
	},
	"a name that nobody was told of":            {mud.Endpoint{Kind: mud.Name, Name: "x.example"}, nil, ""},
	"a name of mDNS: the device that says it":   {mud.Endpoint{Kind: mud.Name, Name: "hub.local"}, nil, theHub},
	"a name of mDNS that nobody says":           {mud.Endpoint{Kind: mud.Name, Name: "tv.local"}, nil, ""},
	"local-networks: its own network, no other": {mud.Endpoint{Kind: mud.LocalNetworks}, nil, "192.168.1.0/24 " + groups4 + "2001:db8:1::/64 fd00:1::/64 " + groups6},
	"local-networks for a device of the guests": {mud.Endpoint{Kind: mud.LocalNetworks}, func(h *Home) {
		h.Devices[0].Addresses = addrs("192.168.9.10")
	}, "192.168.9.0/24 " + groups4 + groups6},
	"local-networks for one without an address": {mud.Endpoint{Kind: mud.LocalNetworks}, func(h *Home) {
		h.Devices[0].Addresses = nil
	}, groups4 + groups6},
	"the same, where there is one network only": {mud.Endpoint{Kind: mud.LocalNetworks}, func(h *Home) {
		h.Devices[0].Addresses, h.Networks = nil, h.Networks[1:]
	}, "192.168.9.0/24 " + groups4 + groups6},
	"local-networks when the provider gives another prefix": {mud.Endpoint{Kind: mud.LocalNetworks}, func(h *Home) {
		h.Networks[0] = network("192.168.1.1/24", "2001:db8:2::1/64")
	}, "192.168.1.0/24 " + groups4 + "2001:db8:2::/64 " + groups6},
	"a prefix of no length is not the internet": {mud.Endpoint{Kind: mud.LocalNetworks}, func(h *Home) {
		h.Networks = []Network{network("192.168.1.1/0")}
	}, groups4 + groups6},
	"manufacturer: every device whose URL has that host, on any port": {
		mud.Endpoint{Kind: mud.Manufacturer, Name: "lumen.example"},
		nil,
		"192.168.1.20 192.168.1.21 fd00:1::20 02:00:00:00:00:02 02:00:00:00:00:03",
	},
	"manufacturer of nobody here": {mud.Endpoint{Kind: mud.Manufacturer, Name: "b1.lumen.example"}, nil, ""},
	"same-manufacturer: the same host and port, without itself": {
		mud.Endpoint{Kind: mud.SameManufacturer}, nil, "192.168.1.20 fd00:1::20 02:00:00:00:00:02",
	},
	"same-manufacturer when a bulb joins": {mud.Endpoint{Kind: mud.SameManufacturer}, func(h *Home) {
		h.Devices = append(h.Devices, Device{MAC: packet.MAC{2, 9}, Addresses: addrs("192.168.1.22"), URL: url("https://lumen.example/b2")})
	}, "192.168.1.20 192.168.1.22 fd00:1::20 02:00:00:00:00:02 02:09:00:00:00:00"},
	"same-manufacturer when a bulb has another address": {mud.Endpoint{Kind: mud.SameManufacturer}, func(h *Home) {
		h.Devices[1].Addresses = addrs("192.168.1.99")
	}, "192.168.1.99 02:00:00:00:00:02"},
	"same-manufacturer when the bulb's URL is not believed": {mud.Endpoint{Kind: mud.SameManufacturer}, func(h *Home) {
		h.Devices[1].URL = nobody
	}, ""},
	"model: exactly that URL": {
		mud.Endpoint{Kind: mud.Model, Name: "https://lumen.example/bulb"}, nil, "192.168.1.20 fd00:1::20 02:00:00:00:00:02",
	},
	"a class that the owner filled": {
		mud.Endpoint{Kind: mud.Controller, Name: "https://lumen.example/controllers"},
		nil,
		"192.168.1.30 198.51.100.40 02:00:00:00:00:04",
	},
	"a class that nobody filled":         {mud.Endpoint{Kind: mud.Controller, Name: "bacnet"}, nil, ""},
	"my-controller: of this URL only":    {mud.Endpoint{Kind: mud.MyController}, nil, theHub},
	"DNS: the router and what DHCP says": {mud.Endpoint{Kind: mud.Controller, Name: mud.ClassDNS}, nil, "9.9.9.9 192.168.1.1 192.168.1.53 2001:db8:1::1 fd00:1::1 fe80::1"},
	"time":                               {mud.Endpoint{Kind: mud.Controller, Name: mud.ClassNTP}, nil, "192.168.1.1 192.168.1.123 2001:db8:1::1 fd00:1::1 fe80::1"},
	"the router":                         {mud.Endpoint{Kind: mud.Controller, Name: mud.ClassGateway}, nil, router},
}

func TestWhoAPartyIs(t *testing.T) {
	for name, c := range whoPartiesAre {
		t.Run(name, func(t *testing.T) {
			h := house(c.endpoint)
			if c.change != nil {
				c.change(&h)
			}
			if got := text(h, c.endpoint); got != c.want {
				t.Errorf("%v is\n%s\nwant\n%s", c.endpoint, got, c.want)
			}
		})
	}
}

func TestOnlyDevicesWithAPolicyHaveProfiles(t *testing.T) {
	h := house(mud.Endpoint{Kind: mud.LocalNetworks})
	list := h.Profiles()
	if len(list) != 1 || list[0].MAC != cam || list[0].Mode != firewall.Enforce || !slices.Equal(list[0].Addresses, h.Devices[0].Addresses) {
		t.Errorf("profiles %+v", list)
	}
	state := firewall.State{LAN: []firewall.LAN{{Name: "br-lan"}}, Profiles: list}
	if err := state.Validate(); err != nil {
		t.Errorf("the firewall would not take it: %v", err)
	}
}

func TestRulesThatWaitForTheOwnerHaveNoParties(t *testing.T) {
	e := mud.Endpoint{Kind: mud.LocalNetworks}
	h := house(e)
	h.Devices[0].Profile.Policy.From[0].Held = "it names addresses"
	if got := text(h, e); got != "" {
		t.Errorf("held, and still %s", got)
	}
}
