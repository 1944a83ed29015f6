package conntrack

import (
	"fmt"
	"testing"
	"time"
)

// counted is one connection whose initiator has sent so many packets of 100 bytes and got half as many back.
func counted(id uint32, packets uint64) *Entry {
	e := connection(17, "192.168.1.163:41234", "198.51.100.7:443", "198.51.100.7:443", "203.0.113.20:40321")
	e.ID = id
	e.OrigCounters, e.ReplyCounters = Counters{packets, packets * 100}, Counters{packets / 2, packets * 50}
	return &e
}

// carried is the delta of so many packets.
func carried(packets uint64) Delta {
	return Delta{Orig: Counters{packets, packets * 100}, Reply: Counters{packets / 2, packets * 50}}
}

func (d Delta) asNew() Delta   { d.New = true; return d }
func (d Delta) asEnded() Delta { d.Ended = true; return d }

// primed returns a Deltas that has seen the entries in its first dump.
func primed(t *testing.T, limit int, old ...*Entry) *Deltas {
	t.Helper()
	d := NewDeltas(limit)
	dump(d, func() {
		for _, e := range old {
			want(t, "first dump", d.Seen(e), Delta{})
		}
	})
	return d
}

// dump runs fn inside a complete dump.
func dump(d *Deltas, fn func()) {
	d.Begin()
	fn()
	d.End(true)
}

func want(t *testing.T, what string, got, want Delta) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %+v, want %+v", what, got, want)
	}
}

func TestDumpsTellWhatCameSinceTheLast(t *testing.T) {
	d := primed(t, 10)
	dump(d, func() { want(t, "first sight", d.Seen(counted(1, 4)), carried(4).asNew()) })
	dump(d, func() { want(t, "later", d.Seen(counted(1, 10)), carried(6)) })
	dump(d, func() { want(t, "idle", d.Seen(counted(1, 10)), Delta{}) })
	want(t, "end", d.Ended(counted(1, 12)), carried(2).asEnded())
}

func TestWhatCameBeforeTheFirstDumpIsNobodys(t *testing.T) {
	d := primed(t, 10, counted(1, 1000))
	dump(d, func() { want(t, "later", d.Seen(counted(1, 1010)), carried(10)) })

	d = NewDeltas(10)
	want(t, "end before the first dump", d.Ended(counted(2, 1000)), Delta{Ended: true})
	dump(d, func() {
		d.Seen(counted(3, 1000))
		want(t, "end in the first dump", d.Ended(counted(3, 1002)), carried(2).asEnded())
	})
}

func TestConnectionBetweenTwoDumpsIsToldByItsEnd(t *testing.T) {
	d := primed(t, 10)
	want(t, "end", d.Ended(counted(1, 4)), carried(4).asNew().asEnded())
	if used := d.Stats().Used; used != 0 {
		t.Errorf("keeps %d connections, want none", used)
	}
}

// The kernel fills a read of a dump before the connection ends; we read the event first.
func TestEndThatOvertakesTheDumpCountsOnce(t *testing.T) {
	d := primed(t, 10, counted(1, 10))
	dump(d, func() {
		want(t, "end of a known one", d.Ended(counted(1, 14)), carried(4).asEnded())
		want(t, "the dump's old news", d.Seen(counted(1, 12)), Delta{})
		want(t, "end of an unknown one", d.Ended(counted(2, 4)), carried(4).asNew().asEnded())
		want(t, "the dump's old news", d.Seen(counted(2, 4)), Delta{})
	})
	dump(d, func() { want(t, "a new one with the same ID", d.Seen(counted(1, 2)), carried(2).asNew()) })
}

func TestDyingOneIsToldByItsEndAlone(t *testing.T) {
	d := primed(t, 10, counted(1, 10))
	want(t, "end", d.Ended(counted(1, 14)), carried(4).asEnded())
	dump(d, func() {
		e := counted(1, 14) // still on the kernel's list for an instant
		e.Status |= Dying
		want(t, "dying", d.Seen(e), Delta{})
	})
}

func TestCountersThatWentBackAreANewConnection(t *testing.T) {
	d := primed(t, 10, counted(1, 10))
	dump(d, func() {
		want(t, "the new one, first", d.Seen(counted(1, 4)), Delta{})
		want(t, "end of the old one", d.Ended(counted(1, 14)), carried(4).asEnded())
	})
	dump(d, func() { want(t, "the new one", d.Seen(counted(1, 20)), carried(20).asNew()) })
	want(t, "reused at the end", d.Ended(counted(1, 2)), carried(2).asNew().asEnded())
}

func TestReusedOneIsToldWithoutTheEndOfTheOldOne(t *testing.T) {
	d := primed(t, 10)
	dump(d, func() { want(t, "first sight", d.Seen(counted(1, 10)), carried(10).asNew()) })
	dump(d, func() { want(t, "once missing", d.Seen(counted(1, 4)), Delta{}) })
	dump(d, func() { want(t, "twice missing", d.Seen(counted(1, 12)), Delta{}) })
	dump(d, func() { want(t, "the new one", d.Seen(counted(1, 20)), carried(20).asNew()) })
	if s := d.Stats(); s.Vanished != 1 {
		t.Errorf("got %+v, want one vanished", s)
	}
}

