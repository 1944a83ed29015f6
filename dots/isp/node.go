// Package isp is the provider's side of DOTS Call Home (RFC 9066): homes call it, it knows each by its certificate or
// key, and asks them to stop what attacks others.
package isp

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"spinneret/dots/isp/link"
	"spinneret/dots/isp/store"
)

// Options of a Node.
type Options struct {
	Config Config
	Log    *slog.Logger
	Now    func() time.Time
	Timing Timing
}

// Timing is how patient sessions are; tests shorten it. Zero values mean the usual ones.
type Timing struct {
	Repeat   time.Duration // before a request is said again that was not answered (RFC 9132 section 4.4)
	Quick    int           // so many times; then LongWait lies between them
	LongWait time.Duration
	Look     time.Duration // between looks into the mailbox, beside those that a letter prompts
	Retry    time.Duration // after a home that is too busy and does not say for how long
}

func (t *Timing) fill() {
	if t.Repeat == 0 {
		t.Repeat = 3 * time.Second
	}
	if t.Quick == 0 {
		t.Quick = 10
	}
	if t.LongWait == 0 {
		t.LongWait = 30 * time.Second
	}
	if t.Look == 0 {
		t.Look = 15 * time.Second
	}
	if t.Retry == 0 {
		t.Retry = time.Minute
	}
}

// Node is one running program: it holds the sessions of the homes that called it. The others, if there are any, are
// reached by the store alone.
type Node struct {
	o         Options
	store     *store.Store
	authority *authority
	homes     *link.Listener
	api       map[net.Listener]http.Handler

	mu   sync.Mutex
	held map[string][]*session // by home, the latest last: it gets the letters
}

// Open opens the store and the port for homes.
func Open(ctx context.Context, o Options) (*Node, error) {
	o.Timing.fill()
	kept, err := store.Open(ctx, store.Options{
		Dir: filepath.Join(o.Config.StateDir, "jetstream"), URL: o.Config.NATSURL, Credentials: o.Config.NATSCredentials,
		Replicas: o.Config.NATSReplicas, Node: o.Config.Node, Log: o.Log.With("room", "store"), Now: o.Now,
	})
	if err != nil {
		return nil, err
	}
	n := &Node{o: o, store: kept, held: map[string][]*session{}}
	if err := n.open(ctx); err != nil {
		kept.Close()
		return nil, err
	}
	return n, nil
}

func (n *Node) open(ctx context.Context) (err error) {
	if n.authority, err = openAuthority(ctx, n.store.Authority, n.o.Config.Name, n.o.Now); err != nil {
		return err
	}
	if err := n.store.Forget(ctx); err != nil {
		return err
	}
	n.homes, err = link.Listen(ctx, link.Options{
		Address: netip.AddrPortFrom(n.o.Config.Address, n.o.Config.Port), Certificate: n.authority.certificate,
		CA: n.authority.pool(), Home: n.whose, PSK: n.keyOf, Log: n.o.Log.With("room", "link"),
	})
	if err != nil {
		return err
	}
	if n.api, err = n.listenAPI(ctx); err != nil {
		return errors.Join(err, n.homes.Close())
	}
	n.store.Homes.OnChange(func(id string, h store.Home) {
		if h.Revoked {
			n.drop(id, func(*session) bool { return true })
		}
	})
	n.store.Sessions.OnChange(func(id string, v store.Session) {
		n.drop(id, func(s *session) bool { return v.Up && v.Node != n.o.Config.Node && v.Since.After(s.since) })
	})
	return n.store.Listen(n.wake)
}

// Address is where homes call.
func (n *Node) Address() netip.AddrPort { return n.homes.Address() }

// Run serves homes and the API until ctx ends, then closes everything.
func (n *Node) Run(ctx context.Context) error {
	defer n.store.Close()
	group, inner := errgroup.WithContext(ctx)
	group.Go(func() error { return n.store.Run(inner) })
	group.Go(func() error { return n.homes.Run(inner, n.serve) })
	group.Go(func() error { return n.serveAPI(inner) })
	return group.Wait()
}

