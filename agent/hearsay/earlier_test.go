package hearsay

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"spinneret/capture/packet"
)

// TestWhoIsHeldToAPolicyGoesOnWithWhatItWasTold before that, as long as that holds or a connection uses it; and never with
// what another was told, or by somebody who does not count.
func TestWhoIsHeldToAPolicyGoesOnWithWhatItWasTold(t *testing.T) {
	b := NewBook()
	b.Hear(said("up.cam.example", time.Minute, "198.51.100.1", "198.51.100.2"), noon)
	b.Hear(said("a.ot.example", time.Hour, "198.51.100.3"), noon)
	b.Hear(said("bank.example", time.Hour, "198.51.100.4"), noon)
	others := said("up.cam.example", time.Hour, "198.51.100.5")
	others.Device = laptop
	forged := said("up.cam.example", time.Hour, "198.51.100.6")
	forged.Router, forged.Asked, forged.Server = false, true, addr("198.51.100.66")
	b.Hear(others, noon)
	b.Hear(forged, noon)
	now := noon.Add(20 * time.Minute)
	inUse := home
	inUse.Speaks = func(mac packet.MAC, a netip.Addr) bool { return mac == cam && a == addr("198.51.100.2") }
	if got := b.Wish(wishes, inUse, now); !slices.Equal(got, []string{"up.cam.example", "*.ot.example"}) {
		t.Errorf("more is known of %q", got)
	}
	if got := text(b.Known("up.cam.example", now)); got != "up.cam.example 198.51.100.2 15m0s" {
		t.Errorf("known is %q", got)
	}
	if got := text(b.Known("*.ot.example", now)); got != "*.ot.example 198.51.100.3 50m0s" {
		t.Errorf("known is %q", got)
	}
	if got := b.Wish(wishes, home, now.Add(time.Hour)); got != nil {
		t.Errorf("later more is known of %q", got)
	}
}

func TestWhatDevicesWereToldIsBounded(t *testing.T) {
	b := NewBook()
	tell := func(device packet.MAC, i int) {
		a := said("up.cam.example", time.Hour, netip.AddrFrom4([4]byte{198, 51, byte(i >> 8), byte(i)}).String())
		a.Device = device
		b.Hear(a, noon)
	}
	for i := range 3 * maxPasts {
		tell(packet.MAC{2, 1, 0, 0, byte(i >> 8), byte(i)}, i)
		tell(cam, i)
		tell(cam, i)
	}
	if s := b.earlier.store(); s.Used > maxPasts || s.Used < maxPasts*7/8 || len(b.earlier.of) > s.Used || len(b.earlier.of[cam]) == 0 {
		t.Errorf("%+v, of %d devices", s, len(b.earlier.of))
	}
	before := b.earlier.store().Used - len(b.earlier.of[cam])
	b.Erase(cam)
	if s := b.earlier.store(); s.Used != before || b.Wish(wishes, home, noon) != nil {
		t.Errorf("once erased %+v", s)
	}
}

// TestADeviceThatIsToldMuch displaces what it was told first, and nothing of another's.
func TestADeviceThatIsToldMuch(t *testing.T) {
	b := NewBook()
	other := said("up.cam.example", time.Hour, "198.51.100.1")
	other.Device = laptop
	b.Hear(other, noon)
	for i := range 10 * maxPast {
		b.Hear(said("up.cam.example", time.Hour, netip.AddrFrom4([4]byte{203, 0, byte(i >> 8), byte(i)}).String()), noon)
	}
	list := b.earlier.of[cam]
	if s := b.earlier.store(); len(list) > maxPast || len(list) < maxPast*7/8 || s.Used != len(list)+1 || s.Used+int(s.Evicted) != 10*maxPast+1 {
		t.Errorf("%d of it, %+v", len(list), s)
	}
	if last := list[len(list)-1].addr; last != addr("203.0.4.255") {
		t.Errorf("the last is %v", last)
	}
}
