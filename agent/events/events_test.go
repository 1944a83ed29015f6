package events

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"spinneret/capture/say"
)

var start = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

// filled is a log with n events, whose texts are their IDs, a second apart.
func filled(n int) *Log {
	l := NewLog()
	for i := range n {
		l.Add(start.Add(time.Duration(i)*time.Second), Event{Kind: Device, Severity: Note, Text: say.Plain(fmt.Sprint(i + 1))})
	}
	return l
}

// span names a run of events by its first and last, checking that it has no gaps.
func span(t *testing.T, events []Event) string {
	t.Helper()
	if len(events) == 0 {
		return "none"
	}
	for i, e := range events {
		if want := events[0].ID + int64(i); e.ID != want || e.Text.String() != fmt.Sprint(want) {
			t.Errorf("event %d has ID %d and text %q, want %d", i, e.ID, e.Text, want)
		}
	}
	return fmt.Sprintf("%d-%d", events[0].ID, events[len(events)-1].ID)
}

func TestSince(t *testing.T) {
	tests := map[string]struct {
		added     int
		id        int64
		limit     int
		want      string
		wantStore string
	}{
		"empty":                 {0, 0, 100, "none", "0 and 0"},
		"all":                   {10, 0, 100, "1-10", "10 and 0"},
		"the new ones":          {10, 7, 100, "8-10", "10 and 0"},
		"nothing new":           {10, 10, 100, "none", "10 and 0"},
		"later than the newest": {10, 99, 100, "none", "10 and 0"}, // a browser from before a restart
		"before the first":      {10, -5, 100, "1-10", "10 and 0"},
		"limited":               {10, 2, 3, "3-5", "10 and 0"},
		"limit of none":         {10, 0, 0, "none", "10 and 0"},
		"limit below none":      {10, 0, -1, "none", "10 and 0"},
		"just full":             {Limit, 0, Limit, fmt.Sprintf("1-%d", Limit), "1000 and 0"},
		"one over":              {Limit + 1, 0, Limit, fmt.Sprintf("2-%d", Limit+1), "1000 and 1"},
		"round and round":       {5*Limit + 3, 0, 2 * Limit, fmt.Sprintf("%d-%d", 4*Limit+4, 5*Limit+3), "1000 and 4003"},
		"the end of the log":    {5*Limit + 3, 5 * Limit, 100, fmt.Sprintf("%d-%d", 5*Limit+1, 5*Limit+3), "1000 and 4003"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			l := filled(test.added)
			events, last := l.Since(test.id, test.limit)
			if got := span(t, events); got != test.want || last != int64(test.added) {
				t.Errorf("events %s and last %d, want %s and %d", got, last, test.want, test.added)
			}
			s := l.Stores()[0]
			if got := fmt.Sprintf("%d and %d", s.Used, s.Evicted); got != test.wantStore {
				t.Errorf("used and evicted %s, want %s", got, test.wantStore)
			}
		})
	}
}

// TestAFloodOfOneKindLeavesTheOthers adds ten thousand made-up devices to a log with all kinds in it.
func TestAFloodOfOneKindLeavesTheOthers(t *testing.T) {
	l := NewLog()
	want := map[string]bool{}
	for i := range 40 {
		for _, kind := range []Kind{Quarantine, Release, Finding, Login} {
			text := fmt.Sprint(kind, " ", i)
			l.Add(start, Event{Kind: kind, Text: say.Plain(text)})
			want[text] = true
		}
	}
	for range 10_000 {
		l.Add(start, Event{Kind: Device, Text: say.Plain("somebody joined")})
	}
	events, last := l.Since(0, Limit)
	for _, e := range events {
		delete(want, e.Text.String())
	}
	if len(want) > 0 || len(events) != Limit || last != 10_160 {
		t.Errorf("of %d events up to %d these are gone: %v", len(events), last, want)
	}
}

// TestTheNewestAreKeptWhateverTheirKind: the contract promises 500.
func TestTheNewestAreKeptWhateverTheirKind(t *testing.T) {
	kinds := []Kind{Quarantine, Release, Finding, MUD, DOTS, Request, Firewall, Capability, Config, Login, Audit}
	l := NewLog()
	for i := range 5 * Limit {
		l.Add(start, Event{Kind: kinds[i%len(kinds)]})
	}
	for range newest - 1 { // a kind that is all new, and soon the most frequent
		l.Add(start, Event{Kind: Device})
		events, last := l.Since(0, Limit)
		if tail := events[len(events)-newest:]; tail[0].ID != last-newest+1 {
			t.Fatalf("the newest %d begin with %d of %d", newest, tail[0].ID, last)
		}
	}
	for i := range 3 * Limit { // two kinds by turns
		l.Add(start, Event{Kind: kinds[i%2]})
	}
	events, last := l.Since(0, Limit)
	if events[len(events)-newest].ID != last-newest+1 || !slices.IsSortedFunc(events, func(a, b Event) int { return cmp.Compare(a.ID, b.ID) }) {
		t.Error("the newest are not all there, or not in order")
	}
}

func TestSinceGivesACopy(t *testing.T) {
	l := filled(3)
	events, _ := l.Since(0, 3)
	events[0].Text = say.Plain("changed")
	if again, _ := l.Since(0, 3); again[0].Text.String() != "1" {
		t.Errorf("the log says %q after a reader changed its copy", again[0].Text)
	}
}

func TestAddReturnsWhatItKept(t *testing.T) {
	l := filled(4)
	e := l.Add(start, Event{ID: 99, Time: start.Add(-time.Hour), Kind: Quarantine, Text: say.Plain("cut off")})
	if e.ID != 5 || !e.Time.Equal(start) || l.last != 5 {
		t.Errorf("event %d at %v and last %d, want 5 at %v", e.ID, e.Time, l.last, start)
	}
}

func TestLongTextsAreCutBetweenCharacters(t *testing.T) {
	l := NewLog()
	for _, text := range []string{strings.Repeat("ä", maxText), "x" + strings.Repeat("ä", maxText), strings.Repeat("a ", maxText)} {
		got := l.Add(start, Event{Text: say.Plain(text)}).Text.String()
		if len(got) > maxText || !utf8.ValidString(got) || !strings.HasSuffix(got, "…") {
			t.Errorf("text of %d bytes: %q", len(got), got)
		}
	}
	if whole := strings.Repeat("a", maxText); l.Add(start, Event{Text: say.Plain(whole)}).Text.String() != whole {
		t.Error("a text that fits was cut")
	}
}
