package cli

import (
	"testing"
	"time"

	"spinneret/ui"
)

func TestSizesHaveTwoDigitsAndAUnit(t *testing.T) {
	for bytes, want := range map[uint64]string{
		0: "0 B", 999: "999 B", 1000: "1.0 kB", 9949: "9.9 kB", 9950: "10 kB", 81200: "81 kB", 999499: "999 kB", 999500: "1.0 MB",
		9120000: "9.1 MB", 1<<64 - 1: "18 EB",
	} {
		if got := size(bytes); got != want {
			t.Errorf("%d is %q, want %q", bytes, got, want)
		}
	}
	if rate(0) != "-" || rate(1200) != "1.2 kB/s" {
		t.Errorf("rates are %q and %q", rate(0), rate(1200))
	}
}

func TestAgesHaveOneUnit(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for ago, want := range map[time.Duration]string{
		-time.Hour: "0 s", 59 * time.Second: "59 s", time.Minute: "1 min", time.Hour: "1 h", 47 * time.Hour: "47 h", 48 * time.Hour: "2 d",
	} {
		then := now.Add(-ago)
		if got := age(now, ui.At(then)); got != want {
			t.Errorf("%v ago is %q, want %q", ago, got, want)
		}
	}
	yesterday := now.Add(-24 * time.Hour)
	if got := clock(now, ui.At(yesterday)); got != "2026-11-20 12:00:00" {
		t.Errorf("yesterday is %q", got)
	}
	if age(now, nil) != "-" || clock(now, nil) != "-" {
		t.Error("a time that is not known is made up")
	}
}
