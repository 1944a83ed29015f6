package neigh

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// pace is the shortest time between two snapshots: at most five a second, whatever the network does. Where a read
// takes long, because somebody fills the tables with made-up addresses, a rest of readRest times that comes after it.
const (
	pace     = 200 * time.Millisecond
	readRest = 20
)

// maxFailures is how many reads in a row may fail before Watch gives up.
const maxFailures = 5

// groups are the kernel's notices that something of a Snapshot changed (enum rtnetlink_groups).
const groups = 1<<(unix.RTNLGRP_LINK-1) | 1<<(unix.RTNLGRP_NEIGH-1) |
	1<<(unix.RTNLGRP_IPV4_IFADDR-1) | 1<<(unix.RTNLGRP_IPV6_IFADDR-1) |
	1<<(unix.RTNLGRP_IPV4_ROUTE-1) | 1<<(unix.RTNLGRP_IPV6_ROUTE-1)

// noticeBuffer holds the notices of some thousand moves that come while this program does not run.
const noticeBuffer = 1 << 20

// emptyAfter is how long a queue of notices that is empty gives none.
const emptyAfter = time.Millisecond

// Watch gives fn the present Snapshot, then a new one after each change, at most five a second, from the calling
// goroutine. It ends with nil when ctx does. Like Read it looks at the calling thread's network namespace.
//
// The notices only say that something changed; what is then read again is everything. A home's tables take a
// millisecond to read, and so a lost notice (ENOBUFS) needs no other care than any notice does. Moves of stations
// are the exception: those that come and go between two reads are in the notices alone, and after a lost one what is
// read tells the moves.
func Watch(ctx context.Context, fn func(Snapshot)) error {
	events, err := netlink.Dial(unix.NETLINK_ROUTE, &netlink.Config{Groups: groups})
	if err != nil {
		return fmt.Errorf("subscribe to rtnetlink: %w", err)
	}
	if err := events.SetReadBuffer(noticeBuffer); err != nil {
		events.Close()
		return fmt.Errorf("subscribe to rtnetlink: %w", err)
	}
	moves := newMover()
	changed, failed, done := make(chan struct{}, 1), make(chan error, 1), make(chan struct{})
	go func() {
		defer close(done)
		failed <- listen(events, moves, changed)
	}()
	err = follow(ctx, changed, failed, moves.read, fn)
	events.Close()
	<-done
	return err
}

// read is Read with the moves that the notices told.
func (m *mover) read(ctx context.Context) (Snapshot, error) {
	behind := m.begin()
	s, err := Read(ctx)
	if err != nil {
		m.failed(behind)
		return s, err
	}
	m.complete(&s, behind)
	return s, nil
}

// listen tells moves of the notices, and says on changed that there were any, until events is closed. Once a notice
// found no room the kernel drops all that follow, and says so no more, until somebody has read what is waiting
// (netlink_overrun in net/netlink/af_netlink.c).
func listen(events *netlink.Conn, moves *mover, changed chan<- struct{}) error {
	for deaf := false; ; {
		if deaf {
			_ = events.SetReadDeadline(time.Now().Add(emptyAfter)) // fails once closed: the next Receive says so
		}
		notices, err := events.Receive()
		switch {
		case errors.Is(err, os.ErrClosed):
			return nil
		case errors.Is(err, unix.ENOBUFS):
			deaf = true
			moves.lost()
		case deaf && errors.Is(err, os.ErrDeadlineExceeded):
			deaf = false
			moves.hears()
			_ = events.SetReadDeadline(time.Time{})
		case err != nil:
			return fmt.Errorf("receive from rtnetlink: %w", err)
		}
		for _, m := range notices {
			moves.notice(m)
		}
		select {
		case changed <- struct{}{}:
		default: // one is waiting already
		}
	}
}

// follow reads at start and after each change, no faster than pace, and hands over what differs from before.
func follow(ctx context.Context, changed <-chan struct{}, failed <-chan error,
	read func(context.Context) (Snapshot, error), fn func(Snapshot),
) error {
	var last *Snapshot
	failures := 0
	for {
		again, began := changed, time.Now()
		s, err := read(ctx)
		pause := max(pace, readRest*time.Since(began))
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && failures+1 >= maxFailures:
			return err
		case err != nil:
			failures++
			again = ready
		default:
			failures = 0
			if last == nil || !last.equal(s) {
				last = &s
				fn(s)
			}
		}
		if stop, err := rest(ctx, pause, again, failed); stop {
			return err
		}
	}
}

// ready is a change that is always there: what failed is read again without waiting for one.
var ready = func() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// rest waits out the pause and then for the next change; stop is true when there will be none.
func rest(ctx context.Context, pause time.Duration, changed <-chan struct{}, failed <-chan error) (stop bool, err error) {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return true, nil
	case err := <-failed:
		return true, err
	case <-timer.C:
	}
	select {
	case <-ctx.Done():
		return true, nil
	case err := <-failed:
		return true, err
	case <-changed:
		return false, nil
	}
}