var (
	errStranger = errors.New("this certificate is of no home that is enrolled")
	errRevoked  = errors.New("this home's enrolment is revoked")
)

// whose tells the home that has a certificate: it is to be one that we gave out and did not replace or revoke.
func (n *Node) whose(c *x509.Certificate) (string, error) {
	if c == nil {
		return "", errStranger
	}
	h, there := n.store.Homes.Get(c.Subject.CommonName)
	switch {
	case !there:
		return "", errStranger
	case h.Revoked:
		return "", errRevoked
	}
	print := fingerprint(c)
	for _, known := range h.Fingerprints {
		if known == print {
			return h.ID, nil
		}
	}
	return "", errStranger
}

// keyOf is the key that a home shares with us.
func (n *Node) keyOf(id string) ([]byte, error) {
	h, there := n.store.Homes.Get(id)
	switch {
	case !there || len(h.PSK) == 0:
		return nil, fmt.Errorf("no home with a shared key is called %.64q", id)
	case h.Revoked:
		return nil, errRevoked
	}
	return h.PSK, nil
}

// serve holds the session of one home that proved who it is.
func (n *Node) serve(ctx context.Context, c *link.Conn) {
	s := newSession(n, c)
	if err := n.hold(ctx, s); err != nil {
		s.log.Warn("a session could not be noted", "err", err)
		return
	}
	err := s.run(ctx)
	n.release(s)
	s.log.Info("a home's session is over", "why", err)
}

// maxSessions bounds the sessions of one home.
const maxSessions = 3

// hold notes a session. Earlier ones of the same home are its own to end: it may have called in two ways at once, and
// keep either (RFC 9132 section 4.3).
func (n *Node) hold(ctx context.Context, s *session) error {
	n.mu.Lock()
	list := append(n.held[s.home], s)
	if len(list) > maxSessions {
		_ = list[0].conn.Close()
		list = slices.Clone(list[1:])
	}
	n.held[s.home] = list
	n.mu.Unlock()
	return errors.Join(n.note(ctx, s), n.renewed(ctx, s.home, s.conn))
}

// note enters a session as the one of its home.
func (n *Node) note(ctx context.Context, s *session) error {
	ctx, cancel := context.WithTimeout(ctx, storeTime)
	defer cancel()
	_, err := n.store.Sessions.Change(ctx, s.home, func(v *store.Session, _ bool) error {
		*v = s.noted()
		return nil
	})
	return err
}

// release notes that a session is over, also while the program ends; one that its home has still takes its place.
func (n *Node) release(s *session) {
	n.mu.Lock()
	list := slices.DeleteFunc(slices.Clone(n.held[s.home]), func(o *session) bool { return o == s })
	if n.held[s.home] = list; len(list) == 0 {
		delete(n.held, s.home)
	}
	n.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), storeTime)
	defer cancel()
	err := n.store.Down(ctx, s.noted())
	if len(list) > 0 {
		last := list[len(list)-1]
		err = errors.Join(err, n.note(ctx, last))
		last.poke()
	}
	if err != nil {
		s.log.Warn("the end of a session could not be noted", "err", err)
	}
}

// drop ends the session of a home here, if it is one that is meant.
func (n *Node) drop(home string, meant func(*session) bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, s := range n.held[home] {
		if meant(s) {
			_ = s.conn.Close()
		}
	}
}

// latest reports whether a session is the one that gets its home's letters.
func (n *Node) latest(s *session) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	list := n.held[s.home]
	return len(list) > 0 && list[len(list)-1] == s
}

// wake tells the session of a home, if it is here, that there is a letter.
func (n *Node) wake(home string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if list := n.held[home]; len(list) > 0 {
		list[len(list)-1].poke()
	}
}
