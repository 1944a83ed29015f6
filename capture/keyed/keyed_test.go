package keyed

import (
	"maps"
	"math/rand/v2"
	"testing"
)

// TestAStoreHoldsWhatAMapWould, whatever comes and goes.
func TestAStoreHoldsWhatAMapWould(t *testing.T) {
	const keys, steps = 3000, 50_000
	r := rand.New(rand.NewPCG(1, 2))
	var s Store[int]
	want := map[uint64]int{}
	for step := range steps {
		key := (1 + r.Uint64N(keys)) << (r.Uint64N(2) * 4) // many share a home
		v := s.Get(key)
		before, in := want[key]
		switch {
		case in != (v != nil) || in && *v != before:
			t.Fatalf("step %d: key %d is %v, a map has %d %v", step, key, v, before, in)
		case !in:
			*s.Add(key), want[key] = step, step
		case r.IntN(3) > 0:
			if got, ok := s.Take(key); got != before || !ok {
				t.Fatalf("step %d: took %d %v, a map has %d", step, got, ok, before)
			}
			delete(want, key)
		}
		if step%(steps/10) == 0 {
			sweep(t, &s, want)
		}
	}
}

// sweep takes out what is odd, and compares what is left.
func sweep(t *testing.T, s *Store[int], want map[uint64]int) {
	t.Helper()
	odd := func(v int) bool { return v%2 != 0 }
	maps.DeleteFunc(want, func(_ uint64, v int) bool { return odd(v) })
	if s.Sweep(func(v *int) bool { return odd(*v) }); s.Used() != len(want) {
		t.Fatalf("a sweep kept %d, want %d", s.Used(), len(want))
	}
	for key, v := range want {
		if got := s.Get(key); got == nil || *got != v {
			t.Fatalf("key %d is %v after a sweep, want %d", key, got, v)
		}
	}
}

func TestAskingInTheOrderOfComingNeedsNoLookUp(t *testing.T) {
	var s Store[int]
	for key := range uint64(2 * pieceItems) {
		s.Add(key + 1)
	}
	if s.Get(1); s.next != 1 {
		t.Fatalf("after the first comes %d", s.next)
	}
	slots := s.slots
	s.slots = nil // a look-up would fail
	for key := uint64(2); key <= 2*pieceItems; key++ {
		if s.Get(key) == nil {
			t.Fatalf("key %d is not there", key)
		}
	}
	s.slots = slots
}
