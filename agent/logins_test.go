package agent

import (
	"net/netip"
	"testing"
	"time"

	"spinneret/agent/decide"
	"spinneret/agent/registry"
	"spinneret/capture"
	"spinneret/openwrt/neigh"
	"spinneret/ui"
)

// TestWhoIsAtTheDoor: devices are known by their addresses, and link-local ones only on the home's own links.
func TestWhoIsAtTheDoor(t *testing.T) {
	laptop, guest := ui.Asker{MAC: "02:00:00:00:00:01"}, ui.Asker{Guest: true}
	h := &home{}
	for remote, want := range map[string]ui.Asker{"127.0.0.1:40000": {}, "192.168.1.2:40000": guest, "[fe80::1%br-lan]:40000": guest} {
		if got := h.who(remote); got != want {
			t.Errorf("before the home is known %s is %+v, want %+v", remote, got, want)
		}
	}
	h.door.Store(&door{
		byAddr:   map[netip.Addr]ui.Asker{netip.MustParseAddr("192.168.1.2"): laptop, netip.MustParseAddr("fe80::1"): laptop},
		prefixes: []netip.Prefix{netip.MustParsePrefix("192.168.1.0/24"), netip.MustParsePrefix("fd00:1::/64")},
		links:    []string{"br-lan", "wg0"},
	})
	for remote, want := range map[string]ui.Asker{
		"192.168.1.2:40000":          laptop,
		"[::ffff:192.168.1.2]:40000": laptop,
		"[fe80::1%br-lan]:40000":     laptop,
		"[fe80::1%guest0]:40000":     guest,
		"[fe80::2%guest0]:40000":     guest,
		"[fe80::2%wg0]:40000":        {},
		"192.168.1.3:40000":          {},
		"[fd00:1::3]:40000":          {},
		"[::1]:40000":                {},
		"192.168.9.2:40000":          guest,
		"[2001:db8::1]:40000":        guest,
		"nonsense":                   guest,
		"@:1":                        guest,
	} {
		if got := h.who(remote); got != want {
			t.Errorf("%s is %+v, want %+v", remote, got, want)
		}
	}
}

// TestWhoseAnAddressIs: the kernel's neighbour table says so, whatever a device writes into its packets.
func TestWhoseAnAddressIs(t *testing.T) {
	at := func(text string) netip.Addr { return netip.MustParseAddr(text) }
	now := time.Now()
	h := &home{registry: registry.New(10)}
	h.book = decide.NewBook([]decide.Order{{MAC: macOf(2), Level: "full"}, {MAC: macOf(0), Level: "flow"}}, 2, nil)
	in := registry.Input{}
	for i, list := range [][]netip.Addr{{at("192.168.1.10")}, {at("192.168.1.11"), at("192.168.1.10"), at("fd00:1::1")}, {at("192.168.1.11"), at("192.168.1.12"), at("fd00:1::1")}} {
		in.Devices = append(in.Devices, capture.Device{MAC: macOf(i), First: now, Last: now, Addresses: list})
	}
	h.registry.Observe(now, in)
	h.net.Neighbours = []neigh.Neighbour{
		{Addr: at("192.168.1.10"), MAC: macOf(0)}, {Addr: at("192.168.1.11"), MAC: macOf(1)}, {Addr: at("192.168.1.13"), MAC: macOf(3)},
	}
	h.rememberDoor()
	for remote, want := range map[string]ui.Asker{
		"192.168.1.10:1": {MAC: macOf(0).String()},
		"192.168.1.11:1": {MAC: macOf(1).String()},
		"192.168.1.12:1": {MAC: macOf(2).String(), Quarantined: true},
		"192.168.1.13:1": {MAC: macOf(3).String()}, // so new that nobody else knows it
		"[fd00:1::1]:1":  {},                       // two say it is theirs, and the kernel knows nothing
	} {
		if got := h.who(remote); got != want {
			t.Errorf("%s is %+v, want %+v", remote, got, want)
		}
	}
}
