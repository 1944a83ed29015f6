package stream

import (
	"testing"
	"time"
)

func TestPagesThatAskForAllCannotHaveMemoryCollectedAllTheTime(t *testing.T) {
	var r relief
	start, times := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC), 0
	for i := range 300 { // of eight pages, within half a minute
		if r.due(manyBytes+1, start.Add(time.Duration(i)*100*time.Millisecond)) {
			times++
		}
	}
	if times != 3 {
		t.Errorf("it was collected %d times in 30 s, want 3", times)
	}
	if r.due(manyBytes, start.Add(time.Hour)) {
		t.Error("it was collected for a small frame")
	}
}
