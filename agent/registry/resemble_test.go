package registry

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"spinneret/capture"
	"spinneret/capture/dhcp"
	"spinneret/capture/names"
	"spinneret/capture/packet"
	"spinneret/openwrt/leases"
)

func TestSeveral(t *testing.T) {
	for name, test := range map[string]struct {
		addresses []string
		want      bool
	}{
		"one":                    {[]string{"192.168.1.5"}, false},
		"three":                  {[]string{"192.168.1.5", "192.168.1.6", "192.168.1.7"}, false},
		"four":                   {[]string{"192.168.1.5", "192.168.1.6", "192.168.1.7", "192.168.1.8"}, true},
		"three and a link-local": {[]string{"192.168.1.5", "192.168.1.6", "192.168.1.7", "169.254.3.4"}, false},
		"a phone's of IPv6":      {[]string{"fd00:1::1", "fd00:1::2", "fd00:1::3", "fe80::4", "192.168.1.5"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := New(10)
			r.Observe(start, Input{Devices: []capture.Device{heard(1, start, test.addresses...)}})
			if d := must(t, r, 1); d.Several != test.want {
				t.Errorf("several %v, want %v", d.Several, test.want)
			}
			r.Observe(start, Input{Devices: []capture.Device{heard(1, start)}})
			if d := must(t, r, 1); d.Several {
				t.Error("several, without an address")
			}
		})
	}
}

// says is what a device says of itself by DHCP.
func says(n int, fingerprint, hostname string) dhcp.Client {
	return dhcp.Client{MAC: mac(n), Fingerprint: fingerprint, Hostname: hostname}
}

func TestWhatADeviceSaidStaysAndNamesIt(t *testing.T) {
	r := New(10)
	devices := []capture.Device{heard(1, start, "192.168.1.5")}
	r.Observe(start, Input{Devices: devices, DHCP: []dhcp.Client{says(1, "v4:1,3", "tablet"), says(2, "v4:1", "ghost")}})
	r.Observe(start, Input{Devices: devices, DHCP: []dhcp.Client{says(1, "", "")}})
	if d := must(t, r, 1); d.Fingerprint != "v4:1,3" || d.Hostname != "tablet" || d.Name != "tablet" || d.NameSource != NameDHCP {
		t.Errorf("device %+v", d)
	}
	r.Observe(start, Input{Devices: devices, Leases: []leases.Lease{lease(1, "192.168.1.5", "tablet-2", time.Time{})}})
	if d := must(t, r, 1); d.Hostname != "tablet" || d.Name != "tablet-2" {
		t.Errorf("hostname %q, name %q: the router's lease names it first", d.Hostname, d.Name)
	}
	if len(slices.Collect(r.All())) != 1 {
		t.Error("what was said made a device")
	}
}

func TestSameFingerprint(t *testing.T) {
	r := New(10)
	in := at(start, map[int]int32{1: 4, 2: 4, 3: 5, 4: 5})
	in.DHCP = []dhcp.Client{says(1, "v4:1,3", "a"), says(2, "v4:1,3", "b"), says(3, "v4:1,6", "a"), says(4, "", "a")}
	r.Observe(start, in)
	for n, want := range map[int][]packet.MAC{1: {mac(2)}, 2: {mac(1)}, 3: nil, 4: nil, 9: nil} {
		if got := others(n, r.SameFingerprint); !slices.Equal(got, want) {
			t.Errorf("with device %d: %v, want %v", n, got, want)
		}
	}
}

func TestResembles(t *testing.T) {
	later := start.Add(10 * time.Minute) // when the second device comes
	burnt := packet.MAC{0, 0x24, 0xe4, 0, 0, 1}
	const kind, name = "v4:1,3,6,15", "phone"
	tests := map[string]struct {
		old, new dhcp.Client
		oldHeard time.Time
		now      time.Time
		want     bool
	}{
		"took another MAC":          {says(1, kind, name), says(2, kind, name), later.Add(-time.Second), later.Add(2 * time.Minute), true},
		"silent for too short":      {says(1, kind, name), says(2, kind, name), later.Add(-time.Second), later.Add(30 * time.Second), false},
		"silent for an hour":        {says(1, kind, name), says(2, kind, name), start, later, true},
		"both are there":            {says(1, kind, name), says(2, kind, name), later.Add(time.Second), later.Add(2 * time.Minute), false},
		"of another name":           {says(1, kind, "tablet"), says(2, kind, name), start, later, false},
		"of another kind":           {says(1, "v4:1", name), says(2, kind, name), start, later, false},
		"without a name":            {says(1, kind, ""), says(2, kind, ""), start, later, false},
		"without a kind":            {says(1, "", name), says(2, "", name), start, later, false},
		"with the MAC of its maker": {dhcp.Client{MAC: burnt, Fingerprint: kind, Hostname: name}, says(2, kind, name), start, later, true},
	}
	for what, test := range tests {
		t.Run(what, func(t *testing.T) {
			r := New(10)
			was := capture.Device{MAC: test.old.MAC, First: start, Last: start}
			r.Observe(start, Input{Devices: []capture.Device{was}, DHCP: []dhcp.Client{test.old}})
			was.Last = test.oldHeard
			r.Observe(test.now, Input{Devices: []capture.Device{was, heard(2, later)}, DHCP: []dhcp.Client{test.old, test.new}})
			got, ok := r.Alike()[mac(2)]
			if ok != test.want || ok && got != test.old.MAC {
				t.Errorf("resembles %v (%v), want %v", got, ok, test.want)
			}
			if got, ok := r.Alike()[test.old.MAC]; ok {
				t.Errorf("the old one resembles %v, which came after it", got)
			}
		})
	}
}

