package dots

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"spinneret/dots/wire"
)

// Options of a Server. Zero values mean the usual ones.
type Options struct {
	Providers []Provider
	Home      Home
	Saved     []wire.Entry // mitigations of the last run
	Log       *slog.Logger
	Now       func() time.Time
	Limits    wire.Limits   // of what providers may ask for; among them the grace after a withdrawal
	Ranges    wire.Ranges   // of session configurations
	Refused   func(Refusal) // hears of requests that were turned down, a few a minute of each session
	Timing    Timing
}

// Refusal is a request that was turned down, for the owner to know.
type Refusal struct {
	Client wire.Client
	Code   wire.Code
	Text   string
}

// Server answers the requests of all providers (RFC 9066 calls the home's side so), for which it calls them.
type Server struct {
	o       Options
	callers []*caller
	turn    sync.Mutex // held while a decision and what it means to the home are one
	bookC   chan struct{}

	changedC chan struct{}

	mu        sync.Mutex
	book      *wire.Book
	lately    map[wire.Key]lastWord
	exchanges map[*exchange]bool // of sessions that are up
	sessions  []Session          // in the order of the providers
}

// New is a server; Run calls the providers.
func New(o Options) *Server {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Limits, o.Ranges = cmp.Or(o.Limits, wire.DefaultLimits()), cmp.Or(o.Ranges, wire.UsualRanges())
	o.Timing = o.Timing.complete()
	s := &Server{
		o: o, book: wire.NewBook(o.Limits), exchanges: map[*exchange]bool{}, lately: map[wire.Key]lastWord{},
		changedC: make(chan struct{}, 1), bookC: make(chan struct{}, 1),
	}
	s.book.Restore(o.Saved)
	for i, p := range o.Providers {
		s.callers = append(s.callers, &caller{s: s, provider: p, index: i, log: o.Log.With("provider", p.ID), talked: map[string]time.Time{}})
		s.sessions = append(s.sessions, Session{Provider: p.ID, State: Down, Since: o.Now(), Expires: p.expires()})
	}
	return s
}

// Run restores the mitigations of the last run and keeps a session with each provider until ctx ends, which is no
// error.
func (s *Server) Run(ctx context.Context) error {
	s.restore()
	var all sync.WaitGroup
	all.Go(func() { s.expire(ctx) })
	for _, c := range s.callers {
		all.Go(func() { c.run(ctx) })
	}
	all.Wait()
	return nil
}

// Sessions lists the sessions in the order of the providers.
func (s *Server) Sessions() []Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Session(nil), s.sessions...)
}

// Changed has a value after Mitigations or Sessions changed.
func (s *Server) Changed() <-chan struct{} { return s.changedC }

// session notes how the session with a provider stands.
func (s *Server) session(index int, state SessionState, err error) {
	s.mu.Lock()
	n := &s.sessions[index]
	if n.State != state {
		n.State, n.Since = state, s.o.Now()
	}
	switch {
	case err != nil:
		n.Error = oneLine(err)
	case state == Up:
		n.Error = ""
	}
	s.mu.Unlock()
	signal(s.changedC)
}

// signal leaves a value in a channel of one slot.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
