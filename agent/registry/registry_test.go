package registry

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"spinneret/capture"
	"spinneret/capture/packet"
	"spinneret/openwrt/leases"
	"spinneret/openwrt/neigh"
)

var start = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

func mac(n int) packet.MAC { return packet.MAC{2, 0, 0, 0, byte(n >> 8), byte(n)} }

func addrs(list ...string) (out []netip.Addr) {
	for _, s := range list {
		out = append(out, netip.MustParseAddr(s))
	}
	return out
}

// heard is a device of the capture table that sent at that time, from those addresses.
func heard(n int, at time.Time, list ...string) capture.Device {
	return capture.Device{MAC: mac(n), First: at, Last: at, Addresses: addrs(list...)}
}

func lease(n int, address, name string, expires time.Time) leases.Lease {
	l := leases.Lease{Addr: netip.MustParseAddr(address), Name: name, Expires: expires}
	if l.Addr.Is4() {
		l.MAC = mac(n)
	}
	return l
}

func neighbour(n int, address string) neigh.Neighbour {
	return neigh.Neighbour{Index: 3, Addr: netip.MustParseAddr(address), MAC: mac(n)}
}

// must gives the device, which has to be there.
func must(t *testing.T, r *Registry, n int) Device {
	t.Helper()
	d, ok := r.Get(mac(n))
	if !ok {
		t.Fatalf("device %d is not known", n)
	}
	return d
}

func TestAMACBecomesADeviceOnceWhenItIsSeen(t *testing.T) {
	r := New(10)
	in := Input{
		Devices:    []capture.Device{heard(1, start)},
		Neighbours: []neigh.Neighbour{neighbour(2, "192.168.1.2")},
		Leases:     []leases.Lease{lease(3, "192.168.1.3", "ghost", time.Time{})},
	}
	if added := r.Observe(start, in); !slices.Equal(added, []packet.MAC{mac(1), mac(2)}) {
		t.Errorf("added %v, want the one heard and the kernel's neighbour, not the lease alone", added)
	}
	if added := r.Observe(start.Add(time.Second), in); len(added) != 0 {
		t.Errorf("added %v again", added)
	}
	if d := must(t, r, 2); d.Online || !d.Last.IsZero() || !d.First.Equal(start) {
		t.Errorf("a neighbour that was never heard: %+v, want offline since %v", d, start)
	}
}

func TestNoDeviceIsMadeOfAGroupAddressOrOfNone(t *testing.T) {
	r := New(10)
	r.Observe(start, Input{Devices: []capture.Device{{MAC: packet.Broadcast}, {}}})
	if all := slices.Collect(r.All()); len(all) != 0 {
		t.Errorf("devices %v, want none", all)
	}
}

func TestAllIsInOrderOfFirstThenMACAndIDsStay(t *testing.T) {
	r := New(10)
	r.Observe(start, Input{Devices: []capture.Device{heard(9, start.Add(time.Second)), heard(5, start), heard(4, start)}})
	r.Observe(start, Input{Devices: []capture.Device{heard(1, start.Add(-time.Second))}})
	var got []string
	for d := range r.All() {
		got = append(got, fmt.Sprintf("%d:%d", d.MAC[5], d.ID))
		if same, ok := r.ByID(d.ID); !ok || same.MAC != d.MAC {
			t.Errorf("ID %d gives %v, want %v", d.ID, same.MAC, d.MAC)
		}
	}
	if want := []string{"1:4", "4:3", "5:2", "9:1"}; !slices.Equal(got, want) {
		t.Errorf("order and IDs %v, want %v", got, want)
	}
}

func TestNames(t *testing.T) {
	owner := "grandma's tablet"
	tests := map[string]struct {
		leases     []leases.Lease
		edit       Edit
		want, from string
	}{
		"nobody says":          {nil, Edit{}, "02:00:00:00:00:01", NameMAC},
		"the lease":            {[]leases.Lease{lease(1, "192.168.1.5", "tablet", time.Time{})}, Edit{}, "tablet", NameDHCP},
		"a lease without name": {[]leases.Lease{lease(1, "192.168.1.5", "", time.Time{})}, Edit{}, "02:00:00:00:00:01", NameMAC},
		"a lease that is over": {[]leases.Lease{lease(1, "192.168.1.5", "tablet", start)}, Edit{}, "02:00:00:00:00:01", NameMAC},
		"a lease of DHCPv6":    {[]leases.Lease{lease(1, "fd00:1::5", "tablet6", time.Time{})}, Edit{}, "tablet6", NameDHCP},
		"both leases": {[]leases.Lease{
			lease(1, "192.168.1.5", "tablet", time.Time{}), lease(1, "fd00:1::5", "tablet6", time.Time{}),
		}, Edit{}, "tablet", NameDHCP},
		"the owner": {[]leases.Lease{lease(1, "192.168.1.5", "tablet", time.Time{})}, Edit{Name: &owner}, owner, NameOwner},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := New(10)
			in := Input{Devices: []capture.Device{heard(1, start, "192.168.1.5", "fd00:1::5")}, Leases: test.leases}
			r.Observe(start, in)
			r.Edit(mac(1), test.edit)
			r.Observe(start.Add(time.Second), in) // DHCPv6 names come with the second look
			if d := must(t, r, 1); d.Name != test.want || d.NameSource != test.from {
				t.Errorf("name %q from %s, want %q from %s", d.Name, d.NameSource, test.want, test.from)
			}
		})
	}
}

