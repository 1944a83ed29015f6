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
	"sync"
	"sync/atomic"
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
	Look     time.Duration // between looks for letters whose word was missed
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
		t.Look = time.Minute
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
	began     time.Time
	taken     atomic.Uint64 // sessions so far
	anonymous atomic.Uint64 // calls of the API that were turned away

	mu   sync.Mutex
	held map[string][]*session // by home, see hold
}

// Open opens the store and the port for homes.
func Open(ctx context.Context, o Options) (*Node, error) {
	o.Timing.fill()
	began := o.Now()
	kept, err := store.Open(ctx, store.Options{
		Dir: filepath.Join(o.Config.StateDir, "jetstream"), URL: o.Config.NATSURL, Credentials: o.Config.NATSCredentials,
		Replicas: o.Config.NATSReplicas, Node: o.Config.Node, Began: began, Log: o.Log.With("room", "store"), Now: o.Now,
	})
	if err != nil {
		return nil, err
	}
	n := &Node{o: o, store: kept, held: map[string][]*session{}, began: began}
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
		n.drop(id, func(s *session) bool { return !h.Admits(s.proof) })
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
	group.Go(func() error { return n.lookForLetters(inner) })
	group.Go(func() error { return n.homes.Run(inner, n.serve) })
	group.Go(func() error { return n.serveAPI(inner) })
	return group.Wait()
}

var (
	errStranger = errors.New("this certificate is of no home that is enrolled")
	errRevoked  = errors.New("this home's enrolment is revoked")
	errReplaced = errors.New("what this home calls with was replaced by a later enrolment, or revoked")
)

// whose tells the home that has a certificate: it is to be one that we gave out and did not replace or revoke.
func (n *Node) whose(c *x509.Certificate) (string, error) {
	if c == nil {
		return "", errStranger
	}
	name := c.Subject.CommonName // our CA signed it, or we are not asked
	h, there := n.store.Homes.Get(name)
	switch {
	case !there:
		return "", fmt.Errorf("home %s: %w", name, errStranger)
	case h.Revoked:
		return "", fmt.Errorf("home %s: %w", name, errRevoked)
	case !h.Admits(fingerprint(c)):
		return "", fmt.Errorf("home %s: %w", name, errReplaced)
	}
	return h.ID, nil
}

// keyOf is the key that a home shares with us.
func (n *Node) keyOf(id string) ([]byte, error) {
	h, there := n.store.Homes.Get(id)
	switch {
	case !there || len(h.PSK) == 0:
		return nil, fmt.Errorf("no home with a shared key is called %.64q", id)
	case h.Revoked:
		return nil, fmt.Errorf("home %s: %w", id, errRevoked)
	}
	return h.PSK, nil
}
