package history

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"spinneret/capture"
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
		for _, b := range s.Buckets(Query{Device: cam, From: start.Add(from), To: start.Add(to)}, time.Minute) {
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
	for _, b := range s.Buckets(Query{Device: cam, From: start.Add(-time.Hour), To: start.Add(20 * time.Hour)}, 7*time.Minute) {
		got += b.RxBytes
	}
	if got != want {
		t.Errorf("buckets add up to %d, want %d", got, want)
	}
}

// TestBucketsOfWhatIsAskedFor: the uploads of a camera, what it sends a television, and sums of what it did before.
func TestBucketsOfWhatIsAskedFor(t *testing.T) {
	s := New(0)
	f, lan, old := upload(), frames(), upload()
	f.First, f.Last, f.RxBytes, f.TxBytes = start, start, 1, 10
	lan.First, lan.Last, lan.RxBytes, lan.TxBytes = start, start, 100, 1000
	old.First, old.Last, old.RxBytes, old.TxBytes = start, start, 3_600_000, 0
	s.Add(&old)
	s.fold()
	s.Add(&f)
	s.Add(&lan)
	for _, c := range []struct {
		name string
		q    Query
		want string
	}{
		{"all, at both ends", Query{}, "2101 1110"},
		{"a device", Query{Device: tv}, "1000 100"},
		{"a port", Query{Port: 443}, "1001 10"},
		{"another port", Query{Port: 80}, "0 0"},
		{"a remote, of which sums know nothing", Query{Remote: netip.MustParsePrefix("198.51.100.0/24")}, "1 10"},
		{"an outside tuple", Query{Device: cam, Outside: netip.MustParseAddrPort("203.0.113.20:40321")}, "1 10"},
		{"a protocol", Query{Protocol: capture.NoIP | 0x88b5}, "1100 1100"},
		{"a device that nobody knows", Query{Device: packet.MAC{2, 9}}, "0 0"},
	} {
		c.q.From, c.q.To = start, start.Add(time.Second)
		b := s.Buckets(c.q, time.Second)
		got := fmt.Sprintf("%d %d", b[0].RxBytes, b[0].TxBytes)
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
