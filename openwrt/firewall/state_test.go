package firewall

import (
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/nftables"
)

func TestStatesThatAreRefused(t *testing.T) {
	good := Quarantine{ID: "q1", MAC: camera, Level: Full}
	with := func(change func(*Quarantine)) State {
		q := good
		change(&q)
		return State{LAN: []LAN{home}, Quarantines: []Quarantine{q}}
	}
	for name, c := range map[string]struct {
		state State
		want  string // part of the error
	}{
		"no MAC":              {with(func(q *Quarantine) { q.MAC = [6]byte{} }), "not the address of one device"},
		"a group's MAC":       {with(func(q *Quarantine) { q.MAC[0] |= 1 }), "not the address of one device"},
		"no id":               {with(func(q *Quarantine) { q.ID = "" }), "an id is"},
		"an id that nft eats": {with(func(q *Quarantine) { q.ID = `q" drop` }), "an id is"},
		"a flow to nowhere":   {with(func(q *Quarantine) { q.Level = Flow }), "targets"},
		"an exception of a flow": {with(func(q *Quarantine) {
			q.Level, q.To, q.Except = Flow, []Target{target("::/0", 0)}, []Target{target("::/0", 0)}
		}), "no exceptions"},
		"a target of another level":  {with(func(q *Quarantine) { q.To = []Target{target("::/0", 0)} }), "more than its targets"},
		"a target without a prefix":  {with(func(q *Quarantine) { q.Except = []Target{{}} }), "needs a prefix"},
		"ports the wrong way round":  {with(func(q *Quarantine) { q.Except = []Target{target("::/0", 6, 2, 1)} }), "no range"},
		"ports where there are none": {with(func(q *Quarantine) { q.Except = []Target{target("::/0", 47, 1, 2)} }), "no ports"},
		"an ICMP type that is none":  {with(func(q *Quarantine) { q.Except = []Target{pings("::/0", 256)} }), "no ICMP type"},
		"ICMP of the other kind":     {with(func(q *Quarantine) { q.Except = []Target{target("::/0", 1)} }), "no ICMP of this kind"},
		"too many targets":           {with(func(q *Quarantine) { q.Except = make([]Target, maxTargets+1) }), "targets"},
		"too many of one device": {State{LAN: []LAN{home}, Quarantines: []Quarantine{
			{ID: "a", MAC: camera, Level: Flow, To: slices.Repeat([]Target{target("::/0", 0)}, 64)},
			{ID: "b", MAC: camera, Level: Flow, To: slices.Repeat([]Target{target("::/0", 0)}, 64)},
			{ID: "c", MAC: camera, Level: Flow, To: []Target{target("::/0", 0)}},
		}}, "of one device"},
		"overlaps without end": {State{LAN: []LAN{home}, Quarantines: tangle()}, "overlap"},
		"a mapping of a group": {State{LAN: []LAN{home}, NoMappings: [][6]byte{broadcast}}, "not the address of one device"},
		"a mapping nowhere":    {State{NoMappings: [][6]byte{camera}}, "without a LAN"},
		"a level unknown":      {with(func(q *Quarantine) { q.Level = "half" }), `level "half"`},
		"too many addresses":   {with(func(q *Quarantine) { q.Addresses = make([]netip.Addr, maxAddresses+1) }), "addresses"},
		"an id twice":          {State{LAN: []LAN{home}, Quarantines: []Quarantine{good, good}}, "two quarantines"},
		"nowhere":              {State{Quarantines: []Quarantine{good}}, "without a LAN"},
		"too many":             {State{LAN: []LAN{home}, Quarantines: make([]Quarantine, maxQuarantines+1)}, "more than"},
		"a long interface":     {State{LAN: []LAN{{Name: "br-0123456789abc"}}}, "cannot be an interface"},
		"a port with a space":  {State{LAN: []LAN{{Name: "br-lan", Ports: []string{"lan 1"}}}}, "cannot be an interface"},
		"a WAN without name":   {State{WAN: []string{""}}, "cannot be an interface"},
	} {
		t.Run(name, func(t *testing.T) {
			err := c.state.Validate()
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error is %v, want one about %q", err, c.want)
			}
		})
	}
	if err := with(func(*Quarantine) {}).Validate(); err != nil {
		t.Errorf("a good state is refused: %v", err)
	}
}

