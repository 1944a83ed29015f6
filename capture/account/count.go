package account

import (
	"context"
	"errors"
	"net/netip"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"spinneret/capture"
	"spinneret/capture/conntrack"
)

// count counts until ctx ends, reading fails, or the kernel can do more or less than it could.
func (a *Accountant) count(ctx context.Context, events bool) {
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	a.table.SetVolumes(capture.FromConntrack)
	var listener sync.WaitGroup
	var deaf error
	if events {
		select {
		case <-a.hearC: // of an earlier try
		default:
		}
		listener.Go(func() {
			defer cancel()
			deaf = a.listen(inner)
		})
		// A connection that a dump saw must not end unheard.
		select {
		case <-a.hearC:
		case <-inner.Done():
		}
	}
	err := a.dumpOn(inner, events)
	cancel()
	listener.Wait()
	if err = errors.Join(err, deaf); err != nil && ctx.Err() == nil {
		a.cfg.Log.Warn("could not read conntrack, trying again", "err", err)
		a.doubt = true
		if a.probe(ctx).Accounting.OK {
			pause(ctx, a.every)
		}
	}
}

// listen books the ends of connections.
func (a *Accountant) listen(ctx context.Context) error {
	return a.cfg.Enter(func() error {
		return a.reader.Listen(ctx, func(event conntrack.Event, e *conntrack.Entry) {
			if event == conntrack.Lost {
				a.Kick() // a dump has what was not too late for it
				return
			}
			a.tell(e, (*conntrack.Deltas).Ended, time.Now())
		})
	})
}

// dumpOn dumps in turn, and when kicked, and looks now and then what the kernel is able to. It returns nil when
// that has changed.
func (a *Accountant) dumpOn(ctx context.Context, events bool) error {
	next, look := time.NewTimer(0), time.NewTicker(a.every)
	defer next.Stop()
	defer look.Stop()
	var done time.Time
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-look.C:
			if a.changed(ctx, events) {
				return nil
			}
		case <-a.kickC:
			next.Reset(a.soonest() - time.Since(done))
		case <-next.C:
			if err := a.dump(ctx); err != nil && ctx.Err() == nil {
				return err
			}
			done = time.Now()
			next.Reset(conntrack.Interval(time.Duration(a.lastDump.Load())))
		}
	}
}

// changed looks whether the kernel is able to what it was. Events that it lost are tried again at once: who
// switched them off has no less of them for that.
func (a *Accountant) changed(ctx context.Context, events bool) bool {
	able := a.probe(ctx)
	if able.Accounting.OK && !able.Events.OK && !a.cfg.NoEvents {
		able = a.prepare(ctx)
	}
	return !able.Accounting.OK || able.Events.OK != events
}

// soonest is the pause after a dump that even a kick leaves: at most a tenth of a core goes into dumps, but for the slowest.
// It puts off none whose turn it is.
func (a *Accountant) soonest() time.Duration {
	last := time.Duration(a.lastDump.Load())
	return min(max(leastPause, 10*last), conntrack.Interval(last))
}

// dump books what all connections carried since the last time.
func (a *Accountant) dump(ctx context.Context) error {
	runtime.LockOSThread() // its own time is counted
	defer runtime.UnlockOSThread()
	start, before, silent := time.Now(), threadTime(), 0
	a.deltas.Begin()
	err := a.cfg.Enter(func() error {
		return a.read(ctx, func(e *conntrack.Entry) {
			if !e.HasCounters {
				silent++
			}
			a.tell(e, (*conntrack.Deltas).Seen, start)
		})
	})
	a.deltas.End(err == nil)
	if err == nil {
		a.silent.Store(uint64(silent))
		a.lastDump.Store(int64(threadTime() - before))
		a.counted.Store(start.UnixNano())
		a.dumps.Add(1)
	}
	return err
}

// threadTime is what this thread took of a processor: what it waits for one that is busy makes no dump dearer.
func threadTime() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		return 0
	}
	return time.Duration(t.Nano())
}

// tell books what is new about one connection.
func (a *Accountant) tell(
	e *conntrack.Entry, ask func(*conntrack.Deltas, *conntrack.Entry) conntrack.Delta, now time.Time,
) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if d := ask(a.deltas, e); !d.IsZero() {
		a.table.Account(&capture.Counted{
			Initiator: netip.AddrPortFrom(e.Orig.Src, e.Orig.SrcPort), Asked: netip.AddrPortFrom(e.Orig.Dst, e.Orig.DstPort),
			Responder: netip.AddrPortFrom(e.Reply.Src, e.Reply.SrcPort), AnswersTo: netip.AddrPortFrom(e.Reply.Dst, e.Reply.DstPort),
			Protocol: e.Orig.Protocol, ICMPType: e.Orig.ICMP.Type, Sent: capture.Volume(d.Orig), Answered: capture.Volume(d.Reply),
			Ended: d.Ended || closed(e), Time: now,
		})
	}
}

// closed reports whether both sides of a TCP connection have closed it; the kernel waits two minutes more.
func closed(e *conntrack.Entry) bool {
	return e.TCPState == conntrack.TCPTimeWait || e.TCPState == conntrack.TCPClose
}