func TestResemblesTheOneHeardLastAlsoOfAnEarlierRun(t *testing.T) {
	r := New(10)
	for i, last := range []time.Duration{2, 3, 1} {
		d := heard(i+1, start.Add(last*time.Minute))
		d.First = start
		r.Observe(start.Add(time.Hour), Input{Devices: []capture.Device{d}, DHCP: []dhcp.Client{says(i+1, "v4:1", "phone")}})
	}
	come := start.Add(2 * time.Hour)
	newcomer := Input{Devices: []capture.Device{heard(9, come)}, DHCP: []dhcp.Client{says(9, "v4:1", "phone")}}
	r.Observe(come, newcomer)
	if got, ok := r.Alike()[mac(9)]; !ok || got != mac(2) {
		t.Errorf("resembles %v (%v), want the one heard last", got, ok)
	}
	again := New(10)
	again.Restore(r.Save()[:1])
	again.Observe(come, newcomer)
	if got, ok := again.Alike()[mac(9)]; !ok || got != mac(1) {
		t.Errorf("resembles %v (%v), want the only one of the earlier run", got, ok)
	}
	if _, ok := again.Alike()[mac(5)]; ok {
		t.Error("a device that is not known resembles another")
	}
}

func TestWherePortsAndWordsOfADeviceAreKept(t *testing.T) {
	r := New(10)
	in := at(start, map[int]int32{1: 5})
	in.DHCP = []dhcp.Client{says(1, "v4:1,3", "cam")}
	r.Observe(start, in)
	again := New(10)
	again.Restore(r.Save())
	again.Observe(start, Input{})
	d := must(t, again, 1)
	if got := fmt.Sprint(d.Port, d.Fingerprint, d.Hostname, d.Name); got != fmt.Sprint("lan2", "v4:1,3", "cam", "cam") {
		t.Errorf("after the restart %q", got)
	}
}

// TestADeviceIsNamedByWhatItAnnounces, of itself: one that answers for others keeps their names off its own.
func TestADeviceIsNamedByWhatItAnnounces(t *testing.T) {
	r := New(10)
	said := names.Name{Name: "printer.local", Addr: netip.MustParseAddr("192.168.1.5")}
	in := Input{
		Devices:   []capture.Device{heard(1, start, "192.168.1.5")},
		Announced: func(packet.MAC) (names.Name, bool) { return said, true },
	}
	r.Observe(start, in)
	if d := must(t, r, 1); d.Name != "printer" || d.NameSource != NameMDNS {
		t.Errorf("it is %q by %s", d.Name, d.NameSource)
	}
	for what, n := range map[string]names.Name{
		"another's":         {Name: "sleeper.local", Addr: netip.MustParseAddr("192.168.1.6")},
		"an endless one":    {Name: strings.Repeat("a", 64) + ".local", Addr: said.Addr},
		"one without words": {Name: ".local", Addr: said.Addr},
	} {
		said = n
		r.Observe(start, in)
		if d := must(t, r, 1); d.Name != "printer" {
			t.Errorf("it took %s: %q", what, d.Name)
		}
	}
	in.DHCP = []dhcp.Client{says(1, "v4:1,3", "laser")}
	r.Observe(start, in)
	if d := must(t, r, 1); d.Name != "laser" || d.NameSource != NameDHCP {
		t.Errorf("it is %q by %s, though DHCP names it", d.Name, d.NameSource)
	}
}

// TestTheOwnersWordGoesOverToTheNewMAC, but for what the owner said about that one itself.
func TestTheOwnersWordGoesOverToTheNewMAC(t *testing.T) {
	r := New(10)
	r.Observe(start, Input{Devices: []capture.Device{heard(1, start), heard(2, start)}})
	old, phone, no, yes := "Anna's phone", "phone", "tell", true
	r.Edit(mac(1), Edit{Name: &old, Kind: &phone, Trusted: &yes, OnFinding: &no, Exceptions: &[]string{"198.51.100.7"}, Controls: &[]string{"x"}, RefuseMappings: &yes})
	tablet := "tablet"
	r.Edit(mac(2), Edit{Kind: &tablet})
	if !r.Inherit(mac(1), mac(2)) || r.Inherit(mac(1), mac(1)) || r.Inherit(mac(9), mac(1)) {
		t.Fatal("who can inherit what is wrong")
	}
	d, gone := must(t, r, 2), must(t, r, 1)
	if d.Name != old || d.Kind != tablet || !d.Trusted || d.OnFinding != no || len(d.Exceptions) != 1 || len(d.Controls) != 1 || !d.RefuseMappings {
		t.Errorf("the new one is %+v", d)
	}
	if gone.Name == old || gone.Trusted || !gone.Ignored || gone.Kind != "" || len(gone.Exceptions) > 0 {
		t.Errorf("the old one is %+v", gone)
	}
}
