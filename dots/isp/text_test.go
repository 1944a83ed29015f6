package isp

import (
	"testing"
	"time"
)

func TestDurationsAreGosWithDaysInFront(t *testing.T) {
	const day = 24 * time.Hour
	for text, want := range map[string]time.Duration{
		"90s": 90 * time.Second, "1h30m": 90 * time.Minute, "7d": 7 * day, "1d12h": 36 * time.Hour, "0d": 0, "1d0.5h": day + 30*time.Minute,
	} {
		if got, err := parseDuration(text); err != nil || got != want {
			t.Errorf("%q: %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "d", "7", "1.5d", "-1d", "+1d", "1d-1h", "1d+1h", "1d1", "12h1d", "1d1d", "99999999999999999999d"} {
		if got, err := parseDuration(text); err == nil {
			t.Errorf("%q: %v, want an error", text, got)
		}
	}
}

func TestTextsOfHomesSteerNoTerminal(t *testing.T) {
	for text, want := range map[string]string{
		"no such path":             "no such path",
		"a\x1b[31mb\x7f\u009b2Jc":  "a[31mb2Jc",
		"turned\u202e round\u2028": "turned round",
		"\xff":                     "",
	} {
		if got := clip([]byte(text)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
