package store

import (
	"context"
	"errors"
	"strconv"
	"time"
)

// maxMID is where a client begins again (RFC 9132 section 4.4.1.1).
const maxMID = 3221225471

// errSame ends a change that would change nothing.
var errSame = errors.New("nothing to change")

func ignore(err error) error {
	if errors.Is(err, errSame) {
		return nil
	}
	return err
}

// NextMID is a number that no earlier request to this home had.
func (s *Store) NextMID(ctx context.Context, home string) (uint32, error) {
	return s.mids.Change(ctx, home, func(v *uint32, _ bool) error {
		if *v++; *v > maxMID {
			*v = 1
		}
		return nil
	})
}

// maxSkip bounds what a home can make us skip, which may lie.
const maxSkip = 1 << 16

// SkipTo has the next number be higher than this one, and reports whether it would not have been.
func (s *Store) SkipTo(ctx context.Context, home string, mid uint32) (skipped bool, err error) {
	_, err = s.mids.Change(ctx, home, func(v *uint32, _ bool) error {
		if mid <= *v || mid-*v > maxSkip || mid > maxMID {
			return errSame
		}
		*v = mid
		return nil
	})
	return err == nil, ignore(err)
}

// Create numbers a request, keeps it, and posts it to its home.
func (s *Store) Create(ctx context.Context, r Request) (Request, error) {
	if err := s.makeRoom(ctx); err != nil {
		return r, err
	}
	mid, err := s.NextMID(ctx, r.Home)
	if err != nil {
		return r, err
	}
	r.MID, r.ID, r.State = mid, r.Home+"-"+strconv.FormatUint(uint64(mid), 10), Waiting
	r, err = s.Requests.Change(ctx, r.ID, func(v *Request, _ bool) error {
		*v = r
		return nil
	})
	if err != nil {
		return r, err
	}
	if err := s.Post(ctx, r.Home, Letter{Operation: Put, Request: r.ID}, r.Ends.Sub(s.o.Now())); err != nil {
		return r, errors.Join(err, s.Requests.Remove(ctx, r.ID, func(Request) bool { return true }))
	}
	return r, nil
}

// sameEnd is how far the end of a request may move without a word to its home: who asks twice did not hear us.
const sameEnd = time.Minute

// Prolong gives a request a lifetime from now on, of which its home hears as of a request with the same number (RFC 9132
// section 4.4.1.3). It comes back as it then is, and empty where it is over meanwhile.
func (s *Store) Prolong(ctx context.Context, id string, lifetime time.Duration) (Request, error) {
	now, tell := s.o.Now(), false
	ends, before := now.Add(lifetime), Request{}
	r, err := s.Requests.Change(ctx, id, func(r *Request, _ bool) error {
		if tell, before = false, *r; r.Takeback || r.At(now).Over() {
			return errOver
		}
		if tell = ends.Sub(r.Ends).Abs() >= sameEnd; !tell {
			return errSame
		}
		r.Lifetime, r.Ends = lifetime, ends
		return nil
	})
	switch {
	case errors.Is(err, errOver):
		return Request{}, nil
	case ignore(err) != nil || !tell:
		return r, ignore(err)
	}
	if err := s.Post(ctx, r.Home, Letter{Operation: Put, Request: id}, lifetime); err != nil {
		return r, errors.Join(err, s.Tell(ctx, id, func(r *Request) bool {
			mine := r.Ends.Equal(ends)
			if mine {
				r.Lifetime, r.Ends = before.Lifetime, before.Ends
			}
			return mine
		}))
	}
	return r, nil
}

var errOver = errors.New("it is over")

// makeRoom forgets the oldest request that is over, where there are too many.
func (s *Store) makeRoom(ctx context.Context) error {
	if s.Requests.Len() < MaxRequests {
		return nil
	}
	now, oldest := s.o.Now(), Request{}
	s.Requests.Each(func(r Request) bool {
		if r.At(now).Over() && (oldest.ID == "" || r.Ends.Before(oldest.Ends)) {
			oldest = r
		}
		return true
	})
	if oldest.ID == "" {
		return ErrFull
	}
	return s.Requests.Remove(ctx, oldest.ID, func(r Request) bool { return r.At(now).Over() })
}

// Withdraw takes a request back: at once where its home never heard of it, else once the home did. The request as it
// then is comes back, and false where there is none.
func (s *Store) Withdraw(ctx context.Context, id string) (Request, bool, error) {
	if _, there := s.Requests.Get(id); !there {
		return Request{}, false, nil
	}
	now, tell := s.o.Now(), false
	r, err := s.Requests.Change(ctx, id, func(r *Request, _ bool) error {
		if tell = r.Takeback; r.At(now).Over() || r.Takeback { // told again: the letter may not have been posted
			return errSame
		}
		r.Why = ""
		if r.Takeback, tell = true, r.State != Waiting; !tell {
			r.State = Withdrawn
		}
		return nil
	})
	if err = ignore(err); err != nil || !tell || r.At(now).Over() {
		return r, true, err
	}
	return r, true, s.Post(ctx, r.Home, Letter{Operation: Delete, Request: id}, r.Ends.Sub(now))
}

// Tell notes what was heard of a request; change reports whether that is news.
func (s *Store) Tell(ctx context.Context, id string, change func(r *Request) bool) error {
	_, err := s.Requests.Change(ctx, id, func(r *Request, there bool) error {
		if !there || !change(r) {
			return errSame
		}
		return nil
	})
	return ignore(err)
}
