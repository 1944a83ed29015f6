package conntrack

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// DefaultReceiveBuffer is room for about 3,000 events, a flood's share of a tenth of a second. The kernel
	// doubles the number for its own overhead, and uses memory only for events that wait.
	DefaultReceiveBuffer = 2 << 20

	// eventBuffer holds one event; they come one in a read and take about 300 bytes.
	eventBuffer = 8 << 10

	// eventPause is how long a Listen lets events come together once one has come: a flood would wake it for each.
	eventPause = 10 * time.Millisecond
)

// Event says why Listen called.
type Event uint8

const (
	// Destroyed comes with a connection that ended, and its final counters.
	Destroyed Event = iota
	// Lost comes without a connection: some ended unheard, because the receive buffer was full. A dump tells
	// which are still there.
	Lost
)

// Listen hands every connection that ends to fn, from the calling goroutine, until ctx ends, and then returns
// nil. fn must not keep the Entry, and is nil with Lost. Connections that began while
// net.netfilter.nf_conntrack_events was 0, or 2 and nobody listened, end unheard: see Setup.
func (r *Reader) Listen(ctx context.Context, fn func(Event, *Entry)) error {
	s, err := r.dialEvents()
	if err != nil {
		return err
	}
	if r.Subscribed != nil {
		r.Subscribed()
	}
	return r.listen(ctx, s, fn)
}

// dialEvents opens the socket of Listen. Only the group of ends is joined: events of new connections cost a
// router a twentieth of its forwarding rate.
func (r *Reader) dialEvents() (*socket, error) {
	s, err := dial(unix.NFNLGRP_CONNTRACK_DESTROY)
	if err != nil {
		return nil, fmt.Errorf("listen to conntrack: %w", err)
	}
	size := r.ReceiveBuffer
	if size == 0 {
		size = DefaultReceiveBuffer
	}
	if err := s.setReceiveBuffer(size); err != nil {
		s.close()
		return nil, fmt.Errorf("listen to conntrack: set receive buffer: %w", err)
	}
	r.losses.follow(s)
	return s, nil
}

// listen reads events from s until ctx ends, and closes s.
func (r *Reader) listen(ctx context.Context, s *socket, fn func(Event, *Entry)) error {
	defer s.close()
	defer r.losses.leave(s)
	ear, err := newEar(ctx, s)
	if err != nil {
		return fmt.Errorf("listen to conntrack: %w", err)
	}
	defer ear.close()
	e := new(Entry)
	destroyed := func(e *Entry) { fn(Destroyed, e) }
	for {
		b, err := ear.next(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.ENOBUFS):
			r.losses.overrun()
			fn(Lost, nil)
			continue
		case err != nil:
			return fmt.Errorf("listen to conntrack: %w", err)
		}
		if _, err := r.process(b, msgDelete, e, destroyed); err != nil {
			return fmt.Errorf("listen to conntrack: %w", err)
		}
	}
}

// Losses is what a Reader could not deliver since it was made.
type Losses struct {
	Overruns  uint64 // times that the receive buffer of events was full
	Events    uint64 // connections that ended unheard
	Malformed uint64 // messages of the kernel that made no sense
}

// Losses returns what was lost so far.
func (r *Reader) Losses() Losses {
	overruns, events := r.losses.total()
	return Losses{Overruns: overruns, Events: events, Malformed: r.malformed.Load()}
}

// losses adds up what the sockets of one Listen after the other dropped.
type losses struct {
	mu       sync.Mutex
	open     map[*socket]struct{} // those whose counts still grow in the kernel
	overruns uint64
	dropped  uint64 // by sockets that are closed
}

func (l *losses) follow(s *socket) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open == nil {
		l.open = map[*socket]struct{}{}
	}
	l.open[s] = struct{}{}
}

func (l *losses) leave(s *socket) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dropped += s.drops()
	delete(l.open, s)
	s.pace.leave()
}

func (l *losses) overrun() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.overruns++
}

func (l *losses) total() (overruns, dropped uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	dropped = l.dropped
	for s := range l.open {
		dropped += s.drops()
	}
	return l.overruns, dropped
}

// listening returns the sockets of every Listen that runs.
func (l *losses) listening() []*socket {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Collect(maps.Keys(l.open))
}
