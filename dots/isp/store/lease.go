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
		if err := s.renew(ctx); err != nil && ctx.Err() == nil {
			s.o.Log.Warn("our lease could not be renewed", "err", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

func (s *Store) renew(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, renewTime)
	defer cancel()
	_, err := s.leases.Change(ctx, s.o.Node, func(l *lease, _ bool) error {
		l.Until = s.o.Now().Add(leaseTime)
		return nil
	})
	return err
}

// Held reports whether a session is up: its node says so and is itself there.
func (s *Store) Held(session Session) bool {
	if !session.Up {
		return false
	}
	l, _ := s.leases.Get(session.Node)
	return session.Node == s.o.Node || s.o.Now().Before(l.Until)
}

// Forget marks the sessions down that an earlier run of this node left: it may have been killed.
func (s *Store) Forget(ctx context.Context) error {
	var ours []string
	s.Sessions.Each(func(v Session) bool {
		if v.Node == s.o.Node && v.Up {
			ours = append(ours, v.Home)
		}
		return true
	})
	for _, home := range ours {
		if err := s.Down(ctx, Session{Home: home, Node: s.o.Node}); err != nil {
			return err
		}
	}
	return s.renew(ctx)
}

// Down notes that a session of ours ended, unless a later one took its place. A Number of zero stands for any.
func (s *Store) Down(ctx context.Context, old Session) error {
	_, err := s.Sessions.Change(ctx, old.Home, func(v *Session, there bool) error {
		if !there || v.Node != old.Node || old.Number != 0 && v.Number != old.Number || !v.Up {
			return errSame
		}
		v.Up, v.Since = false, s.o.Now()
		return nil
	})
	return ignore(err)
}
