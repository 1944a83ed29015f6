package ui

import (
	"encoding/json"
	"testing"
	"time"
)

func TestMillisecondsHaveThreeDigits(t *testing.T) {
	for after, want := range map[time.Duration]string{
		0: "12:00:00Z", 999: "12:00:00Z", 1_999_999: "12:00:00.001Z", time.Millisecond: "12:00:00.001Z", 120 * time.Millisecond: "12:00:00.120Z", 500 * time.Millisecond: "12:00:00.500Z",
	} {
		at := At(time.Date(2026, 11, 21, 13, 0, 0, 0, time.FixedZone("CET", 3600)).Add(after))
		text, err := json.Marshal(at)
		if err != nil || string(text) != `"2026-11-21T`+want+`"` {
			t.Errorf("%v is %s, %v", after, text, err)
		}
		var back Time
		if err := json.Unmarshal(text, &back); err != nil || !back.Equal(at.Time) {
			t.Errorf("%s is read as %v, %v", text, back, err)
		}
	}
}
