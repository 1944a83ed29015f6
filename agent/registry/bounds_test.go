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

func TestTheLongestSilentDeviceMakesRoom(t *testing.T) {
	r := New(3)
	at := func(minutes int) time.Time { return start.Add(time.Duration(minutes) * time.Minute) }
	r.Observe(at(3), Input{Devices: []capture.Device{heard(1, at(2)), heard(2, at(1)), heard(3, at(3))}})
	r.Observe(at(9), Input{Devices: []capture.Device{heard(4, at(9))}})
	if _, ok := r.Get(mac(2)); ok {
		t.Error("the device that was silent for longest is still there")
	}
	if d := must(t, r, 4); d.ID != 4 {
		t.Errorf("ID %d of the newcomer, want 4: those of gone devices are not used again", d.ID)
	}
	if s := r.Stores()[0]; s.Used != 3 || s.Limit != 3 || s.Evicted != 1 {
		t.Errorf("store %+v, want 3 of 3 and 1 evicted", s)
	}
}

func TestWhatIsNeverEvicted(t *testing.T) {
	name := "mine"
	for what, keep := range map[string]func(r *Registry, in *Input){
		"present in the table":   func(_ *Registry, in *Input) { in.Devices = append(in.Devices, heard(1, start)) },
		"present for the kernel": func(_ *Registry, in *Input) { in.Neighbours = []neigh.Neighbour{neighbour(1, "192.168.1.5")} },
		"edited by the owner":    func(r *Registry, _ *Input) { r.Edit(mac(1), Edit{Name: &name}) },
		"quarantined":            func(_ *Registry, in *Input) { in.Quarantined = []packet.MAC{mac(1)} },
	} {
		t.Run(what, func(t *testing.T) {
			r := New(1)
			r.Observe(start, Input{Devices: []capture.Device{heard(1, start)}})
			in := Input{Devices: []capture.Device{heard(2, start)}}
			keep(r, &in)
			if added := r.Observe(start.Add(time.Hour), in); len(added) != 0 {
				t.Errorf("%v pushed it out", added)
			}
			must(t, r, 1)
		})
	}
}

func TestADeviceWhoseEditsWereTakenBackCanBeEvicted(t *testing.T) {
	r := New(1)
	r.Observe(start, Input{Devices: []capture.Device{heard(1, start)}})
	name := "mine"
	r.Edit(mac(1), Edit{Name: &name})
	r.Edit(mac(1), Edit{ClearName: true})
	if added := r.Observe(start.Add(time.Hour), Input{Devices: []capture.Device{heard(2, start)}}); len(added) != 1 {
		t.Errorf("added %v, want the newcomer", added)
	}
}

func TestPresentAddressesAreThoseOfTableLeaseAndNeighbour(t *testing.T) {
	r := New(10)
	r.Observe(start, Input{
		Devices:    []capture.Device{heard(1, start, "fd00:1::5", "192.168.1.5", "0.0.0.0", "::")},
		Leases:     []leases.Lease{lease(1, "192.168.1.4", "", time.Time{})},
		Neighbours: []neigh.Neighbour{neighbour(1, "fe80::5"), neighbour(1, "192.168.1.5")},
	})
	want := addrs("192.168.1.4", "192.168.1.5", "fd00:1::5", "fe80::5")
	if got := must(t, r, 1).Addresses; !slices.Equal(got, want) {
		t.Errorf("addresses %v, want %v", got, want)
	}
}

func TestAddressesThatADeviceHandedOutAreNotChanged(t *testing.T) {
	r := New(10)
	r.Observe(start, Input{Devices: []capture.Device{heard(1, start, "192.168.1.5", "192.168.1.6")}})
	before := must(t, r, 1).Addresses
	r.Observe(start, Input{Devices: []capture.Device{heard(1, start, "192.168.1.7", "192.168.1.8")}})
	if want := addrs("192.168.1.5", "192.168.1.6"); !slices.Equal(before, want) {
		t.Errorf("a copy of the device now has %v, had %v", before, want)
	}
}

