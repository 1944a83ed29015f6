package stream

import (
	"iter"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spinneret/ui"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// home makes views of a home that changes by chance.
type home struct {
	*rand.Rand
	now     time.Time
	devices map[int]ui.Device
	owners  map[int]Owner
	pairs   map[pairKey]Pair
	events  int64
}

func newHome(seed uint64) *home {
	return &home{
		Rand: rand.New(rand.NewPCG(seed, 1)), now: noon,
		devices: map[int]ui.Device{}, owners: map[int]Owner{}, pairs: map[pairKey]Pair{},
	}
}

func (h *home) step() View {
	h.now = h.now.Add(time.Duration(h.IntN(1200)) * time.Millisecond)
	if h.IntN(50) == 0 {
		h.now = h.now.Add(11 * time.Minute) // tombstones are forgotten
	}
	for range h.IntN(6) {
		h.change()
	}
	devices := func(yield func(Device) bool) {
		for id, d := range h.devices {
			if !yield(Device{id, d}) {
				return
			}
		}
	}
	return View{Now: h.now, Devices: devices, Owners: maps.Values(h.owners), Pairs: maps.Values(h.pairs)}
}

func (h *home) change() {
	id, owner := 1+h.IntN(8), 1+h.IntN(8)
	key := pairKey{number(id), number(owner)}
	switch h.IntN(8) {
	case 0, 1:
		h.devices[id] = h.device(id)
	case 2:
		delete(h.devices, id)
	case 3:
		h.owners[owner] = Owner{owner, []string{"a", "b", "<c>"}[h.IntN(3)], "domain"}
	case 4:
		delete(h.owners, owner)
	case 5, 6:
		h.pairs[key] = Pair{id, owner, h.Int64N(3) * 1234, h.Int64N(3) * 99999, h.now}
	case 7:
		delete(h.pairs, key)
	}
}

func (h *home) device(id int) ui.Device {
	seen := h.now
	d := ui.Device{
		MAC: "02:00:00:00:00:0" + string(rune('0'+id)), Name: []string{"cam", "bulb", "tv"}[h.IntN(3)], Online: h.IntN(2) == 0,
		Addresses: []string{"192.168.1.2"}[:h.IntN(2)], LastSeen: ui.At(seen), RxBytes: h.Uint64N(5), TxRate: h.Int64N(3) * 1234,
		Quarantines: []ui.Quarantine{}, Findings: []ui.Finding{},
	}
	if h.IntN(3) == 0 {
		q := ui.Quarantine{ID: "q1", Level: "full", Source: "owner", Since: ui.At(noon), RefusedPackets: h.Uint64N(3), To: []string{}}
		d.Quarantine, d.Quarantines = &q, []ui.Quarantine{q}
	}
	return d
}

// catchUp sends a client what a hub would: a delta where it can be told, else a snapshot.
func catchUp(t *testing.T, s *state, p *picture, from uint64) {
	t.Helper()
	frame, err := s.since(from, s.steadyAt).delta()
	if p.Devices == nil || !s.tells(from) {
		frame, err = s.since(0, s.steadyAt).snap()
	}
	if err != nil {
		t.Fatal(err)
	}
	p.reduce(t, frame)
}

func fresh(t *testing.T, s *state) picture {
	t.Helper()
	frame, err := s.since(0, s.steadyAt).snap()
	if err != nil {
		t.Fatal(err)
	}
	var p picture
	p.reduce(t, frame)
	return p
}

// checkDeltas runs a home by chance with clients that catch up whenever they like, also from further back than they
// were, and wants each to see what a new one sees.
func checkDeltas(t *testing.T, seed uint64, steps int) {
	h, s := newHome(seed), newState()
	clients := make([]picture, 4)
	for range steps {
		s.apply(h.step())
		for range h.IntN(3) {
			h.events++
			s.add(ui.Event{ID: h.events})
		}
		want := fresh(t, s)
		for i := range clients {
			c := &clients[i]
			if h.IntN(1+3*i) != 0 {
				continue // client 0 always keeps up, the others less and less
			}
			back := min(c.Seq, h.Uint64N(4)) // it may not have kept the last frames
			catchUp(t, s, c, c.Seq-back)
			if !reflect.DeepEqual(want, *c) {
				t.Fatalf("seed %d: client %d (-snapshot +deltas):\n%s", seed, i, cmp.Diff(want, *c))
			}
		}
	}
}

func TestDeltasAddUpToTheSnapshot(t *testing.T) {
	for seed := range uint64(8) {
		checkDeltas(t, seed, 50)
	}
}

func FuzzDeltasAddUpToTheSnapshot(f *testing.F) {
	f.Add(uint64(1), uint8(50))
	f.Add(uint64(2), uint8(255))
	f.Fuzz(func(t *testing.T, seed uint64, steps uint8) { checkDeltas(t, seed, int(steps)) })
}

func just[T any](one T) iter.Seq[T] { return slices.Values([]T{one}) }

func viewOf(now time.Time, rate int64, name string) View {
	d := ui.Device{MAC: "02:00:00:00:00:01", Name: name, RxRate: rate, RxBytes: uint64(rate), Quarantines: []ui.Quarantine{}}
	return View{Now: now, Devices: just(Device{17, d})}
}

func deltaText(t *testing.T, s *state, seq uint64) string {
	t.Helper()
	frame, err := s.since(seq, s.steadyAt).delta()
	if err != nil {
		t.Fatal(err)
	}
	return string(frame)
}

func TestADeltaHasOnlyWhatChanged(t *testing.T) {
	s := newState()
	s.apply(viewOf(noon, 100, "cam"))
	s.apply(viewOf(noon.Add(250*time.Millisecond), 100, "camera"))
	want := `{"t":"d","seq":2,"now":1795262400,"r":[],"p":[],"dev":[{"id":17,"name":"camera"}],"own":[],"gone":{"dev":[],"own":[],"pairs":[]},"ev":[]}`
	if diff := cmp.Diff(want, deltaText(t, s, 1)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRatesAndCountersAreSentOnceASecond(t *testing.T) {
	s := newState()
	s.apply(viewOf(noon, 100, "cam"))
	s.apply(viewOf(noon.Add(250*time.Millisecond), 200, "cam"))
	s.apply(viewOf(noon.Add(500*time.Millisecond), 300, "cam"))
	if s.seq != 1 {
		t.Errorf("%d changes within half a second", s.seq)
	}
	s.apply(viewOf(noon.Add(time.Second), 400, "cam"))
	if got := deltaText(t, s, 1); !strings.Contains(got, `"r":[[17,0,400]]`) || !strings.Contains(got, `{"id":17,"rxBytes":400}`) {
		t.Errorf("after a second: %s", got)
	}
	s.apply(viewOf(noon.Add(-time.Hour), 500, "cam"))
	if got := deltaText(t, s, 2); !strings.Contains(got, `"r":[[17,0,500]]`) {
		t.Errorf("after the clock was set back: %s", got)
	}
}

func TestAQuietPairThatSpeaksIsSent(t *testing.T) {
	s := newState()
	for i, p := range []struct {
		rate  int64
		after time.Duration
		news  bool
	}{
		{500, 0, true}, {500, 5 * time.Second, false}, {0, 6 * time.Second, true}, {0, 6 * time.Second, false}, {0, 30 * time.Second, true},
	} {
		before := s.seq
		s.apply(View{Now: noon.Add(time.Duration(i) * time.Minute), Pairs: just(Pair{1, 2, p.rate, 0, noon.Add(p.after)})})
		if got := s.seq != before; got != p.news {
			t.Errorf("step %d: sent is %v, want %v", i, got, p.news)
		}
	}
}

func TestWhoWasAwayTooLongStartsAnew(t *testing.T) {
	s := newState()
	s.apply(viewOf(noon, 0, "cam"))
	s.apply(View{Now: noon.Add(time.Minute)})
	if !s.tells(1) {
		t.Error("a client that was away for a moment starts anew")
	}
	s.apply(View{Now: noon.Add(12 * time.Minute)})
	if s.tells(1) || !s.tells(2) {
		t.Error("who left before the device went is told it never was, or who left after is not believed")
	}
	if s.tells(3) {
		t.Error("a client of the future is believed")
	}
	for id := range int64(maxEvents + 1) {
		s.add(ui.Event{ID: id})
	}
	if s.tells(2) || !s.tells(3) {
		t.Error("lost events are not noticed")
	}
	if len(s.events) != maxEvents {
		t.Errorf("%d events are kept", len(s.events))
	}
}

func TestAFloodOfEventsDisplacesItself(t *testing.T) {
	s := newState()
	s.add(ui.Event{ID: 1, Kind: "quarantine"})
	for id := range int64(3 * maxEvents) {
		s.add(ui.Event{ID: 2 + id, Kind: "device"})
	}
	list := s.eventsSince(0)
	if len(list) != maxEvents || list[0].Kind != "quarantine" || list[1].ID != 2+2*maxEvents+1 {
		t.Errorf("%d events are kept, the first %+v and %+v", len(list), list[0], list[1])
	}
	if s.tells(2*maxEvents) || !s.tells(s.seq-1) {
		t.Error("lost events are not noticed")
	}
}

func TestTombstonesAreBounded(t *testing.T) {
	s := newState()
	for i := range 2 * maxGrave {
		s.apply(View{Now: noon.Add(time.Duration(i) * time.Millisecond), Owners: just(Owner{ID: i})})
	}
	if got := len(s.owners.graves); got > maxGrave {
		t.Errorf("%d tombstones", got)
	}
	if s.tells(1) {
		t.Error("a client is told from what was forgotten")
	}
}

func TestRatesKeepTwoDigits(t *testing.T) {
	for rate, want := range map[int64]int64{
		0: 0, 9: 9, 99: 99, 100: 100, 104: 100, 105: 110, 1234: 1200, 999999: 1000000, 1<<63 - 1: 9200000000000000000,
	} {
		if got := round(rate); got != want {
			t.Errorf("%d is rounded to %d, want %d", rate, got, want)
		}
	}
}

func BenchmarkApply60DevicesAnd3000Pairs(b *testing.B) {
	home := busyHome(rand.New(rand.NewPCG(1, 1)))
	s, v := newState(), home.view()
	for b.Loop() {
		v.Now = v.Now.Add(time.Second)
		s.apply(v)
	}
}
