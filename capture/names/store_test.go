package names

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"spinneret/capture/packet"
)

func nth(i int) netip.Addr { return netip.AddrFrom4([4]byte{198, 51, byte(i >> 8), byte(i)}) }

func learn(s *Store, device packet.MAC, a netip.Addr, name string) {
	s.Learn(Name{Device: device, Addr: a, Name: name, Source: DNS, At: start})
}

func TestNamesBelongToTheDeviceThatAsked(t *testing.T) {
	s := NewStore()
	learn(s, cam, nth(1), "up.cam.example")
	if n, ok := s.Lookup(cam, nth(1)); !ok || n.Name != "up.cam.example" {
		t.Errorf("got %+v, %v", n, ok)
	}
	if n, ok := s.Lookup(tv, nth(1)); ok {
		t.Errorf("another device knows it as %q", n.Name)
	}
}

func TestTheLatestNameOfAnAddressCounts(t *testing.T) {
	s := NewStore()
	learn(s, cam, nth(1), "a.example")
	learn(s, cam, nth(1), "b.example")
	if n, _ := s.Lookup(cam, nth(1)); n.Name != "b.example" {
		t.Errorf("got %q", n.Name)
	}
	if n := len(s.Append(nil)); n != 1 {
		t.Errorf("%d names", n)
	}
}

func TestADeviceThatAsksWithoutEndDisplacesOnlyItself(t *testing.T) {
	s := NewStoreWith(Limits{Names: 100, PerDevice: 80})
	for i := range 30 {
		learn(s, tv, nth(i), "tv.example")
	}
	for i := range 5000 {
		learn(s, cam, nth(i), fmt.Sprintf("%d.example", i))
	}
	for i := range 30 {
		if _, ok := s.Lookup(tv, nth(i)); !ok {
			t.Fatalf("the other device lost %v", nth(i))
		}
	}
	st := s.Stores()[0]
	if st.Name != "names" || st.Used != 100 || st.Limit != 100 || st.Evicted != 4930 {
		t.Errorf("store %+v", st)
	}
}

func TestOneDeviceNeverHoldsMoreThanItsPart(t *testing.T) {
	s := NewStoreWith(Limits{Names: 100, PerDevice: 10})
	for i := range 50 {
		learn(s, cam, nth(i), "x.example")
	}
	if n := len(s.Append(nil)); n != 10 {
		t.Errorf("%d names", n)
	}
}

func TestNamesInUseStay(t *testing.T) {
	s := NewStoreWith(Limits{Names: 3, PerDevice: 3})
	for i := range 3 {
		learn(s, cam, nth(i), "x.example")
	}
	s.Lookup(cam, nth(0))
	learn(s, cam, nth(3), "x.example")
	if _, ok := s.Lookup(cam, nth(0)); !ok {
		t.Error("the name that was looked up is gone")
	}
	if _, ok := s.Lookup(cam, nth(1)); ok {
		t.Error("the name not used for longest is still there")
	}
}

func TestTheLatestAnnouncementNamesADevice(t *testing.T) {
	s := NewStore()
	learn(s, cam, nth(9), "www.example")
	if n, ok := s.Announced(cam); ok {
		t.Errorf("announced without mDNS: %+v", n)
	}
	say := func(name string, a netip.Addr, after time.Duration) {
		s.Learn(Name{Device: cam, Addr: a, Name: name, Source: MDNS, At: start.Add(after)})
	}
	say("new.local", nth(1), time.Minute)
	say("old.local", nth(2), 0)
	if n, ok := s.Announced(cam); !ok || n.Name != "new.local" {
		t.Errorf("got %+v, %v", n, ok)
	}
}

func TestADeviceIsForgottenWithItsNames(t *testing.T) {
	s := NewStore()
	for i := range 3 {
		learn(s, cam, nth(i), "cam.example")
	}
	learn(s, tv, nth(1), "tv.example")
	if n := len(s.Of(cam)); n != 3 {
		t.Errorf("it knows %d names, want 3", n)
	}
	s.Forget(cam)
	s.Forget(cam)
	if _, ok := s.Lookup(cam, nth(1)); ok || len(s.Of(cam)) != 0 || s.Stores()[0].Used != 1 {
		t.Errorf("left are %v, stores %v", s.Of(cam), s.Stores())
	}
	if _, ok := s.Lookup(tv, nth(1)); !ok {
		t.Error("another's name went too")
	}
}
