package agent

import (
	"testing"
	"time"

	"spinneret/agent/decide"
	"spinneret/dots/wire"
	"spinneret/ui"
)

// TestAClockThatIsSetBreaksNoAge: the router starts in 1970, hears what day it is, and a minute later that this is so.
func TestAClockThatIsSetBreaksNoAge(t *testing.T) {
	w := newPastHome(t)
	believed := false
	boot := time.Unix(30, 0)
	w.at, w.lastTick, w.started, w.clockSet = boot, boot, boot, false
	w.enforcer = newEnforcer(&fakeKernel{}, func(*savedQuarantines) error { return nil }, w.log)
	w.uptime = func() time.Duration { return w.up }
	w.isClockSet = func(time.Time) bool { return believed }
	asked := w.requests.Enter(wire.Entry{Received: boot, Ends: boot.Add(time.Hour)}, decide.PolicyAsk)
	w.sends(5000)
	w.passes(5 * time.Minute) // which ends it
	w.sends(5001)
	w.second()
	if flows := w.asks(t, ui.HistoryQuery{}); len(flows) != 1 || flows[0].First != nil {
		t.Fatalf("before the clock is set the history has %+v", flows)
	}

	w.at = epoch
	w.second()
	w.passes(time.Minute)
	if n := len(w.table.AppendFlows(nil, nil)); n != 1 {
		t.Errorf("%d flows live through the jump, want the one that was not idle", n)
	}
	believed = true
	w.second()
	if d := w.devices()[0]; !near(&d.FirstSeen.Time, epoch.Add(-5*time.Minute)) || !near(&d.LastSeen.Time, epoch) || !d.Online {
		t.Errorf("the device was first seen %v, last %v, online %v", d.FirstSeen, d.LastSeen, d.Online)
	}
	if e := asked.Entry; !near(&e.Received, epoch.Add(-5*time.Minute)) || !near(&e.Ends, epoch.Add(55*time.Minute)) {
		t.Errorf("a provider's request came %v and ends %v", e.Received, e.Ends)
	}
	if s := w.status(); !near(&s.Started.Time, epoch.Add(-5*time.Minute)) {
		t.Errorf("it started %v", s.Started)
	}
	list, _ := w.events.Since(0, 100)
	for _, e := range list {
		if at := e.Time; at.Before(epoch.Add(-10 * time.Minute)) {
			t.Errorf("at %v: %s", at, e.Text)
		}
	}

	w.passes(5 * time.Minute)
	w.second()
	flows := w.asks(t, ui.HistoryQuery{From: epoch.Add(-time.Hour), To: epoch.Add(time.Hour)})
	if len(flows) != 2 || !near(&flows[0].First.Time, epoch) || !near(&flows[1].First.Time, epoch.Add(-5*time.Minute)) || !near(&flows[1].Last.Time, epoch.Add(-5*time.Minute)) {
		t.Errorf("the history has %+v", flows)
	}
}

// TestABelievedClockMovesNothing: the machine slept, and what was before was then.
func TestABelievedClockMovesNothing(t *testing.T) {
	w := newPastHome(t)
	w.enforcer = newEnforcer(&fakeKernel{}, func(*savedQuarantines) error { return nil }, w.log)
	w.uptime = func() time.Duration { return w.up }
	w.sends(5000)
	w.second()
	w.at = w.at.Add(8 * time.Hour)
	w.second()
	if d := w.devices()[0]; !near(&d.FirstSeen.Time, epoch) {
		t.Errorf("the device was first seen %v", d.FirstSeen)
	}
	if flows := w.asks(t, ui.HistoryQuery{}); len(flows) != 1 || !near(&flows[0].First.Time, epoch) {
		t.Errorf("the history has %+v", flows)
	}
}

// near allows the seconds that the test itself takes.
func near(got *time.Time, want time.Time) bool {
	return got != nil && got.Sub(want).Abs() < 10*time.Second
}
