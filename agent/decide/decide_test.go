package decide

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"spinneret/capture/packet"
)

var (
	cam  = packet.MAC{2, 0, 0, 0, 0, 1}
	bulb = packet.MAC{2, 0, 0, 0, 0, 2}
	noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
)

func TestASecondOrderOfTheSameSourceReplacesTheFirst(t *testing.T) {
	var b Book
	first := b.Put(Order{MAC: cam, Level: "full", Source: Owner})
	second := b.Put(Order{MAC: cam, Level: "internet", Source: Owner})
	if first.ID == second.ID {
		t.Errorf("both orders are %s: an id must never be used twice", first.ID)
	}
	if got := b.Of(cam); len(got) != 1 || got[0].Level != "internet" {
		t.Errorf("orders on the camera: %+v, want the second one only", got)
	}
}

func TestOrdersOfDifferentSourcesAddUpStrictestFirst(t *testing.T) {
	var b Book
	b.Put(Order{MAC: cam, Level: "flow", Source: DOTS, Provider: "isp"})
	b.Put(Order{MAC: cam, Level: "flow", Source: DOTS, Provider: "other"})
	b.Put(Order{MAC: cam, Level: "full", Source: Owner})
	b.Put(Order{MAC: bulb, Level: "full", Source: Owner})
	of := b.Of(cam)
	if len(of) != 3 || of[0].Level != "full" || of[1].Provider != "isp" {
		t.Fatalf("orders on the camera: %+v, want full, then flow of isp, then flow of other", of)
	}
	ended := b.Release(cam, Owner)
	if len(ended) != 1 || len(b.Of(cam)) != 2 || len(b.Of(bulb)) != 1 {
		t.Errorf("after the owner's release: ended %v, camera %v, bulb %v", ended, b.Of(cam), b.Of(bulb))
	}
	if ended := b.Release(cam, ""); len(ended) != 2 {
		t.Errorf("release without a source ended %v, want both that were left", ended)
	}
}

func TestWhenTheStrictOneExpiresTheMilderOneStands(t *testing.T) {
	var b Book
	b.Put(Order{MAC: cam, Level: "full", Source: Owner, Until: noon.Add(time.Hour)})
	b.Put(Order{MAC: cam, Level: "internet", Source: Anomaly})
	if next := b.Next(); !next.Equal(noon.Add(time.Hour)) {
		t.Errorf("the next end is %v, want one o'clock", next)
	}
	if ended := b.Expire(noon.Add(time.Hour - time.Nanosecond)); ended != nil {
		t.Errorf("ended too early: %v", ended)
	}
	if ended := b.Expire(noon.Add(time.Hour)); len(ended) != 1 || b.Of(cam)[0].Level != "internet" {
		t.Errorf("at one o'clock ended %v, left %v", ended, b.Of(cam))
	}
	if !b.Next().IsZero() {
		t.Error("an order without an end has a next end")
	}
}

func TestACloneIsIndependent(t *testing.T) {
	var b Book
	b.Put(Order{MAC: cam, Level: "full", Source: Owner})
	c := b.Clone()
	c.Release(cam, "")
	if len(b.Of(cam)) != 1 || len(c.All()) != 0 {
		t.Errorf("book %v, clone %v: releasing in the clone must leave the book", b.All(), c.All())
	}
	if got := c.Put(Order{MAC: cam, Source: Owner}); got.ID != "q2" {
		t.Errorf("the clone gave id %s, want q2", got.ID)
	}
}

// TestEndsGoByTheWall: a clock that is set moves what it shows; what runs since boot alone, it cannot move.
func TestEndsGoByTheWall(t *testing.T) {
	var b Book
	now := time.Now()
	b.Put(Order{MAC: cam, Source: DOTS, Request: "r1", Since: now, Until: now.Add(time.Hour)})
	b.Put(Order{MAC: bulb, Source: DOTS, Request: "r2", Since: now, Until: now.Add(time.Hour)})
	b.Prolong("r2", now.Add(2*time.Hour))
	for _, o := range b.All() {
		if o.Since != o.Since.Round(0) || o.Until != o.Until.Round(0) {
			t.Errorf("%v is held from %v until %v", o.MAC, o.Since, o.Until)
		}
	}
}

// TestANewMACIsHeldBackAsTheOldOne, and by its own orders no less than before.
func TestANewMACIsHeldBackAsTheOldOne(t *testing.T) {
	old, now, hour := packet.MAC{2, 0, 0, 0, 0, 1}, time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC), time.Hour
	for name, c := range map[string]struct {
		old, own []Order
		want     string
	}{
		"nothing of its own": {
			[]Order{{Level: "full", Source: Owner, Until: now.Add(hour)}, {Level: "flow", Source: DOTS, Request: "r1", To: []string{"a"}}},
			nil,
			"full owner 1h0m0s [], flow dots 0s [a]",
		},
		"less for longer": {
			[]Order{{Level: "full", Source: Owner, Until: now.Add(hour)}},
			[]Order{{Level: "internet", Source: Owner, Until: now.Add(2 * hour), Held: true}},
			"full owner 2h0m0s []",
		},
		"more, and for ever": {
			[]Order{{Level: "flow", Source: Anomaly, To: []string{"a"}, Until: now.Add(hour)}},
			[]Order{{Level: "full", Source: Anomaly}},
			"full anomaly 0s []",
		},
		"other targets": {
			[]Order{{Level: "flow", Source: Owner, To: []string{"a"}}},
			[]Order{{Level: "flow", Source: Owner, To: []string{"b"}, Until: now.Add(hour)}},
			"flow owner 0s [a b]",
		},
	} {
		b, device := &Book{}, packet.MAC{2, 0, 0, 0, 0, 2}
		for _, o := range c.old {
			o.MAC = old
			b.Put(o)
		}
		for _, o := range c.own {
			o.MAC = device
			b.Put(o)
		}
		b.Carry(old, device)
		var got []string
		for _, o := range b.Of(device) {
			got = append(got, fmt.Sprint(o.Level, " ", o.Source, " ", o.Left(now), " ", o.To))
		}
		if got := strings.Join(got, ", "); got != c.want || len(b.Of(old)) != len(c.old) {
			t.Errorf("with %s it is under %s, want %s; the old one under %d", name, got, c.want, len(b.Of(old)))
		}
	}
}
