package shelf

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"spinneret/mud/fetch"
)

// TestTheLifeOfADescription from the first word of it to the owner's order, over a restart.
func TestTheLifeOfADescription(t *testing.T) {
	d := newDesk(t)
	d.want(lamp, None)
	if !d.Hear(lamp, lampURL, DHCPv4, d.now) || d.Hear(lamp, lampURL, DHCPv4, d.now) {
		t.Error("what a device names is news once")
	}
	d.want(lamp, Pending)
	if got := d.due(); !slices.Equal(got, []string{lampURL.String()}) {
		t.Fatalf("due is %q", got)
	}
	d.want(lamp, Fetching)
	if got := d.due(); got != nil {
		t.Errorf("due again is %q", got)
	}
	d.gives(lampURL, d.copyOf(file(lampURL, noon, "a.example"), maker))
	d.want(lamp, Active, "a.example")
	if h, _ := d.Holder(lamp); h.Mode != Watch || h.Source() != DHCPv4 {
		t.Errorf("what only the device says is %s, from %s: want it watched", h.Mode, h.Source())
	}
	d.restart()
	d.want(lamp, Active, "a.example")
	if err := d.SetMode(lamp, Enforce, d.now); err != nil {
		t.Fatal(err)
	}
	d.restart()
	if h, _ := d.Holder(lamp); h.Mode != Enforce || !h.Chosen {
		t.Errorf("after a restart it is %+v", h)
	}
	d.Remove(lamp, d.now)
	if h, _ := d.Holder(lamp); h.Mode != Watch || h.Heard != lampURL {
		t.Errorf("without the owner's word it is %+v", h)
	}
}

func TestWhenAServerIsAsked(t *testing.T) {
	d := newDesk(t)
	d.heard(lamp, lampURL, d.copyOf(file(lampURL, noon, "a.example"), maker))
	for _, c := range []struct {
		what   string
		maxAge time.Duration
		after  time.Duration
	}{
		{"as long as the file says", 0, 48 * time.Hour},
		{"as long as the server says, where that is longer", 100 * time.Hour, 100 * time.Hour},
		{"at least once in a month", 10000 * time.Hour, 30 * day},
	} {
		d.Take(Delivery{Key: lampURL.Key(), Unchanged: true, MaxAge: c.maxAge}, d.now)
		d.wait(c.after - time.Second)
		if got := d.due(); got != nil {
			t.Errorf("%s: due before is %q", c.what, got)
		}
		d.wait(time.Second)
		if jobs := d.Due(d.now, true); len(jobs) != 1 || jobs[0].Have.ETag == "" {
			t.Errorf("%s: due is %+v, want it with what we have", c.what, jobs)
		}
	}
}

// TestAFailureLeavesWhatIsInForce: it is tried again, less and less often, and told when it lasts.
func TestAFailureLeavesWhatIsInForce(t *testing.T) {
	d := newDesk(t)
	d.heard(lamp, lampURL, d.copyOf(file(lampURL, noon, "a.example"), maker))
	d.wait(48 * time.Hour)
	var grave []int
	var waits []time.Duration
	for range 50 {
		asked := d.now
		if d.due() == nil {
			t.Fatal("nothing is due")
		}
		for _, n := range d.fails(lampURL, fetch.Unreachable) {
			grave = append(grave, n.Grave)
		}
		next := d.Title(lampURL.Key()).Next
		waits = append(waits, next.Sub(asked))
		d.now = next
	}
	d.want(lamp, Active, "a.example")
	if !slices.Equal(waits[:8], []time.Duration{15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour, 16 * time.Hour, day}) || waits[49] != day {
		t.Errorf("it is tried again after %v", waits)
	}
	if !slices.Equal(grave, []int{2, 3}) {
		t.Errorf("told is %v, want a warning after four days and an alarm after thirty", grave)
	}
	if p := d.Problems(lamp, d.now, true); len(p) != 1 || !strings.Contains(p[0], "30 days") {
		t.Errorf("problems are %q", p)
	}
	d.due()
	d.Take(Delivery{Key: lampURL.Key(), Unchanged: true}, d.now)
	if p := d.Problems(lamp, d.now, true); len(p) != 0 {
		t.Errorf("once it answers problems are %q", p)
	}
}

