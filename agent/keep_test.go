package agent

import (
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"spinneret/agent/decide"
	"spinneret/agent/state"
	"spinneret/capture/say"
	"spinneret/openwrt/firewall"
)

// written is what a file would give back of a book.
func written(t *testing.T, b *decide.Book, rules firewall.State, now time.Time) *savedQuarantines {
	t.Helper()
	data, err := json.Marshal(save(b, rules, now))
	if err != nil {
		t.Fatal(err)
	}
	var s savedQuarantines
	if err := json.Unmarshal(data, &s); err != nil {
		t.Fatal(err)
	}
	return &s
}

func TestOrdersOutliveTheProgramWithTheirEnds(t *testing.T) {
	var b decide.Book
	b.Put(decide.Order{MAC: macOf(0), Level: "full", Source: decide.Owner, Why: say.New("held"), Since: epoch, Until: epoch.Add(time.Hour)})
	b.Put(decide.Order{MAC: macOf(0), Level: "flow", Source: decide.DOTS, Provider: "isp", Since: epoch, To: []string{"198.51.100.7"}})
	again := written(t, &b, firewall.State{}, epoch.Add(time.Minute)).book(epoch.Add(10*time.Minute), true)
	of := again.Of(macOf(0))
	if len(of) != 2 || !of[0].Until.Equal(epoch.Add(time.Hour)) || of[0].Why != say.New("held") || of[1].To[0] != "198.51.100.7" || of[1].Provider != "isp" {
		t.Errorf("the orders come back as %+v", of)
	}
	if o := again.Put(decide.Order{MAC: macOf(1), Source: decide.Owner}); o.ID != "q3" {
		t.Errorf("the next order is %s, want q3: an id must never be used twice", o.ID)
	}
}

// TestATimeFromAWrongClockIsWhatWasLeft gives an order in 1970, and reads it back with another clock.
func TestATimeFromAWrongClockIsWhatWasLeft(t *testing.T) {
	boot := time.Unix(100, 0)
	var b decide.Book
	b.Put(decide.Order{MAC: macOf(0), Level: "full", Source: decide.Owner, Since: boot, Until: boot.Add(time.Hour), Unsure: true})
	again := written(t, &b, firewall.State{}, boot.Add(20*time.Minute)).book(epoch, true)
	if of := again.Of(macOf(0)); !of[0].Until.Equal(epoch.Add(40 * time.Minute)) {
		t.Errorf("it ends at %v, want 40 minutes from now, which is what was left", of[0].Until)
	}
}

func TestWhenTheClockIsSetEndsStayAsFarAway(t *testing.T) {
	boot := time.Unix(100, 0)
	var b decide.Book
	b.Put(decide.Order{MAC: macOf(0), Source: decide.Owner, Since: boot, Until: boot.Add(time.Hour), Unsure: true})
	b.Put(decide.Order{MAC: macOf(1), Source: decide.Owner, Since: epoch, Until: epoch.Add(time.Hour)})
	b.ClockJumped(epoch.Sub(boot), true)
	if of := b.Of(macOf(0)); !of[0].Until.Equal(epoch.Add(time.Hour)) || !of[0].Since.Equal(epoch) || of[0].Unsure {
		t.Errorf("the order of 1970 is now %+v, want it to end in an hour", of[0])
	}
	if of := b.Of(macOf(1)); !of[0].Until.Equal(epoch.Add(time.Hour)) {
		t.Errorf("the order with the right times was moved: %+v", of[0])
	}
}

// TestRestoredRulesEndOnlyWhereTheClockIsRight looks at what is put back before the network is up.
func TestRestoredRulesEndOnlyWhereTheClockIsRight(t *testing.T) {
	over, running := epoch.Add(-time.Minute), epoch.Add(time.Hour)
	s := &savedQuarantines{Rules: firewall.State{
		Log:         firewall.Log{Group: 1},
		Quarantines: []firewall.Quarantine{{ID: "q1", Until: over}, {ID: "q2", Until: running}, {ID: "q3"}},
	}}
	if got := s.rules(epoch, true); len(got.Quarantines) != 2 || got.Quarantines[0].ID != "q2" || !got.Quarantines[0].Until.Equal(running) || got.Log.Group != 0 {
		t.Errorf("with the clock set: %+v, want q2 with its end and q3, and nothing logged", got)
	}
	got := s.rules(epoch, false)
	if len(got.Quarantines) != 3 {
		t.Fatalf("without: %+v, want all three", got)
	}
	for _, q := range got.Quarantines {
		if !q.Until.IsZero() {
			t.Errorf("without a clock %s ends at %v", q.ID, q.Until)
		}
	}
}

// TestADamagedFileIsToldAndItsCopyUsed starts a home on a state directory whose newest file is torn.
func TestADamagedFileIsToldAndItsCopyUsed(t *testing.T) {
	path := t.TempDir()
	dir, err := state.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	var b decide.Book
	b.Put(decide.Order{MAC: macOf(0), Level: "full", Source: decide.Owner, Since: epoch})
	for range 2 {
		if err := dir.Save(quarantineFile, save(&b, firewall.State{}, epoch)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Truncate(filepath.Join(path, quarantineFile), 100); err != nil {
		t.Fatal(err)
	}
	o := Options{Now: func() time.Time { return epoch }}
	o.setDefaults()
	h := newHome(o, slog.New(slog.DiscardHandler))
	h.adopt(dir)
	if len(h.book.Of(macOf(0))) != 1 {
		t.Error("the order in the copy was not taken over")
	}
	if save(decide.NewBook(nil, 1, nil), firewall.State{}, epoch).sameAs(h.lastSaved) {
		t.Error("an order that is released before the first rules are applied would come back with the next start")
	}
	if told, _ := h.events.Since(0, 10); len(told) != 1 || told[0].Severity != "alarm" {
		t.Errorf("the events are %+v, want one alarm", told)
	}
}
