package history

import (
	"math/rand/v2"
	"testing"
	"time"

	"spinneret/capture/packet"
)

// volume is all that the devices carried by flows that are still whole and by sums.
func volume(s *Store, device packet.MAC) (total uint64) {
	for _, f := range find(s, Query{Device: device, Limit: MaxLimit}) {
		total += f.RxBytes + f.TxBytes
	}
	for _, sum := range s.Sums(device, start.Add(-1000*time.Hour), start.Add(10000*time.Hour)) {
		total += sum.RxBytes + sum.TxBytes
	}
	return total
}

func TestOldFlowsBecomeSumsThatLoseNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	s := New(leastBudget)
	want, began := map[packet.MAC]uint64{}, map[packet.MAC]uint64{}
	const flows = 20000
	for i := range flows {
		f := random(r, i)
		f.Name = ""
		s.Add(&f)
		want[f.Device] += f.RxBytes + f.TxBytes
		if !f.Peer.IsZero() && f.Peer != f.Device {
			want[f.Peer] += f.RxBytes + f.TxBytes
		}
		began[f.Device]++
	}
	if s.Len() >= flows || s.Stores()[0].Evicted != uint64(flows-s.Len()) || s.Stores()[1].Evicted != 0 {
		t.Fatalf("%d flows are whole, stores %+v", s.Len(), s.Stores())
	}
	for device := range began {
		if got := volume(s, device); got != want[device] {
			t.Errorf("%s: %d bytes, want %d", device, got, want[device])
		}
	}
}

func TestTheOldestSumsBecomeDaysAndThenGo(t *testing.T) {
	s := New(leastBudget)
	f := upload()
	for i := range 20000 {
		f.First = start.Add(time.Duration(i) * time.Hour / 10)
		f.Last, f.Port, f.RemotePort = f.First, uint16(i), uint16(i)
		s.Add(&f)
	}
	list := s.Sums(cam, start.Add(-time.Hour), start.Add(10000*time.Hour))
	days, hours := 0, 0
	for _, sum := range list {
		if sum.Width == 24*time.Hour {
			days++
		} else {
			hours++
		}
	}
	st := s.Stores()[1]
	if days == 0 || hours != 0 && days == 0 || st.Evicted == 0 || st.Used > st.Limit {
		t.Errorf("%d days, %d hours, %+v", days, hours, st)
	}
	if list[0].At.Before(start.Add(24 * time.Hour)) {
		t.Errorf("the oldest is of %v", list[0].At)
	}
}

func TestADeviceThatScansDisplacesNobodysSums(t *testing.T) {
	s := New(leastBudget)
	quiet := upload()
	quiet.Device = tv
	s.Add(&quiet)
	f := upload()
	for i := range 30000 {
		f.Port, f.RemotePort = uint16(i), uint16(i)
		s.Add(&f)
	}
	if got := len(s.Sums(tv, start, start.Add(time.Hour))); got != 1 {
		t.Errorf("%d sums of the quiet device", got)
	}
	scans := s.Sums(cam, start, start.Add(time.Hour))
	rest := uint64(0)
	for _, sum := range scans {
		if sum.Owner == "" && sum.Port == 0 {
			rest = sum.Flows
		}
	}
	if len(scans) != maxKinds+1 || rest < 1000 {
		t.Errorf("%d sums of the scanning device, %d flows in the rest", len(scans), rest)
	}
}
