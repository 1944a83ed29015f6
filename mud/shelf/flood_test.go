package shelf

import (
	"strings"
	"testing"
	"time"

	"spinneret/mud"
	"spinneret/mud/fetch"
)

// TestAFloodFillsNothing: a thousand devices with a thousand URLs, and one device with many.
func TestAFloodFillsNothing(t *testing.T) {
	d := newDesk(t)
	d.heard(lamp, lampURL, d.copyOf(file(lampURL, noon, "a.example"), maker))
	for i := range 1000 {
		mac := MAC{2, 1, 0, 0, byte(i >> 8), byte(i)}
		d.Hear(mac, url("https://flood.example/"+string(rune('a'+i%26))+strings.Repeat("x", i/26)), DHCPv4, d.now)
	}
	titles, holders, _ := d.Full()
	if titles > perDay || holders > MaxHolders {
		t.Errorf("%d titles, %d devices", titles, holders)
	}
	asked := 0
	for range 100 {
		for _, u := range d.due() {
			asked++
			d.fails(url(u), fetch.Unreachable)
		}
	}
	if asked >= perDay {
		t.Errorf("%d servers were asked", asked)
	}
	d.want(lamp, Active, "a.example")
	if p := d.Problems(MAC{2, 1, 0, 0, 999 >> 8, 999 & 255}, d.now, true); len(p) != 1 || !strings.Contains(p[0], "too many") {
		t.Errorf("problems of one of the last are %q", p)
	}
	if err := d.Assign(tv, url("https://tvs.example/t")); err != nil {
		t.Errorf("the owner finds no room: %v", err)
	}
	d.wait(day)
	d.Admit(d.now, everybody)
	if more, _, _ := d.Full(); more <= titles || more > MaxTitles {
		t.Errorf("the next day there are %d titles", more)
	}
}

// TestMadeUpURLsLeaveRoom: after days of a flood the shelf has no place left, but for a description that is one.
func TestMadeUpURLsLeaveRoom(t *testing.T) {
	d := newDesk(t)
	for i := range 3 * MaxTitles {
		d.Hear(MAC{2, 5, 0, 0, 0, byte(i)}, url("https://flood.example/"+strings.Repeat("x", i)), DHCPv4, d.now)
		for _, u := range d.due() {
			d.fails(url(u), fetch.Unreachable)
		}
		d.wait(time.Hour)
	}
	if n, _, _ := d.Full(); n != MaxTitles {
		t.Fatalf("%d titles: the flood did not fill it", n)
	}
	d.Shelf.first = nil // a day later
	d.heard(lamp, lampURL, d.copyOf(file(lampURL, noon, "a.example"), maker))
	d.want(lamp, Active, "a.example")
	d.want(lamp, Active, "a.example")
}

// TestDevicesThatAreGone make room, but for those of which the owner said something.
func TestDevicesThatAreGone(t *testing.T) {
	d := newDesk(t)
	for _, mac := range []MAC{lamp, cam, tv} {
		d.Hear(mac, lampURL, DHCPv4, d.now)
	}
	if err := d.SetMode(tv, Enforce, d.now); err != nil {
		t.Fatal(err)
	}
	d.Admit(d.now, func(mac MAC) bool { return mac == lamp })
	d.want(lamp, Pending)
	d.want(cam, None)
	d.want(tv, Pending)
}

// TestADeviceThatNamesManyURLs has three of them looked at in a day, be they all by its maker.
func TestADeviceThatNamesManyURLs(t *testing.T) {
	d := newDesk(t)
	names := func(path string) {
		u := url("https://lamps.example/" + path)
		d.heard(lamp, u, d.copyOf(file(u, noon, path), maker))
	}
	for _, path := range []string{"one", "two", "three"} {
		names(path)
		d.want(lamp, Active, path)
	}
	names("four")
	d.want(lamp, Active, "three")
	d.wantAsked(lamp, "url: the device names")
	d.wait(day)
	d.Admit(d.now, everybody)
	names("four")
	d.want(lamp, Active, "four")
}

// TestTheShelfIsBoundedInOctets, whatever the owner gives.
func TestTheShelfIsBoundedInOctets(t *testing.T) {
	d := newDesk(t)
	large := func(i int) *Copy {
		c := d.copyOf(file(lampURL, noon.Add(time.Duration(i)*time.Second), "a.example"), nil)
		c.Octets = append(c.Octets, make([]byte, 200<<10)...)
		return c
	}
	taken := 0
	for i := range 40 {
		if err := d.AssignFile(MAC{2, 3, 0, 0, 0, byte(i)}, large(i)); err == nil {
			taken++
		}
	}
	if taken < 15 || taken > 20 {
		t.Errorf("%d files of 200 kB were taken, want those that fit into 4 MB", taken)
	}
	for i := range 300 {
		d.Assign(MAC{2, 4, 0, 0, byte(i >> 8), byte(i)}, url("https://lamps.example/"+strings.Repeat("y", i)))
	}
	if titles, _, _ := d.Full(); titles > MaxTitles {
		t.Errorf("%d titles", titles)
	}
}

// TestAtMostSoManyAtOnce are got.
func TestAtMostSoManyAtOnce(t *testing.T) {
	d := newDesk(t)
	var all []mud.URL
	for i := range 10 {
		u := url("https://lamps.example/" + strings.Repeat("x", i))
		all = append(all, u)
		d.Hear(MAC{2, 0, 0, 0, 1, byte(i)}, u, DHCPv4, d.now)
	}
	if got := d.due(); len(got) != AtOnce || d.due() != nil {
		t.Fatalf("due are %q, and then more", got)
	}
	for _, u := range all {
		if d.Title(u.Key()).reach {
			d.fails(u, fetch.Unreachable)
			break
		}
	}
	if got := d.due(); len(got) != 1 {
		t.Errorf("once one is done due are %q", got)
	}
}
