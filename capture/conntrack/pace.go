package conntrack

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/sys/unix"
)

// leastEvent is less than what any event takes of a receive buffer, in bytes: the kernel books its own
// structures as well.
const leastEvent = 256

// pace tells a dump how far a Listen has come with the events that wait in its socket.
type pace struct {
	mu    sync.Mutex // held over each try to read, so that idle says the same of the socket and of the reader
	idle  bool       // nothing waited at the last try, and all before it has been handed on
	left  bool       // nobody reads any more
	taken uint64     // events that were read

	goal    uint64        // reached is closed when so many have been handed on
	reached chan struct{} // nil if nobody waits
	hurryC  chan struct{} // told that somebody waits from now on
}

// try reads by read, which must not block. What was read before has been handed on by then.
func (p *pace) try(read func() (int, error)) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n, err := read()
	p.idle = err == unix.EAGAIN
	if p.idle || p.taken >= p.goal {
		p.reachLocked()
	}
	if err == nil {
		p.taken++
	}
	return n, err
}

// mark returns a channel that is closed once all that waits now has been handed on, or nobody reads any more.
// There is one mark at a time. waiting tells how many bytes of the receive buffer are in use: as more events may
// come all the time, not only an empty buffer counts, but also as many events as can have been in it.
func (p *pace) mark(waiting func() uint64) <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	bytes := waiting()
	reached := make(chan struct{})
	p.goal, p.reached = p.taken+bytes/leastEvent, reached
	if p.left || p.idle && bytes == 0 {
		p.reachLocked()
		return reached
	}
	select {
	case p.hurryC <- struct{}{}:
	default:
	}
	return reached
}

func (p *pace) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left = true
	p.reachLocked()
}

func (p *pace) reachLocked() {
	if p.reached != nil {
		close(p.reached)
		p.reached = nil
	}
}

// catchUp waits until what ended before now has been handed on by each Listen that runs.
func (r *Reader) catchUp(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, dumpLimit)
	defer cancel()
	for _, s := range r.losses.listening() {
		select {
		case <-s.pace.mark(s.waiting):
		case <-ctx.Done():
			return fmt.Errorf("wait for events: %w", ctx.Err())
		}
	}
	return nil
}
