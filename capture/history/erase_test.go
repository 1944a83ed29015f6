package history

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"spinneret/capture/packet"
)

// crowded is a store of many flows, of which some are left in sums only.
func crowded() *Store {
	r := rand.New(rand.NewPCG(5, 6))
	s := New(leastBudget)
	for i := range 20000 {
		f := random(r, i)
		s.Add(&f)
	}
	return s
}

func TestAnErasedDeviceIsGoneAndNobodyElse(t *testing.T) {
	s := crowded()
	erased := packet.MAC{2, 0, 0, 0, 0, 3}
	others := func(f Flow) bool { return f.Device == erased || f.Peer == erased }
	want := slices.DeleteFunc(pages(s, packet.MAC{2, 0, 0, 0, 0, 1}, 100), others)
	sums := s.Sums(packet.MAC{2, 0, 0, 0, 0, 1}, time.Time{}, start.Add(1000*time.Hour))
	if len(pages(s, erased, 100)) == 0 || len(want) == 0 || len(sums) == 0 {
		t.Fatal("the store has nothing of them")
	}
	s.Erase(erased)
	if left := find(s, Query{Device: erased}); len(left) > 0 {
		t.Errorf("%d flows are left", len(left))
	}
	if left := s.Sums(erased, time.Time{}, start.Add(1000*time.Hour)); len(left) > 0 {
		t.Errorf("%d sums are left", len(left))
	}
	if diff := differ(want, pages(s, packet.MAC{2, 0, 0, 0, 0, 1}, 100)); diff != "" {
		t.Errorf("another's flows changed %s", diff)
	}
	if diff := differ(sums, s.Sums(packet.MAC{2, 0, 0, 0, 0, 1}, time.Time{}, start.Add(1000*time.Hour))); diff != "" {
		t.Errorf("another's sums changed %s", diff)
	}
	var file bytes.Buffer
	if err := s.Save(&file); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(file.Bytes(), erased[:]) {
		t.Error("its MAC is in what is written down")
	}
	s.Erase(packet.MAC{2, 0, 0, 0, 0, 0x77}) // whom nobody knows
	s.Erase(packet.MAC{})
}

// TestAfterAllAreErasedTheStoreIsEmpty, and takes in as before.
func TestAfterAllAreErasedTheStoreIsEmpty(t *testing.T) {
	s := crowded()
	for i := range 5 {
		s.Erase(packet.MAC{2, 0, 0, 0, 0, byte(i)})
	}
	if s.Len() != 0 || s.used() > 2*chunk*recordSize || s.macs.used+s.addrs.used+s.labels.used != 0 {
		t.Errorf("%d flows in %d bytes, %d MACs, %d addresses, %d labels", s.Len(), s.used(), s.macs.used, s.addrs.used, s.labels.used)
	}
	f := upload()
	for range 3 * chunk {
		s.Add(&f)
	}
	if got := pages(s, cam, 1000); len(got) != 3*chunk || got[0] != f {
		t.Errorf("it has %d flows afterwards", len(got))
	}
}

// pages are all flows of a device, page by page.
func pages(s *Store, device packet.MAC, limit int) (all []Flow) {
	for from, more := uint64(0), true; more; more = from > 0 {
		var page []Flow
		page, from = s.Page(device, from, limit)
		all = append(all, page...)
	}
	return all
}

func TestPagesHaveEveryFlowOnce(t *testing.T) {
	s := crowded()
	device := packet.MAC{2, 0, 0, 0, 0, 2}
	want := find(s, Query{Device: device, Limit: MaxLimit})
	for _, limit := range []int{1, 7, len(want), len(want) + 1} {
		got := pages(s, device, limit)
		slices.SortStableFunc(got, func(a, b Flow) int { return b.Last.Compare(a.Last) })
		if len(got) != len(want) || got[0].Last != want[0].Last {
			t.Errorf("pages of %d have %d flows, want %d", limit, len(got), len(want))
		}
	}
	first, next := s.Page(device, 0, 10)
	f := upload()
	for s.folded < next { // what was to come first on the next page goes into the sums
		s.Add(&f)
	}
	if second, _ := s.Page(device, next, 10); len(second) == 0 || second[0] == first[0] {
		t.Error("where old flows go meanwhile the next page begins anew")
	}
}
