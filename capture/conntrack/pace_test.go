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
	const sent = 50
	h.exchange(t, sent)
	heard := make(chan int, 1)
	l.hold.Lock()
	h.forget(t)
	go func() {
		_ = h.router.Do(func() error { return r.Dump(context.Background(), func(*Entry) {}) })
		heard <- len(l.heard())
	}()
	select {
	case n := <-heard:
		t.Errorf("it returned after %d ends, while %d waited", n, sent-n)
		l.hold.Unlock()
	case <-time.After(200 * time.Millisecond):
		l.hold.Unlock()
		if n := <-heard; n != sent {
			t.Errorf("it returned after %d ends, want %d", n, sent)
		}
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

func TestMarkHurriesTheReaderWhereSomethingWaits(t *testing.T) {
	p := pace{hurryC: make(chan struct{}, 1)}
	p.reads(unix.EAGAIN)
	if p.mark(holding(0)); len(p.hurryC) > 0 {
		t.Error("hurried although nothing waits")
	}
	if p.mark(holding(300)); len(p.hurryC) == 0 {
		t.Error("not hurried")
	}
}
