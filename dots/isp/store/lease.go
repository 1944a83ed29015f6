package store

import (
	"context"
	"time"
)

// A node renews its lease often enough to miss one renewal.
const (
	leaseTime = 30 * time.Second
	renewTime = 10 * time.Second
)

// keepLease says that this node is there until ctx ends. A failure is no reason to end: while NATS cannot be reached,
// others take our sessions for lost, and may.
func (s *Store) keepLease(ctx context.Context) error {
	tick := time.NewTicker(renewTime)
	defer tick.Stop()
	for {
		if err := s.renew(ctx, leaseTime); err != nil && ctx.Err() == nil {
			s.o.Log.Warn("our lease could not be renewed", "err", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			if err := s.renew(context.WithoutCancel(ctx), 0); err != nil {
				s.o.Log.Warn("our lease could not be ended", "err", err)
			}
			return nil
		}
	}
}

// renew says that this node is there for so long from now on, and since when.
func (s *Store) renew(ctx context.Context, d time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, renewTime)
	defer cancel()
	_, err := s.leases.Change(ctx, s.o.Node, func(l *lease, _ bool) error {
		*l = lease{Since: s.o.Began, Until: s.o.Now().Add(d)}
		return nil
	})
	return err
}

// Held reports whether a session is up: its node says so and is itself there, in the same run. So a node that ends, or
// was killed, need not write a word for each of its homes.
func (s *Store) Held(session Session) bool {
	up, _ := s.Standing(session)
	return up
}

// Standing is Held, and since when.
func (s *Store) Standing(v Session) (up bool, since time.Time) {
	if !v.Up {
		return false, v.Since
	}
	l, _ := s.leases.Get(v.Node)
	if v.Node == s.o.Node {
		l = lease{Since: s.o.Began, Until: s.o.Now().Add(leaseTime)}
	}
	switch {
	case !v.Began.Equal(l.Since):
		return false, l.Since // that run was over by then
	case !s.o.Now().Before(l.Until):
		return false, l.Until
	}
	return true, v.Since
}

// Down notes that a session of ours ended, unless a later one took its place.
func (s *Store) Down(ctx context.Context, old Session) error {
	_, err := s.Sessions.Change(ctx, old.Home, func(v *Session, there bool) error {
		if !there || v.Node != old.Node || v.Number != old.Number || !v.Up {
			return errSame
		}
		v.Up, v.Since = false, s.o.Now()
		return nil
	})
	return ignore(err)
}