func TestHowBadAFailureIs(t *testing.T) {
	for _, c := range []struct {
		kind          fetch.Kind
		without, with int // a file that is in force
	}{
		{fetch.Unreachable, 2, 0}, {fetch.Withdrawn, 2, 2}, {fetch.Untrusted, 3, 3}, {fetch.Bad, 2, 3}, {fetch.Refused, 2, 0},
	} {
		for _, had := range []bool{false, true} {
			d := newDesk(t)
			d.Hear(lamp, lampURL, DHCPv4, d.now)
			d.due()
			want, state := c.without, Failed
			if had {
				d.gives(lampURL, d.copyOf(file(lampURL, noon, "a.example"), maker))
				want, state = c.with, Active
				d.wait(48 * time.Hour)
				d.due()
			}
			got := 0
			for _, n := range d.fails(lampURL, c.kind) {
				got = n.Grave
			}
			if got != want || d.State(lamp) != state {
				t.Errorf("%s, with a file in force: %v: told as %d, want %d; the state is %s", c.kind, had, got, want, d.State(lamp))
			}
		}
	}
}

// TestWithoutAClockNothingIsLookedUp, and what was checked before stays in force.
func TestWithoutAClockNothingIsLookedUp(t *testing.T) {
	d := newDesk(t)
	d.heard(lamp, lampURL, d.copyOf(file(lampURL, noon, "a.example"), maker))
	d.Hear(cam, url("https://cams.example/c"), DHCPv4, d.now)
	d.now = time.Unix(0, 0)
	d.restart()
	d.want(lamp, Active, "a.example")
	d.Hear(tv, url("https://tvs.example/t"), DHCPv4, d.now)
	if jobs := d.Due(d.now, false); jobs != nil {
		t.Errorf("due in 1970 is %+v", jobs)
	}
	if p := d.Problems(lamp, d.now, false); len(p) != 1 || !strings.Contains(p[0], "clock") {
		t.Errorf("problems are %q", p)
	}
	d.now = noon.Add(10 * day)
	if got := d.due(); !slices.Equal(got, []string{"https://cams.example/c", "https://tvs.example/t"}) {
		t.Errorf("due once the clock is set: %q, want those that were never got", got)
	}
	d.wait(8 * time.Minute) // half of a quarter of an hour, as chance has it here
	if got := d.due(); !slices.Equal(got, []string{lampURL.String()}) {
		t.Errorf("due a little later: %q", got)
	}
}

// TestTheOwnerDoesNotWait for what others wait for after a restart.
func TestTheOwnerDoesNotWait(t *testing.T) {
	d := newDesk(t)
	d.heard(lamp, lampURL, d.copyOf(file(lampURL, noon, "a.example"), maker))
	d.wait(10 * day)
	d.restart()
	if err := d.Assign(lamp, lampURL); err != nil {
		t.Fatal(err)
	}
	if got := d.due(); len(got) != 1 {
		t.Errorf("due is %q", got)
	}
}

// TestATimeFromAWrongClockIsNotWaitedFor: one far in the future would be the end of all updates.
func TestATimeFromAWrongClockIsNotWaitedFor(t *testing.T) {
	d := newDesk(t)
	d.now = noon.Add(5000 * day)
	d.heard(lamp, lampURL, d.copyOf(file(lampURL, noon, "a.example"), maker))
	d.now = noon
	if got := d.due(); len(got) != 1 {
		t.Errorf("due is %q", got)
	}
}

func TestWhatASwitchedOffDeviceNamesIsNotLookedUp(t *testing.T) {
	d := newDesk(t)
	d.Hear(lamp, lampURL, DHCPv4, d.now)
	if err := d.SetMode(lamp, Off, d.now); err != nil {
		t.Fatal(err)
	}
	if got := d.due(); got != nil {
		t.Errorf("due is %q: its server learns that the lamp is here", got)
	}
	d.SetMode(lamp, Watch, d.now)
	if got := d.due(); len(got) != 1 {
		t.Errorf("due is %q", got)
	}
}

