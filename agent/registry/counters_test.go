package registry

import (
	"testing"
	"time"

	"spinneret/capture"
	"spinneret/openwrt/neigh"
)

// counted is a device of the capture table with rx and tx bytes, a packet for each hundred.
func counted(rx, tx uint64) Input {
	return Input{Devices: []capture.Device{{
		MAC: mac(1), First: start, Last: start, RxBytes: rx, TxBytes: tx, RxPackets: rx / 100, TxPackets: tx / 100,
	}}}
}

func TestSumsGoOnWhenTheTableBeginsAgain(t *testing.T) {
	r := New(10)
	for i, rx := range []uint64{1000, 1500, 1500, 200, 300} {
		r.Observe(start.Add(time.Duration(i)*time.Second), counted(rx, rx/10))
	}
	r.Observe(start.Add(9*time.Second), Input{}) // dropped by the table
	d := must(t, r, 1)
	if d.RxBytes != 1800 || d.TxBytes != 180 || d.RxPackets != 18 || d.TxPackets != 1 {
		t.Errorf("sums %d %d %d %d, want 1800 180 18 1", d.RxBytes, d.TxBytes, d.RxPackets, d.TxPackets)
	}
}

// TestWhoIsOnlySentToIsCounted where it is known from elsewhere, is not online for that, and goes on when it is heard.
func TestWhoIsOnlySentToIsCounted(t *testing.T) {
	r := New(3)
	silent := capture.Device{MAC: mac(1), Last: start, RxPackets: 50, RxBytes: 5000}
	ghost := capture.Device{MAC: mac(2), Last: start, RxPackets: 1, RxBytes: 100}
	r.Observe(start, Input{Silent: []capture.Device{silent, ghost}, Neighbours: []neigh.Neighbour{neighbour(1, "192.168.1.2")}})
	if d := must(t, r, 1); d.RxPackets != 50 || d.RxBytes != 5000 || d.Online {
		t.Errorf("who is only sent to is %+v", d)
	}
	if _, ok := r.Get(mac(2)); ok {
		t.Error("who is only sent to became a device")
	}
	answered := heard(1, start.Add(time.Second))
	answered.RxPackets, answered.RxBytes = 51, 5100
	r.Observe(start.Add(time.Second), Input{Devices: []capture.Device{answered}})
	if d := must(t, r, 1); d.RxPackets != 51 || d.RxBytes != 5100 || !d.Online {
		t.Errorf("once it is heard it is %+v", d)
	}
}

// TestRatesWaitForTheNextCount: where all is counted each four seconds, a steady flow has a steady rate in between.
func TestRatesWaitForTheNextCount(t *testing.T) {
	r := New(10)
	for second := range 40 {
		counts := uint64(second/4*4) * 5000
		in := counted(counts, 0)
		in.Uncounted = second%4 != 0
		r.Observe(start.Add(time.Duration(second)*time.Second), in)
		if d := must(t, r, 1); second > 8 && d.RxRate != 5000 {
			t.Fatalf("the rate is %d after %d s, want 5000", d.RxRate, second)
		}
	}
}

func TestASteadyFlowHasASteadyRateAndAnEndedOneNone(t *testing.T) {
	r := New(10)
	now, rx := start, uint64(0)
	for range 81 { // 20 s at four looks a second, about 12,345 bytes/s
		now, rx = now.Add(250*time.Millisecond), rx+12345/4
		r.Observe(now, counted(rx, 0))
	}
	d := must(t, r, 1)
	if d.RxRate != 12000 || d.TxRate != 0 {
		t.Errorf("rates %d and %d, want 12000 and 0", d.RxRate, d.TxRate)
	}
	r.Observe(now.Add(time.Second), counted(rx, 0))
	if d := must(t, r, 1); d.RxRate != 6200 {
		t.Errorf("rate %d a second after the end, want half", d.RxRate)
	}
	r.Observe(now.Add(time.Minute), Input{})
	if d := must(t, r, 1); d.RxRate != 0 {
		t.Errorf("rate %d a minute after the end, want none", d.RxRate)
	}
}

func TestARateChangesOnceASecondAndABurstShowsAtOnce(t *testing.T) {
	r := New(10)
	r.Observe(start, counted(0, 0))
	for ms := 250; ms < 900; ms += 250 {
		r.Observe(start.Add(time.Duration(ms)*time.Millisecond), counted(100_000, 0))
		if d := must(t, r, 1); d.RxRate != 0 {
			t.Errorf("rate %d after %d ms, want the last second's", d.RxRate, ms)
		}
	}
	r.Observe(start.Add(time.Second), counted(100_000, 0))
	if d := must(t, r, 1); d.RxRate != 50_000 {
		t.Errorf("rate %d after a second, want 50000", d.RxRate)
	}
}

func TestRatesGoOnAfterTheClockWasSetBack(t *testing.T) {
	r := New(10)
	r.Observe(start, counted(0, 0))
	back := start.Add(-time.Hour)
	r.Observe(back, counted(1000, 0))
	r.Observe(back.Add(time.Second), counted(2000, 0))
	if d := must(t, r, 1); d.RxRate == 0 {
		t.Error("no rate after the clock was set back")
	}
}
