package history

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"spinneret/capture/packet"
)

func TestBucketsSpreadFlowsEvenly(t *testing.T) {
	s := New(0)
	f := upload()
	f.First, f.Last, f.RxBytes, f.TxBytes = start.Add(30*time.Second), start.Add(210*time.Second-time.Millisecond), 180, 0
	s.Add(&f)
	lan := upload()
	lan.Device, lan.Peer, lan.First, lan.Last = tv, cam, start.Add(time.Minute), start.Add(time.Minute)
	lan.RxBytes, lan.TxBytes = 1, 1000
	s.Add(&lan)
	text := func(from, to time.Duration) (out []string) {
		for _, b := range s.Buckets(cam, start.Add(from), start.Add(to), time.Minute) {
			out = append(out, fmt.Sprintf("%v %d %d", b.At.Sub(start), b.RxBytes, b.TxBytes))
		}
		return out
	}
	for _, c := range []struct {
		from, to time.Duration
		want     []string
	}{
		{0, 5 * time.Minute, []string{"0s 30 0", "1m0s 1060 1", "2m0s 60 0", "3m0s 30 0", "4m0s 0 0"}},
		{2 * time.Minute, 150 * time.Second, []string{"2m0s 30 0"}},
		{time.Hour, 2 * time.Hour, slices.Repeat([]string{""}, 60)},
		{0, 0, nil},
		{0, -time.Hour, nil},
		{0, 24 * 365 * time.Hour, nil},
	} {
		got := text(c.from, c.to)
		if c.from == time.Hour {
			if len(got) != 60 {
				t.Errorf("%d buckets of an hour", len(got))
			}
			continue
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("from %v to %v: %q, want %q", c.from, c.to, got, c.want)
		}
	}
}

func TestBucketsAddUp(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	s := New(leastBudget)
	var want uint64
	for i := range 10000 {
		f := random(r, i)
		f.Device, f.Peer = cam, packet.MAC{}
		s.Add(&f)
		want += f.RxBytes
	}
	var got uint64
	for _, b := range s.Buckets(cam, start.Add(-time.Hour), start.Add(20*time.Hour), 7*time.Minute) {
		got += b.RxBytes
	}
	if got != want {
		t.Errorf("buckets add up to %d, want %d", got, want)
	}
}
