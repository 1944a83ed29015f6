package agent

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"spinneret/agent/state"
)

// requestKept has a provider ask about the first device, and writes that down once the loop changed something.
func requestKept(t *testing.T, dir state.Dir, change func(asks)) {
	t.Helper()
	whileAsked(t, "ask", func(a asks) {
		a.flow(0, 40321)
		a.ask(1, 40321)
		keeper := newKeeper(dir, nil, slog.New(slog.DiscardHandler))
		if err := a.do(a.Context(), func() {
			a.home.keeper = keeper
			change(a)
			a.keepRequests()
		}); err != nil {
			t.Fatal(err)
		}
		keeper.save(requestFile, <-keeper.requestC, 0)
	})
}

// TestRequestsOutliveTheProgram, with what was dropped for them.
func TestRequestsOutliveTheProgram(t *testing.T) {
	dir, err := state.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	requestKept(t, dir, func(a asks) { a.home.requests.List[0].Dropped.Packets = 7 })
	whileAsked(t, "ask", func(a asks) {
		if err := a.do(a.Context(), func() { a.adoptRequests(dir) }); err != nil {
			t.Fatal(err)
		}
		if r := a.request(); r.ID != "r1" || r.State != "asking" || len(r.Devices) != 1 || r.DroppedPackets != 7 {
			t.Errorf("it comes back as %+v", r)
		}
		if r, err := a.Decide(a.Context(), "r1", "allow"); err != nil || r.State != "active" || len(a.rules(0)) != 1 {
			t.Errorf("allowed: %+v, %v", r, err)
		}
	})
}

// TestWhatWasDroppedIsWrittenDownAtTheEnd, however short ago that was done.
func TestWhatWasDroppedIsWrittenDownAtTheEnd(t *testing.T) {
	whileAsked(t, "flow", func(a asks) {
		a.flow(0, 40321)
		a.ask(1, 40321)
		keeper := newKeeper(state.Dir{}, nil, slog.New(slog.DiscardHandler))
		if err := a.do(a.Context(), func() {
			a.home.keeper = keeper
			a.home.requests.List[0].Dropped.Packets = 7
			a.lastDrops()
		}); err != nil {
			t.Fatal(err)
		}
		if r := a.request(); r.State != "active" {
			t.Fatalf("it is %+v", r)
		}
		select {
		case s := <-keeper.requestC:
			if s.List[0].Dropped.Packets != 7 {
				t.Errorf("written down is %+v", s.List[0].Dropped)
			}
		default:
			t.Error("nothing is written down")
		}
	})
}

// TestDamagedRequestsAreToldOnce: what is read in their place is written down.
func TestDamagedRequestsAreToldOnce(t *testing.T) {
	folder := t.TempDir()
	dir, err := state.Open(folder)
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, requestFile), []byte("torn"), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, told := range []int{1, 0} {
		o := Options{}
		o.setDefaults()
		h := newHome(o, slog.New(slog.DiscardHandler))
		h.keeper = newKeeper(dir, nil, h.log)
		h.adoptRequests(dir)
		h.keeper.saveLast()
		if got, _ := h.events.Since(0, 10); len(got) != told {
			t.Errorf("told is %+v, want %d of it", got, told)
		}
	}
}

// TestARequestKeepsWhatItHadLeftWhileTheClockIsWrong: the program ends before the clock is set, and starts after it.
func TestARequestKeepsWhatItHadLeftWhileTheClockIsWrong(t *testing.T) {
	dir, err := state.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	requestKept(t, dir, func(a asks) { a.home.clockSet = false })
	whileAsked(t, "ask", func(a asks) {
		var ends []time.Time
		err := a.do(a.Context(), func() {
			now := a.home.now
			a.home.now = func() time.Time { return now().AddDate(20, 0, 0) }
			a.adoptRequests(dir)
			for _, e := range a.home.requests.Entries() {
				ends = append(ends, e.Ends)
			}
			a.home.now = now
		})
		if err != nil || len(ends) != 1 || ends[0].Sub(a.now().AddDate(20, 0, 0)) != time.Hour {
			t.Errorf("it ends %v, %v, want an hour after it came back", ends, err)
		}
	})
}
