package dots

import (
	"context"
	"maps"
	"net/netip"
	"slices"
	"time"

	"spinneret/dots/wire"
)

// Mitigations lists what providers asked for and is not over: what to keep for the next run.
func (s *Server) Mitigations() []wire.Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.book.All()
}

// Update says how a mitigation goes. Its provider hears of a new status at once, of drops every few seconds.
func (s *Server) Update(k wire.Key, st wire.State) {
	s.mu.Lock()
	before, _ := s.book.Entry(k)
	news := s.book.Update(s.o.Now(), k, st)
	if news || before.Drops != st.Drops {
		s.tell(note{key: k, news: news})
	}
	s.mu.Unlock()
	if news {
		signal(s.changedC)
	}
}

// Release ends a mitigation because the owner did (wire.ServerEnded), or called its traffic legitimate (a conflict
// with wire.LegitimateTraffic): its provider hears so, and it is gone.
func (s *Server) Release(k wire.Key, st wire.State) {
	s.mu.Lock()
	now := s.o.Now()
	if e, there := s.book.Entry(k); there {
		e.Status, e.Drops, e.Conflict = st.Status, st.Drops, st.Conflict
		s.book.End(k)
		body := wire.EncodeReports(e.Report(now))
		s.tell(note{key: k, news: true, last: body})
		maps.DeleteFunc(s.lately, func(_ wire.Key, l lastWord) bool { return !now.Before(l.until) })
		s.lately[k] = lastWord{body, now.Add(s.o.Timing.Notify)}
	}
	s.mu.Unlock()
	signal(s.bookC)
	signal(s.changedC)
}

// lastWord is what is still said of a mitigation that the owner ended: its provider may have been about to observe it.
type lastWord struct {
	body  []byte
	until time.Time
}

// note tells sessions that a mitigation changed.
type note struct {
	key  wire.Key
	news bool   // another status, not just other counters
	last []byte // what is said of it last, where it is over
}

// tell hands a note to the sessions of its client; s.mu is held.
func (s *Server) tell(n note) {
	for x := range s.exchanges {
		if x.client != n.key.Client {
			continue
		}
		x.notes = append(x.notes, n)
		if len(x.notes) > 2*s.o.Limits.All {
			// The session is stuck in a write: what it missed it says again when its observers are refreshed.
			x.notes = slices.Delete(x.notes, 0, 1)
		}
		signal(x.wakeC)
	}
}

// verdict is what the home said about one request, before any lock was taken.
type verdict struct {
	ours       map[netip.Prefix]bool
	legitimate bool
}

func (v verdict) Ours(_ wire.Client, p netip.Prefix) bool     { return v.ours[p] }
func (v verdict) Legitimate(_ wire.Client, _ wire.Scope) bool { return v.legitimate }

func (s *Server) judge(c wire.Client, r wire.Request) verdict {
	v := verdict{ours: map[netip.Prefix]bool{}, legitimate: s.o.Home.Legitimate(c, r.Scope)}
	for _, p := range r.Sources {
		v.ours[p] = s.o.Home.Ours(c, p)
	}
	return v
}

// put decides on a request and tells the home what follows from it.
func (s *Server) put(k wire.Key, r wire.Request, ifMatch bool) wire.Answer {
	s.turn.Lock()
	defer s.turn.Unlock()
	v := s.judge(k.Client, r)
	s.mu.Lock()
	now := s.o.Now()
	a := s.book.Put(now, k, r, ifMatch, v)
	for _, e := range a.Replaced {
		s.last(now, e)
	}
	if a.New != nil || a.Refreshed != nil {
		s.tell(note{key: k, news: true})
	}
	s.mu.Unlock()
	for _, e := range a.Replaced {
		s.o.Home.End(e, Replaced)
	}
	for _, e := range []*wire.Entry{a.New, a.Refreshed} {
		if e != nil {
			s.o.Home.Mitigate(*e)
			s.changed()
		}
	}
	return a
}

func (s *Server) remove(k wire.Key) wire.Answer {
	s.mu.Lock()
	a := s.book.Delete(s.o.Now(), k)
	if a.Withdrawn != nil {
		s.tell(note{key: k, news: true})
	}
	s.mu.Unlock()
	if a.Withdrawn != nil {
		s.changed()
	}
	return a
}

func (s *Server) get(c wire.Client, cuid string, mid *uint32) wire.Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.o.Now()
	a := s.book.Get(now, c, cuid, mid)
	if a.Code == wire.NotFound && mid != nil {
		if l, there := s.lately[wire.Key{Client: c, CUID: cuid, MID: *mid}]; there && now.Before(l.until) {
			return wire.Answer{Code: wire.Content, Body: l.body}
		}
	}
	return a
}

// active reports whether a client has a mitigation in force.
func (s *Server) active(c wire.Client) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.book.Active(c)
}

// last tells of a mitigation that is over; s.mu is held.
func (s *Server) last(now time.Time, e wire.Entry) {
	e.Status = wire.Terminated
	s.tell(note{key: e.Key, news: true, last: wire.EncodeReports(e.Report(now))})
}

func (s *Server) changed() {
	signal(s.bookC)
	signal(s.changedC)
}

// restore tells the home of the mitigations of the last run.
func (s *Server) restore() {
	s.turn.Lock()
	defer s.turn.Unlock()
	s.over()
	for _, e := range s.Mitigations() {
		if slices.ContainsFunc(s.o.Providers, func(p Provider) bool { return p.client() == e.Client }) {
			s.o.Home.Mitigate(e)
			continue
		}
		s.mu.Lock()
		s.book.End(e.Key)
		s.mu.Unlock()
		s.o.Home.End(e, Orphaned)
	}
}

// expire ends mitigations when their time is over.
func (s *Server) expire(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		s.mu.Lock()
		next := s.book.Next()
		s.mu.Unlock()
		if !next.IsZero() {
			timer.Reset(max(next.Sub(s.o.Now()), time.Millisecond))
		}
		select {
		case <-ctx.Done():
			return
		case <-s.bookC:
		case <-timer.C:
			s.turn.Lock()
			s.over()
			s.turn.Unlock()
		}
	}
}

// over ends what is over; s.turn is held.
func (s *Server) over() {
	s.mu.Lock()
	now := s.o.Now()
	ended := s.book.Expire(now)
	for _, e := range ended {
		s.last(now, e)
	}
	s.mu.Unlock()
	for _, e := range ended {
		why := Expired
		if e.Status == wire.Withdrawn {
			why = Withdrawn
		}
		s.o.Home.End(e, why)
	}
	if len(ended) > 0 {
		signal(s.changedC)
	}
}