func TestADeviceKeepsTheNameOfALeaseThatEnded(t *testing.T) {
	r := New(10)
	devices := []capture.Device{heard(1, start, "192.168.1.5")}
	r.Observe(start, Input{Devices: devices, Leases: []leases.Lease{lease(1, "192.168.1.5", "tablet", time.Time{})}})
	r.Observe(start.Add(time.Hour), Input{Devices: devices})
	if d := must(t, r, 1); d.Name != "tablet" {
		t.Errorf("name %q, want the last one that was known", d.Name)
	}
}

func TestEdit(t *testing.T) {
	r := New(10)
	r.Observe(start, Input{Devices: []capture.Device{heard(1, start)}})
	name, kind, yes, no := "tablet", "tablet", true, false
	if !r.Edit(mac(1), Edit{Name: &name, Kind: &kind, Ignored: &yes, Trusted: &yes}) {
		t.Fatal("a known device could not be edited")
	}
	if d := must(t, r, 1); d.Name != name || d.Kind != kind || !d.Ignored || !d.Trusted {
		t.Errorf("device %+v does not have what was edited", d)
	}
	r.Edit(mac(1), Edit{Trusted: &no})
	if d := must(t, r, 1); d.Name != name || !d.Ignored || d.Trusted {
		t.Errorf("device %+v: an edit of one thing changed others, or not that one", d)
	}
	r.Edit(mac(1), Edit{ClearName: true})
	if d := must(t, r, 1); d.NameSource != NameMAC {
		t.Errorf("name %q from %s after it was cleared", d.Name, d.NameSource)
	}
	if r.Edit(mac(2), Edit{Name: &name}) {
		t.Error("a device that is not known was edited")
	}
}

func TestOnline(t *testing.T) {
	tests := map[string]struct {
		last   time.Duration // before now
		leases []leases.Lease
		want   bool
	}{
		"just heard":            {0, nil, true},
		"heard four minutes":    {4 * time.Minute, nil, true},
		"heard five minutes":    {5 * time.Minute, nil, false},
		"silent with a lease":   {time.Hour, []leases.Lease{lease(1, "192.168.1.5", "", start.Add(time.Second))}, true},
		"its lease ended":       {time.Hour, []leases.Lease{lease(1, "192.168.1.5", "", start)}, false},
		"its lease never ends":  {time.Hour, []leases.Lease{lease(1, "192.168.1.5", "", time.Time{})}, true},
		"another one's lease":   {time.Hour, []leases.Lease{lease(2, "192.168.1.6", "", time.Time{})}, false},
		"the lease of its IPv6": {time.Hour, []leases.Lease{lease(1, "fd00:1::5", "", time.Time{})}, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := New(10)
			in := Input{Devices: []capture.Device{heard(1, start.Add(-test.last), "192.168.1.5", "fd00:1::5")}, Leases: test.leases}
			r.Observe(start.Add(-time.Millisecond), in)
			r.Observe(start, in)
			if d := must(t, r, 1); d.Online != test.want {
				t.Errorf("online %v, want %v", d.Online, test.want)
			}
		})
	}
}

// TestTheRoutersSettingsNameADevice better than its lease does, and worse than its owner.
func TestTheRoutersSettingsNameADevice(t *testing.T) {
	r, owner := New(10), "my tablet"
	in := Input{
		Devices: []capture.Device{heard(1, start, "192.168.1.5")},
		Leases:  []leases.Lease{lease(1, "192.168.1.5", "tablet", time.Time{})},
		Names:   map[[6]byte]string{mac(1): "static", mac(2): "another's"},
	}
	observe := func(name, source string) {
		t.Helper()
		r.Observe(start, in)
		if d := must(t, r, 1); d.Name != name || d.NameSource != source {
			t.Errorf("name %q from %s, want %q from %s", d.Name, d.NameSource, name, source)
		}
	}
	observe("static", NameUCI)
	r.Edit(mac(1), Edit{Name: &owner})
	observe(owner, NameOwner)
	in.Names, owner = nil, ""
	r.Edit(mac(1), Edit{Name: &owner})
	observe("tablet", NameDHCP)
}