func TestADeviceIsRememberedByEveryAddressItUsed(t *testing.T) {
	r := New(10)
	for i := range maxEver + 10 { // a new temporary IPv6 address each day, beside a steady one
		r.Observe(start, Input{Devices: []capture.Device{heard(1, start, "192.168.1.5", fmt.Sprintf("fd00:1::%x", i+1))}})
	}
	ever := r.Addresses(mac(1))
	if len(ever) != maxEver {
		t.Fatalf("%d addresses, want %d", len(ever), maxEver)
	}
	for _, a := range addrs("192.168.1.5", fmt.Sprintf("fd00:1::%x", maxEver+10), fmt.Sprintf("fd00:1::%x", 12)) {
		if !slices.Contains(ever, a) {
			t.Errorf("%v is forgotten: the oldest unused ones go first", a)
		}
	}
	if r.Addresses(mac(2)) != nil {
		t.Error("a device that is not known has addresses")
	}
}

func TestAnAddressThatWentToAnotherDeviceIsNoLongerTheFirsts(t *testing.T) {
	r := New(10)
	later := start.Add(time.Minute)
	r.Observe(start, Input{Devices: []capture.Device{heard(1, start, "192.168.1.5")}})
	r.Observe(later, Input{Devices: []capture.Device{heard(1, start, "192.168.1.9"), heard(2, later, "192.168.1.5")}})
	if want := addrs("192.168.1.9"); !slices.Equal(r.Addresses(mac(1)), want) {
		t.Errorf("addresses %v, want %v: cutting this device off would end the other's connections", r.Addresses(mac(1)), want)
	}
}

func TestAnAddressThatTwoClaimIsWhosWasHeardLast(t *testing.T) {
	r := New(10)
	later := start.Add(time.Minute)
	r.Observe(later, Input{Devices: []capture.Device{heard(1, later, "192.168.1.5"), heard(2, start, "192.168.1.5")}})
	if d, ok := r.byAddr[netip.MustParseAddr("192.168.1.5")].device(); !ok || d.MAC != mac(1) {
		t.Errorf("the address is %v's, want %v's", d.MAC, mac(1))
	}
	if !slices.Contains(r.Addresses(mac(2)), netip.MustParseAddr("192.168.1.5")) {
		t.Error("the other one uses it too, and is not remembered by it")
	}
}

func TestPresentAddressesAreBounded(t *testing.T) {
	r := New(10)
	var in Input
	for i := range 1000 {
		in.Neighbours = append(in.Neighbours, neighbour(1, fmt.Sprintf("fd00:1::%x", i+1)))
	}
	r.Observe(start, in)
	if n := len(must(t, r, 1).Addresses); n != maxAddresses {
		t.Errorf("%d addresses, want %d", n, maxAddresses)
	}
}

func TestAQuietHomeCostsNoMemory(t *testing.T) {
	r := New(100)
	var in Input
	for i := range 60 {
		in.Devices = append(in.Devices, heard(i+1, start, fmt.Sprintf("192.168.1.%d", i+1), fmt.Sprintf("fd00:1::%x", i+1)))
		in.Leases = append(in.Leases, lease(i+1, fmt.Sprintf("192.168.1.%d", i+1), "device", time.Time{}))
		in.DHCP = append(in.DHCP, says(i+1, "v4:1,3", "device"))
		in.Stations = append(in.Stations, neigh.Station{MAC: mac(i + 1), Port: int32(4 + i%2), Bridge: bridge})
	}
	in.Ports, in.Moves = portNames, []neigh.Move{moved(1, 1, 4, 5)}
	now := start
	if allocs := testing.AllocsPerRun(100, func() { now = now.Add(time.Second); r.Observe(now, in) }); allocs > 0 {
		t.Errorf("%v allocations a look at an unchanged home, want none", allocs)
	}
}

func BenchmarkObserve(b *testing.B) {
	r := New(1024)
	var in Input
	for i := range 60 {
		in.Devices = append(in.Devices, heard(i+1, start, fmt.Sprintf("192.168.1.%d", i+1), fmt.Sprintf("fd00:1::%x", i+1)))
	}
	for b.Loop() {
		r.Observe(start, in)
	}
}