// tangle are quarantines of which each overlaps with all others: prefixes in prefixes, ports across them.
func tangle() (qs []Quarantine) {
	for i := range 60 {
		a := Quarantine{ID: fmt.Sprint("a", i), MAC: camera, Level: Flow, To: []Target{target(fmt.Sprintf("2001:db8::/%d", 40+i), 6, 0, 65000)}}
		b := Quarantine{ID: fmt.Sprint("b", i), MAC: camera, Level: Flow, To: []Target{target("::/0", 6, uint16(100*i), uint16(100*i+9))}}
		qs = append(qs, a, b)
	}
	return qs
}

func TestQuarantinesOfOneDeviceBecomeOneElement(t *testing.T) {
	lease := netip.MustParseAddr("192.168.1.163")
	for name, c := range map[string]struct {
		until []time.Time
		want  []device
	}{
		"the later end counts":         {[]time.Time{noon.Add(time.Minute), noon.Add(time.Hour)}, []device{{left: time.Hour, ids: []string{"a", "b"}}}},
		"no end is later than any":     {[]time.Time{{}, noon.Add(time.Hour)}, []device{{ids: []string{"a", "b"}}}},
		"and so it is the other way":   {[]time.Time{noon.Add(time.Hour), {}}, []device{{ids: []string{"a", "b"}}}},
		"one that ended is not there":  {[]time.Time{noon, noon.Add(time.Hour)}, []device{{left: time.Hour, ids: []string{"b"}}}},
		"less than the kernel's unit":  {[]time.Time{noon.Add(time.Microsecond)}, nil},
		"both ended, so none is there": {[]time.Time{noon.Add(-time.Hour), noon}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var qs []Quarantine
			for i, until := range c.until {
				qs = append(qs, Quarantine{ID: string(rune('a' + i)), MAC: camera, Level: Full, Until: until, Lease: lease})
			}
			want := []device{}
			for _, d := range c.want {
				d.mac, d.leases = camera, []netip.Addr{lease}
				want = append(want, d)
			}
			if got := devicesAt(Full, qs, noon); !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestCountersAddUpOverElementsThatComeAnew(t *testing.T) {
	l := newLedger()
	key := nftables.SetElement{Key: camera[:]}
	at, inet := cellOf(nftables.TableFamilyBridge, setRefused, key), cellOf(nftables.TableFamilyINet, setRefused, key)
	named := cell{family: nftables.TableFamilyINet, name: counterPackets}
	held := func(ids ...string) []table {
		s := set{spec: nftables.Set{Name: setRefused}, elements: []nftables.SetElement{key}, owners: [][]string{ids}}
		return []table{{family: at.family, sets: []set{s}}, {family: inet.family, sets: []set{s}}}
	}

	l.record(map[cell]Count{at: {5, 500}, inet: {1, 60}, named: {7, 700}}, held("a"))
	l.record(map[cell]Count{at: {6, 600}, inet: {1, 60}, named: {9, 900}}, held("a"))
	l.renewed(held(), nil) // elements only: the named counter goes on
	qs := []Quarantine{{ID: "a"}, {ID: "b"}, {ID: "c"}}
	l.keep(State{Quarantines: qs})
	l.record(map[cell]Count{at: {2, 200}, named: {10, 1000}}, held("a", "b"))
	l.record(map[cell]Count{at: {1, 100}, named: {1, 100}}, held("a", "b")) // somebody reset them

	for id, want := range map[string]Count{"a": {10, 960}, "b": {3, 300}, "c": {}} {
		if got := l.refused[id]; got != want {
			t.Errorf("%s: %+v, want %+v", id, got, want)
		}
	}
	if got, want := l.skipped[counterPackets], (Count{11, 1100}); got != want {
		t.Errorf("skipped %+v, want %+v", got, want)
	}
	l.keep(State{Quarantines: qs[1:]})
	if _, left := l.refused["a"]; left {
		t.Error("a quarantine that is gone still has an account")
	}
}

func TestALongListOfQuarantinesStillMakesAComment(t *testing.T) {
	d := device{ids: []string{"q1"}}
	for range 50 {
		d.ids = append(d.ids, "q1234")
	}
	if c := d.comment(); len(c) > 128 || !strings.HasPrefix(c, "q1, q1234") {
		t.Errorf("comment of %d bytes %q: nft allows 128", len(c), c)
	}
}