// TestTheOwnersWordWins over what the device names, by URL or by file.
func TestTheOwnersWordWins(t *testing.T) {
	d := newDesk(t)
	d.heard(lamp, lampURL, d.copyOf(file(lampURL, noon, "a.example"), maker))
	own := url("https://better.example/lamp")
	if err := d.Assign(lamp, own); err != nil {
		t.Fatal(err)
	}
	d.want(lamp, Pending)
	if h, _ := d.Holder(lamp); h.Mode != Enforce || h.Source() != Owner {
		t.Errorf("assigned it is %s, from %s", h.Mode, h.Source())
	}
	if jobs := d.Due(d.now, true); len(jobs) != 1 || jobs[0].URL != own || jobs[0].Port != 443 {
		t.Fatalf("due is %+v", jobs)
	}
	d.gives(own, d.copyOf(file(own, noon, "b.example"), maker))
	d.want(lamp, Active, "b.example")
	d.Hear(lamp, url("https://other.example/x"), LLDP, d.now)
	d.want(lamp, Active, "b.example")
	d.wantAsked(lamp)
	if p := d.Problems(lamp, d.now, true); len(p) != 1 || !strings.Contains(p[0], "the device itself names "+lampURL.String()) {
		t.Errorf("problems are %q", p)
	}
	d.Remove(lamp, d.now)
	d.want(lamp, Active, "a.example")
}

// TestANewMACInherits what the owner said of the old one, and what that named; what was said of itself stays.
func TestANewMACInherits(t *testing.T) {
	d := newDesk(t)
	d.heard(lamp, lampURL, d.copyOf(file(lampURL, noon, "a.example"), maker))
	if err := errors.Join(d.SetMode(lamp, Enforce, d.now), d.SetMode(tv, Off, d.now), d.Inherit(lamp, cam, d.now), d.Inherit(lamp, tv, d.now)); err != nil {
		t.Fatal(err)
	}
	for mac, mode := range map[MAC]Mode{lamp: Enforce, cam: Enforce, tv: Off} {
		if h, _ := d.Holder(mac); h.Mode != mode || h.Heard != lampURL {
			t.Errorf("%v is held by %s to %s, want %s", mac, h.Mode, h.Heard, mode)
		}
	}
	d.want(cam, Active, "a.example")
	if err := d.Inherit(MAC{9}, lamp, d.now); err != nil {
		t.Error(err)
	}
	d.want(lamp, Active, "a.example")
}

// TestAFileOfTheOwnersIsAgreedTo, also what would wait of a maker's; it is nobody else's, and gone with the device's.
func TestAFileOfTheOwnersIsAgreedTo(t *testing.T) {
	d := newDesk(t)
	c := d.copyOf(file(lampURL, noon, "a.example", "192.0.2.0/24"), nil)
	for _, mac := range []MAC{lamp, cam} {
		if err := d.AssignFile(mac, c); err != nil {
			t.Fatal(err)
		}
	}
	d.want(lamp, Active, "a.example", "192.0.2.0/24")
	d.wantAsked(lamp)
	if got := d.due(); got != nil {
		t.Errorf("due is %q: there is no server to ask", got)
	}
	d.restart()
	d.want(lamp, Active, "a.example", "192.0.2.0/24")
	d.Remove(lamp, d.now)
	d.want(lamp, None)
	d.want(cam, Active, "a.example", "192.0.2.0/24")
	d.Remove(cam, d.now)
	if titles, holders, _ := d.Full(); titles != 0 || holders != 0 {
		t.Errorf("%d titles and %d devices are left", titles, holders)
	}
}

// TestWhatIsLostIsToldOfUntilItIsThere: with each start, and no more once it was given anew.
func TestWhatIsLostIsToldOfUntilItIsThere(t *testing.T) {
	d := newDesk(t)
	own := d.copyOf(file(lampURL, noon, "own.example"), nil)
	d.heard(lamp, lampURL, d.copyOf(file(lampURL, noon, "a.example"), maker))
	if err := d.AssignFile(cam, own); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := d.restartWith(nil); err == nil || strings.Count(err.Error(), "given to") != 1 || strings.Count(err.Error(), "missing") == 0 {
			t.Errorf("told is %v", err)
		}
		if d.State(cam) != Failed || len(d.Problems(cam, d.now, true)) != 1 {
			t.Errorf("the owner's file is %s, %q", d.State(cam), d.Problems(cam, d.now, true))
		}
	}
	d.due()
	d.fails(lampURL, fetch.Unreachable)
	if d.evict() {
		t.Error("what is lost is taken for what never was")
	}
	d.wait(day)
	d.due()
	d.gives(lampURL, d.copyOf(file(lampURL, noon, "a.example"), maker))
	if err := d.AssignFile(cam, own); err != nil {
		t.Fatal(err)
	}
	d.restart()
	d.want(lamp, Active, "a.example")
	d.want(cam, Active, "own.example")
}
