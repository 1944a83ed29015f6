package account

import (
	"context"
	"testing"
	"time"

	"spinneret/capture"
	"spinneret/capture/conntrack"
)

// TestADumpThatOnlyWaitedCostsNothing, so that the next comes soon also where others keep the processors busy.
func TestADumpThatOnlyWaitedCostsNothing(t *testing.T) {
	const waited = 50 * time.Millisecond
	a := New(capture.NewTable(capture.Limits{}), Config{})
	a.read = func(context.Context, func(*conntrack.Entry)) error {
		time.Sleep(waited)
		return nil
	}
	if err := a.dump(t.Context()); err != nil {
		t.Fatal(err)
	}
	if cost := time.Duration(a.lastDump.Load()); cost >= waited {
		t.Errorf("a dump that waited %v cost %v", waited, cost)
	}
}
