package conntrack

import (
	"context"
	"errors"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A machine that is busy lets many ends wait while dumps go on.
func TestDumpReturnsAfterTheEndsBeforeItAreHandedOn(t *testing.T) {
	h := newHome(t)
	var r Reader
	l := listen(t, h, &r)
	sent := h.exchange(t, "192.168.1.163", "198.51.100.7:53", 50, 28)
	heard := make(chan int, 1)
	l.hold.Lock()
	h.forget(t)
	go func() {
		_ = h.router.Do(func() error { return r.Dump(context.Background(), func(*Entry) {}) })
		heard <- len(l.heard())
	}()
	select {
	case n := <-heard:
		t.Errorf("it returned after %d ends, while %d waited", n, len(sent)-n)
		l.hold.Unlock()
	case <-time.After(200 * time.Millisecond):
		l.hold.Unlock()
		if n := <-heard; n != len(sent) {
			t.Errorf("it returned after %d ends, want %d", n, len(sent))
		}
	}
}

func TestEndsThatAreReadLateCountOnce(t *testing.T) {
	h := newHome(t)
	m := NewMeter(MeterConfig{Limit: 4096, Events: true})
	m.interval = func(time.Duration) time.Duration { return time.Millisecond }
	l := newLedger()
	h.start(t, m, func(e *Entry, d Delta) {
		l.take(e, d)
		if d.Ended { // many dumps of the empty table find room before the last end is told
			time.Sleep(2 * time.Millisecond)
		}
	})
	sent := h.exchange(t, "192.168.1.163", "198.51.100.7:53", 50, 28)
	eventually(t, "a dump has seen every flow", func() bool { return m.Stats().Used >= len(sent) })
	h.forget(t)
	eventually(t, "every flow has ended", func() bool { return l.ends() == len(sent) })
	for port, f := range sent {
		if got := l.sent(port); got != f.sent {
			t.Errorf("%v: counted %v, the far side %v", port, got, f.sent)
		}
	}
	if s := m.Stats(); s.Vanished != 0 {
		t.Errorf("%d flows are said to have ended unheard", s.Vanished)
	}
}

func (p *pace) reads(err error) { _, _ = p.try(func() (int, error) { return 0, err }) }

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func holding(bytes uint64) func() uint64 { return func() uint64 { return bytes } }

func TestMarkIsReachedWhenWhatWaitedIsHandedOn(t *testing.T) {
	var p pace
	p.reads(nil)
	mark := p.mark(holding(0))
	if closed(mark) {
		t.Error("reached while an event is being handed on")
	}
	if p.reads(unix.EAGAIN); !closed(mark) {
		t.Error("not reached when nothing was left")
	}
	if !closed(p.mark(holding(0))) {
		t.Error("not reached although nothing waits")
	}
	mark = p.mark(holding(300))
	if closed(mark) {
		t.Error("reached although one came just now")
	}
	p.reads(unix.ENOBUFS)
	if p.reads(nil); closed(mark) {
		t.Error("reached before the one was handed on")
	}
	if p.reads(nil); !closed(mark) { // more come, and none was ever missing
		t.Error("not reached when the one was handed on")
	}
}

func TestMarkIsReachedWhileEventsComeWithoutEnd(t *testing.T) {
	var p pace
	mark := p.mark(holding(10 * leastEvent))
	for range 10 {
		if p.reads(nil); closed(mark) {
			t.Fatal("reached too early")
		}
	}
	if p.reads(nil); !closed(mark) {
		t.Error("not reached after as many events as can have waited")
	}
}

func TestNobodyWaitsForAListenThatIsOver(t *testing.T) {
	var p pace
	mark := p.mark(holding(1000))
	if p.leave(); !closed(mark) || !closed(p.mark(holding(1000))) {
		t.Error("not reached")
	}
}

func TestDumpThatWaitsForEventsEndsWithItsContext(t *testing.T) {
	n := newNS(t, "quiet")
	var r Reader
	inside(t, n, func() error {
		s, err := r.dialEvents() // and nobody reads
		if err != nil {
			return err
		}
		defer s.close()
		defer r.losses.leave(s)
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if err := r.Dump(ctx, func(*Entry) {}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the context's error", err)
		}
		return nil
	})
}
