package conntrack

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// dumpBuffer holds what the kernel puts into one read of a dump: up to 32 KiB as of Linux 6.18.
	dumpBuffer = 64 << 10

	// dumpLimit ends a dump that does not: the largest tables of routers take a second.
	dumpLimit = 30 * time.Second
)

// Reader reads the connections of the network namespace in which its methods are called.
type Reader struct {
	// ReceiveBuffer is how many bytes of events may wait, zero for DefaultReceiveBuffer. It must not change
	// while Listen runs.
	ReceiveBuffer int
	// Subscribed, if not nil, is called by Listen once every end from then on will be heard. It must not block.
	Subscribed func()

	mu    sync.Mutex // one dump at a time
	buf   []byte
	entry Entry

	malformed atomic.Uint64
	losses    losses
}

// Dump hands every connection to fn, one at a time, from the calling goroutine. fn must not keep the Entry. A
// dump is no snapshot: connections come and go while it runs, and when the kernel resizes its table meanwhile
// some may be missing or come twice.
//
// Where Listen runs beside it, Dump returns only after Listen has handed on what ended before: so what a dump
// lacks, and no event told of, ended unheard. It must not be called from Listen's fn.
//
// It returns ctx's error if that ends first. Messages that make no sense are counted in Losses and skipped.
func (r *Reader) Dump(ctx context.Context, fn func(*Entry)) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.buf == nil {
		r.buf = make([]byte, dumpBuffer)
	}
	err := r.dumpLocked(ctx, fn)
	if err == nil {
		err = r.catchUp(ctx)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("dump conntrack: %w", advise(err))
	}
	return nil
}

func (r *Reader) dumpLocked(ctx context.Context, fn func(*Entry)) error {
	s, err := dial(0)
	if err != nil {
		return err
	}
	defer s.close()
	stop, err := s.bind(ctx, dumpLimit)
	if err != nil {
		return err
	}
	defer stop()
	if _, err := s.file.Write(request(msgGet, unix.NLM_F_DUMP)); err != nil {
		return err
	}
	for {
		n, err := s.file.Read(r.buf)
		if err != nil {
			return err
		}
		if done, err := r.process(r.buf[:n], msgNew, &r.entry, fn); done || err != nil {
			return err
		}
	}
}

// process hands the connections of one read to fn; done is true when the kernel says that these were all.
func (r *Reader) process(b []byte, kind uint16, e *Entry, fn func(*Entry)) (done bool, err error) {
	for rest := messages(b); ; {
		m, ok, err := rest.next()
		switch {
		case err != nil:
			r.malformed.Add(1) // what follows it cannot be found
			return false, nil
		case !ok:
			return false, nil
		case m.kind == unix.NLMSG_DONE, m.kind == unix.NLMSG_ERROR:
			return true, m.fault()
		case m.kind != kind:
			continue
		}
		if err := e.parse(m.body); err != nil {
			r.malformed.Add(1)
			continue
		}
		fn(e)
	}
}

// longestPause keeps what is shown from going stale where there are very many connections: a dump takes a third of a
// second by then.
const longestPause = 20 * time.Second

// Interval returns how long to wait after a dump that took lastDump of a processor, so that dumps take 1.7 % of a core,
// and more only where the pause would be too long: what somebody waits for to move comes sooner, by nflog and by events.
func Interval(lastDump time.Duration) time.Duration {
	return min(max(time.Second, 60*lastDump), longestPause)
}

var errNoAnswer = errors.New("kernel gave no answer")
