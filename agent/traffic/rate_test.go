package traffic

import (
	"testing"
	"time"
)

func TestARateIsShownWithTwoDigits(t *testing.T) {
	for x, want := range map[float32]int64{
		0: 0, 1: 1, 7.4: 7, 9.6: 10, 12.4: 12, 99.4: 99, 99.6: 100, 123: 120, 125: 130, 999: 1000, 9_990: 10_000,
		51_499: 51_000, 1e9 + 1: 1e9, 1.26e9: 1_300_000_000,
	} {
		if r := (Rate{perSec: x}); r.PerSecond() != want {
			t.Errorf("%v B/s are shown as %d, want %d", x, r.PerSecond(), want)
		}
	}
}

func TestARateRisesByHalfEachSecondHoweverLongTheRound(t *testing.T) {
	for _, took := range []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second} {
		var r Rate
		for range 4 * time.Second / took {
			r.Add(uint64(16_000 * took.Seconds()))
			r.Settle(took)
		}
		if got := r.PerSecond(); got != 15_000 {
			t.Errorf("in rounds of %v four seconds of 16000 B/s give %d, want 15000", took, got)
		}
	}
}
