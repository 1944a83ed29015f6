package anomaly

import (
	"testing"
	"time"

	"spinneret/capture/packet"
)

// TestWhatIsUsualInTheEveningIsAPeakAtNight, once the hours are known: a camera that sends its day's film at six.
func TestWhatIsUsualInTheEveningIsAPeakAtNight(t *testing.T) {
	h := newHouse()
	maker := h.host("cameras.example")
	minute := func(film bool) {
		sent := uint64(40_000)
		if film {
			sent = 30_000_000
		}
		h.talks(camMAC, maker, 443, packet.ProtoTCP, sent, 2_000)
		h.second()
		h.now = h.now.Add(59 * time.Second)
	}
	until := func(day, hour int) {
		for end := monday.Add(time.Duration(24*day+hour) * time.Hour); h.now.Before(end); {
			minute(h.now.Hour() == 18)
		}
	}
	until(4, 19) // four evenings, and the fifth begins as usual
	h.wants(t)
	until(8, 3) // Tuesday of the next week
	h.wants(t)
	minute(true)
	h.wants(t, "warning peak sent: sent 30 MB in a minute; normal is up to 66 kB a minute, and the most ever was 30 MB")
}

// TestAnHourIsKnownAfterThreeDays, follows upwards at once, and downwards slowly.
func TestAnHourIsKnownAfterThreeDays(t *testing.T) {
	var w week
	for day, v := range []uint64{1000, 900, 8000, 0, 0} {
		w.add(7, v)
		usual, known := w.usual(7)
		if want := []uint64{1023, 1023, 8191, 4095, 2047}[day]; usual != want || known != (day >= 2) {
			t.Errorf("after day %d it reaches %d, known %v; want %d", day, usual, known, want)
		}
	}
	if _, known := w.usual(8); known {
		t.Error("another hour is known too")
	}
}