// The kernel may use a connection's memory and so its ID again at once, as when all are flushed under a long flow.
func TestEndOfTheOldOneLeavesTheNewOneAlone(t *testing.T) {
	d := primed(t, 10, counted(1, 10))
	dump(d, func() {
		want(t, "the new one, taken for the old", d.Seen(counted(1, 50)), carried(40))
		want(t, "end of the old one", d.Ended(counted(1, 14)), carried(14).asNew().asEnded())
	})
	dump(d, func() { want(t, "the new one", d.Seen(counted(1, 60)), carried(10)) })
}

func TestSameTupleWithAnotherIDOrTimeIsANewConnection(t *testing.T) {
	d := primed(t, 10, counted(1, 10))
	dump(d, func() {
		want(t, "another ID", d.Seen(counted(2, 20)), carried(20).asNew())
		e := counted(1, 30)
		e.Start = time.Unix(1_700_000_000, 0)
		want(t, "another time", d.Seen(e), carried(30).asNew())
	})
}

func TestVanishedOnesAreSweptAfterTwoDumps(t *testing.T) {
	d := primed(t, 10, counted(1, 10), counted(2, 10))
	dump(d, func() { d.Seen(counted(2, 10)); d.Seen(counted(3, 10)) })
	want(t, "end after one dump without it", d.Ended(counted(1, 12)), carried(2).asEnded())

	dump(d, func() {})
	dump(d, func() {})
	if s := d.Stats(); s.Used != 0 || s.Vanished != 1 {
		t.Errorf("after two dumps without it: %+v, want none left and the one that is not older than us vanished", s)
	}
}

func TestDumpThatBrokeOffSweepsNothing(t *testing.T) {
	d := primed(t, 10, counted(1, 10), counted(2, 10))
	for range 5 {
		d.Begin()
		d.Seen(counted(2, 10))
		d.End(false)
	}
	if s := d.Stats(); s.Used != 2 {
		t.Errorf("%d connections are left, want both", s.Used)
	}
	dump(d, func() {
		want(t, "later", d.Seen(counted(1, 11)), Delta{Orig: Counters{1, 100}, Reply: Counters{0, 50}})
	})
}

func TestBeyondTheLimitTheEndTellsEverything(t *testing.T) {
	d := primed(t, 2, counted(1, 10), counted(2, 10))
	for range 3 {
		dump(d, func() {
			d.Seen(counted(1, 10))
			d.Seen(counted(2, 10))
			want(t, "no room", d.Seen(counted(3, 6)), Delta{})
		})
	}
	want(t, "end", d.Ended(counted(3, 8)), carried(8).asNew().asEnded())
	if s := d.Stats(); s.Used != 2 || s.Limit != 2 || s.Refused != 3 {
		t.Errorf("got %+v, want 2 of 2 used and 3 refused", s)
	}
}

func TestFloodOfEndsDuringADumpIsBounded(t *testing.T) {
	d := primed(t, 100)
	d.Begin()
	for id := range uint32(1000) {
		d.Ended(counted(id, 1))
	}
	if len(d.ended) > 100 || d.Stats().Refused != 900 {
		t.Errorf("remembers %d ends, refused %d; want 100 and 900", len(d.ended), d.Stats().Refused)
	}
	if d.End(true); len(d.ended) != 0 {
		t.Errorf("remembers %d ends after the dump", len(d.ended))
	}
}

func TestEndsThatFoundNoRoomAreNotToldAgain(t *testing.T) {
	d := primed(t, 1, counted(9, 1))
	dump(d, func() {
		d.Ended(counted(9, 1))
		want(t, "end without room", d.Ended(counted(2, 4)), carried(4).asNew().asEnded())
		want(t, "the dump's old news", d.Seen(counted(2, 4)), Delta{})
		want(t, "one that lives", d.Seen(counted(3, 6)), Delta{})
	})
	dump(d, func() { want(t, "it is told later", d.Seen(counted(3, 8)), carried(8).asNew()) })
}

func TestWithoutAccountingAnEndIsStillTold(t *testing.T) {
	d := primed(t, 10)
	e := counted(1, 4)
	e.HasCounters = false
	dump(d, func() { want(t, "dump", d.Seen(e), Delta{}) })
	want(t, "end", d.Ended(e), Delta{Ended: true})
}

func BenchmarkDeltas(b *testing.B) {
	for _, n := range []int{1000, 44000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			entries := make([]*Entry, n)
			for i := range entries {
				entries[i] = counted(uint32(i), 10)
			}
			d := NewDeltas(n)
			b.ReportAllocs()
			for b.Loop() {
				dump(d, func() {
					for _, e := range entries {
						d.Seen(e)
					}
				})
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/entry")
		})
	}
}
