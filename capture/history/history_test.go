package history

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"spinneret/capture"
	"spinneret/capture/packet"
)

var (
	start = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	cam   = packet.MAC{2, 0, 0, 0, 0, 1}
	tv    = packet.MAC{2, 0, 0, 0, 0, 2}
	same  = cmpopts.EquateComparable(netip.Addr{}, netip.AddrPort{})
)

// upload is a flow of the camera through NAT.
func upload() Flow {
	return Flow{
		Flow: capture.Flow{
			Device: cam, DeviceAddr: netip.MustParseAddr("192.168.1.163"), Remote: netip.MustParseAddr("198.51.100.7"),
			Protocol: packet.ProtoTCP, DevicePort: 41234, RemotePort: 443, Port: 443, Out: true, DeviceMAC: capture.MACFrame,
			RxBytes: 5200, TxBytes: 910000, RxPackets: 61, TxPackets: 700,
			First: start.Add(120 * time.Millisecond), Last: start.Add(5 * time.Minute), Ended: true,
			Outside: netip.MustParseAddrPort("203.0.113.20:40321"),
		},
		Name: "up.cam.example.net", NameSource: "sni", Owner: "example.net", OwnerSource: "domain", Sure: true,
	}
}

func frames() Flow {
	return Flow{
		Flow: capture.Flow{
			Device: cam, Peer: tv, Protocol: capture.NoIP | 0x88b5, Scope: capture.ScopeLAN, DeviceMAC: capture.MACFrame,
			TxBytes: 60, TxPackets: 1, RxBytes: 120, RxPackets: 2, First: start, Last: start.Add(time.Second), Out: true, Ended: true,
		},
		Sure: true,
	}
}

func incoming() Flow {
	f := upload()
	f.DeviceAddr, f.Remote = netip.MustParseAddr("fd00:1::10"), netip.MustParseAddr("2001:db8::7")
	f.DevicePort, f.RemotePort, f.Port, f.Out = 80, 40000, 80, false
	f.Outside, f.Estimated, f.Sure = netip.AddrPortFrom(f.DeviceAddr, 80), true, false
	return f
}

// differ is cmp.Diff for long lists that are mostly equal.
func differ[T comparable](want, got []T) string {
	if slices.Equal(want, got) {
		return ""
	}
	for i := range min(len(want), len(got)) {
		if want[i] != got[i] {
			return fmt.Sprintf("at %d of %d and %d:\n%s", i, len(want), len(got), gocmp.Diff(want[i], got[i], same))
		}
	}
	return fmt.Sprintf("%d and %d of them", len(want), len(got))
}

func find(s *Store, q Query) []Flow {
	flows, _ := s.Find(q)
	return flows
}

func TestAFlowComesBackAsItWas(t *testing.T) {
	for _, f := range []Flow{upload(), frames(), incoming()} {
		s := New(0)
		s.Add(&f)
		if diff := differ([]Flow{f}, find(s, Query{})); diff != "" {
			t.Errorf("flow (-added +found):\n%s", diff)
		}
	}
}

func TestWhoHadAnOutsidePort(t *testing.T) {
	s := New(0)
	earlier, later, other := upload(), upload(), upload()
	earlier.Device, earlier.First, earlier.Last = tv, start.Add(-time.Hour), start.Add(-30*time.Minute)
	later.Outside = netip.MustParseAddrPort("203.0.113.20:40322")
	for _, f := range []Flow{earlier, other, later} {
		s.Add(&f)
	}
	at := func(d time.Duration, outside string) (out []packet.MAC) {
		now := start.Add(d)
		for _, f := range find(s, Query{Outside: netip.MustParseAddrPort(outside), From: now, To: now}) {
			out = append(out, f.Device)
		}
		return out
	}
	for _, c := range []struct {
		when    time.Duration
		outside string
		want    []packet.MAC
	}{
		{time.Minute, "203.0.113.20:40321", []packet.MAC{cam}},
		{-45 * time.Minute, "203.0.113.20:40321", []packet.MAC{tv}},
		{-10 * time.Minute, "203.0.113.20:40321", nil},
		{time.Minute, "203.0.113.20:0", []packet.MAC{cam, cam}},
		{time.Minute, "203.0.113.21:40321", nil},
	} {
		if got := at(c.when, c.outside); !slices.Equal(got, c.want) {
			t.Errorf("%s at %v: %v, want %v", c.outside, c.when, got, c.want)
		}
	}
}

func TestLookupsAgreeWithANaiveScan(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	s, flows := New(0), []Flow(nil)
	for i := range 1500 {
		f := random(r, i)
		s.Add(&f)
		flows = append(flows, f)
	}
	found := 0
	for range 400 {
		q := randomQuery(r)
		want, limit := scan(flows, q), cmp.Or(q.Limit, DefaultLimit)
		wantMore := len(want) > limit
		got, more := s.Find(q)
		if diff := differ(want[:min(limit, len(want))], got); diff != "" || more != wantMore {
			t.Fatalf("%+v: more %v, want %v (-want +got):\n%s", q, more, wantMore, diff)
		}
		found += len(got)
	}
	if found < 400 {
		t.Errorf("only %d flows were found by all questions: they ask for nothing", found)
	}
}

func TestAClockThatJumpsFrom1970(t *testing.T) {
	s := New(leastBudget)
	boot := time.Unix(30, 0).UTC()
	old := upload()
	old.First, old.Last, old.Sure = boot, boot.Add(10*time.Second), false
	for range 10000 {
		s.Add(&old)
	}
	if s.Stores()[0].Evicted == 0 {
		t.Fatal("nothing became sums")
	}
	s.Correct(start.Sub(boot)-time.Hour, false) // the clock is set twice until it is believed
	s.Correct(time.Hour, true)
	sure := upload()
	s.Add(&sure)
	s.Correct(time.Hour, true) // touches nothing any more
	for _, f := range find(s, Query{Limit: MaxLimit}) {
		if !f.Sure || f.First.Before(start) || f.Last.After(start.Add(time.Hour)) {
			t.Fatalf("flow %v to %v, sure %v", f.First, f.Last, f.Sure)
		}
	}
	sums := s.Sums(cam, start, start.Add(time.Minute))
	if len(sums) != 1 || !sums[0].At.Equal(start) || !sums[0].Sure || sums[0].Flows != s.Stores()[0].Evicted {
		t.Errorf("sums %+v", sums)
	}
}
