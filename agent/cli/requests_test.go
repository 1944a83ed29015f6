package cli

import (
	"strings"
	"testing"
	"time"

	"spinneret/ui"
)

// TestRequestsAreListed with who is meant by name, where it has one, and by MAC where it has none.
func TestRequestsAreListed(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 4, 31, 0, time.UTC)
	if got := requestsText(nil, nil, now); got != "no provider asked for anything\n" {
		t.Errorf("without requests: %q", got)
	}
	got := requestsText([]ui.Request{
		{ID: "r1", Provider: "isp", State: "active", Devices: []string{"02:00:00:00:00:01"}, Target: []string{"198.51.100.7:53/udp"}, DroppedPackets: 2348, Why: "outside port 40321 is this device's since 12:01:10"},
		{ID: "r2", Provider: "isp", State: "failed", Target: []string{"198.51.100.8"}, Why: "no device of this home matches"},
		{ID: "r3", Provider: "isp", State: "asking", Devices: []string{"02:00:00:00:00:01", "02:00:00:00:00:02"}, Target: []string{"198.51.100.9"}},
	}, map[string]string{"02:00:00:00:00:01": "bulb"}, now)
	for i, want := range [][]string{
		{"ID", "PROVIDER", "RECEIVED", "STATE", "DEVICES", "TARGET", "DROPPED", "WHY"},
		{"r1", "isp", "active", "bulb", "198.51.100.7:53/udp", "2348", "outside port 40321"},
		{"r2", "isp", "failed", "-", "198.51.100.8", "0", "no device of this home matches"},
		{"r3", "isp", "asking", "bulb, 02:00:00:00:00:02", "198.51.100.9", "0", "-"},
	} {
		line, at := strings.Split(got, "\n")[i], 0
		for _, word := range want {
			n := strings.Index(line[at:], word)
			if n < 0 {
				t.Fatalf("line %d lacks %q in its place:\n%s", i, word, got)
			}
			at += n + len(word)
		}
	}
}
