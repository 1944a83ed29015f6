package dots

import (
	"context"
	"errors"
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
	Limits    wire.Limits // of what providers may ask for; among them the grace after a withdrawal
	Timing    Timing
}

// Timing is how patient sessions are; tests shorten it.
type Timing struct {
	Heartbeat time.Duration // between heartbeats before anything was agreed (RFC 9132 section 4.7)
	Handshake time.Duration // until a peer that does not answer is given up
	BackOff   time.Duration // before the second attempt to connect, doubled for each further one
	LongBack  time.Duration // the longest wait between attempts
	Notify    time.Duration // the least time between notifications of drops (RFC 9132 section 4.4.2.1)
}

// Server answers the requests of all providers (RFC 9066 calls the home's side so), for which it calls them.
type Server struct {
	o        Options
	mu       sync.Mutex
	book     *wire.Book
	changedC chan struct{}
}

// New is a server; Run calls the providers.
func New(o Options) *Server {
	return &Server{o: o, book: wire.NewBook(wire.DefaultLimits()), changedC: make(chan struct{}, 1)}
}

// Run keeps a session with each provider until ctx ends, which is no error.
func (s *Server) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

// Update says how a mitigation goes. Its provider hears of a new status at once, of drops every few seconds.
func (s *Server) Update(k wire.Key, st wire.State) {}

// Release ends a mitigation because the owner did (wire.ServerEnded), or called its traffic legitimate (a conflict
// with wire.LegitimateTraffic): its provider hears so, and it is gone.
func (s *Server) Release(k wire.Key, st wire.State) {}

// Mitigations lists what providers asked for and is not over: what to keep for the next run.
func (s *Server) Mitigations() []wire.Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.book.All()
}

// Sessions lists the sessions in the order of the providers.
func (s *Server) Sessions() []Session { return nil }

// Changed has a value after Mitigations or Sessions changed.
func (s *Server) Changed() <-chan struct{} { return s.changedC }

// ParseCredentials reads one PEM file: the certificate that has our key, that key, and the CAs that sign providers.
func ParseCredentials(pem []byte) (Credentials, error) {
	return Credentials{}, errors.New("not there yet")
}
