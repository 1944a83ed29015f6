package hearsay

import (
	"fmt"
	"testing"
	"time"
)

func TestAFloodOfAddressesStaysWithinTheBook(t *testing.T) {
	b := NewBook()
	var all []string
	for i := range maxHeld/maxAddresses + 2 {
		all = append(all, fmt.Sprintf("n%d.example", i))
	}
	b.Wish([]Wish{{Device: cam, Names: all}}, Home{}, noon)
	for _, name := range all {
		for i := range maxAddresses + 20 {
			b.Hear(said(name, time.Hour, fmt.Sprintf("198.51.%d.%d", i/256, i%256)), noon)
		}
	}
	if s := b.Stores()[0]; s.Used > maxHeld || s.Used+int(s.Evicted) != len(all)*(maxAddresses+20) {
		t.Errorf("%+v", s)
	}
	for _, name := range all {
		if n := len(b.Known(name, noon)); n > maxAddresses {
			t.Errorf("%s has %d addresses", name, n)
		}
	}
	b.Wish(nil, Home{}, noon)
	if s := b.Stores()[0]; s.Used != 0 {
		t.Errorf("%d addresses of names that nobody wishes for", s.Used)
	}
}

// Who names a description for itself, with whatever names it likes, takes none from those who are held to theirs.
func TestAWatchedDevicesNamesDisplaceNoneOfOneThatIsHeld(t *testing.T) {
	b := NewBook()
	var many []string
	for i := range maxNames {
		many = append(many, fmt.Sprintf("n%d.example", i))
	}
	b.Wish([]Wish{{Device: laptop, Names: many}}, Home{}, noon)
	b.Wish([]Wish{{Device: laptop, Names: many}, {Device: cam, Names: []string{"up.cam.example"}, Held: true}}, Home{}, noon)
	if due := b.Due(1, noon); len(due) != 1 || due[0] != "up.cam.example" {
		t.Errorf("first we ask for %q", due)
	}
	for i := range 40 {
		b.Hear(said("up.cam.example", time.Hour, fmt.Sprintf("198.51.100.%d", i)), noon)
	}
	many = many[:64]
	b.Wish([]Wish{{Device: laptop, Names: many}, {Device: cam, Names: []string{"up.cam.example"}, Held: true}}, Home{}, noon)
	for i := range maxHeld + 99 {
		a := said(many[i%64], 24*time.Hour, fmt.Sprintf("203.0.%d.%d", i/256, i%256))
		a.Device = laptop
		b.Hear(a, noon)
	}
	if n := len(b.Known("up.cam.example", noon)); n != 40 || b.Stores()[0].Used != maxHeld {
		t.Errorf("%d addresses are left of the name, %d of all", n, b.Stores()[0].Used)
	}
}

// What found no room while a device was watched is known from the first packet on when it is held.
func TestNamesThatHadNoRoomAreRecalledWhenTheirDeviceIsHeld(t *testing.T) {
	b := NewBook()
	var others, own []string
	for i := range maxNames {
		others, own = append(others, fmt.Sprintf("n%d.example", i)), append(own, fmt.Sprintf("c%d.example", i))
	}
	wishes := []Wish{{Device: laptop, Names: others}, {Device: cam, Names: own}}
	b.Wish(wishes, Home{}, noon)
	if fresh := b.Hear(said("c0.example", time.Hour, "198.51.100.7"), noon); len(fresh) != 0 {
		t.Fatalf("there was room: %v", fresh)
	}
	wishes[1].Held = true
	if got := b.Wish(wishes, Home{}, noon); len(got) != 1 || got[0] != "c0.example" || len(b.Known("c0.example", noon)) != 1 {
		t.Errorf("recalled are %q", got)
	}
	if again := b.Wish(wishes, Home{}, noon); len(again) != 0 {
		t.Errorf("recalled again are %q", again)
	}
}
