package decide

import (
	"fmt"
	"testing"
	"time"

	"spinneret/capture/packet"
)

// at writes who was held back at a time.
func (b *Book) at(t, now time.Time) (out []string) {
	spans, _ := b.At(t, now)
	for _, s := range spans {
		out = append(out, fmt.Sprintf("%d %s %s", s.MAC[5], s.Level, s.Source))
	}
	return out
}

func TestWhatWasInForceIsRemembered(t *testing.T) {
	start := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	minute := func(n int) time.Time { return start.Add(time.Duration(n) * time.Minute) }
	cam, tv := packet.MAC{2, 0, 0, 0, 0, 1}, packet.MAC{2, 0, 0, 0, 0, 2}
	b := &Book{}
	step := func(n int, edit func(*Book)) {
		next := b.Clone()
		edit(next)
		next.Bury(b, minute(n))
		b = next
	}
	step(0, func(b *Book) { b.Put(Order{MAC: cam, Level: "full", Source: Owner, Since: minute(0)}) })
	step(10, func(b *Book) { b.Put(Order{MAC: cam, Level: "internet", Source: Owner, Since: minute(10)}) })
	step(12, func(b *Book) {
		b.Put(Order{MAC: tv, Level: "flow", Source: Anomaly, Since: minute(12), Until: minute(20)})
	})
	step(30, func(b *Book) { b.Expire(minute(30)) }) // the agent was away at minute 20
	step(40, func(b *Book) { b.Release(cam, Owner) })
	step(41, func(b *Book) { b.Put(Order{MAC: tv, Level: "full", Source: Owner, Since: minute(41)}) })
	for n, want := range map[int]string{
		-1: "[]", 0: "[1 full owner]", 10: "[1 internet owner]", 15: "[2 flow anomaly 1 internet owner]",
		20: "[1 internet owner]", 40: "[]", 50: "[2 full owner]",
	} {
		if got := fmt.Sprint(b.at(minute(n), minute(60))); got != want {
			t.Errorf("at minute %d was held back %s, want %s", n, got, want)
		}
	}
	b.ForgetEnded(cam)
	if got := b.at(minute(5), minute(60)); len(got) > 0 {
		t.Errorf("of the forgotten: %s", got)
	}
	step(24*60*9, func(*Book) {})
	if got := b.Ended(); len(got) > 0 {
		t.Errorf("after nine days it knows %v", got)
	}
}

// TestThePastIsBounded, and says from when on it is known.
func TestThePastIsBounded(t *testing.T) {
	start := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	b := &Book{}
	for i := range maxEnded + 5 {
		full, now := b.Clone(), start.Add(time.Duration(i)*time.Minute)
		full.Put(Order{MAC: packet.MAC{2}, Source: Owner, Since: now.Add(-time.Second)})
		empty := &Book{ended: b.ended}
		empty.Bury(full, now)
		b = empty
	}
	_, known := b.At(start, start.Add(5*time.Hour))
	if len(b.Ended()) != maxEnded || !known.Equal(start.Add(5*time.Minute)) {
		t.Errorf("it remembers %d since %v", len(b.Ended()), known)
	}
	wrong := &Book{orders: []Order{{ID: "q1", Since: time.Unix(100, 0), Unsure: true}}}
	b = &Book{}
	if b.Bury(wrong, start); len(b.Ended()) > 0 {
		t.Errorf("of a wrong clock it remembers %v", b.Ended())
	}
}
