package agent

import (
	"net/netip"
	"testing"

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
