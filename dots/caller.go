package dots

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"time"

	"spinneret/dots/wire"
)

// caller keeps the session with one provider. Its goroutine owns it.
type caller struct {
	s        *Server
	provider Provider
	index    int // of its Session
	log      *slog.Logger

	failures  int
	told      string // the last failure, which is logged once
	best      way    // that led there last, and until when it is tried first
	bestEnds  time.Time
	elsewhere *alternate
	talked    map[string]time.Time // when we were last with whom, by name
	ceiling   uint32               // of the heartbeat's interval, where the path forgot us at a longer one; 0: none
}

// alternate is where the provider sent us.
type alternate struct {
	name      string
	addresses []netip.Addr
	ends      time.Time // zero: never. At a ttl of 0 at once, which is when the attack is over (RFC 9132 section 4.6)
}

// run calls the provider until ctx ends.
func (c *caller) run(ctx context.Context) {
	for ctx.Err() == nil {
		err := c.call(ctx)
		if ctx.Err() != nil {
			break
		}
		if errors.Is(err, errTurn) {
			continue
		}
		c.failed(err)
		select {
		case <-ctx.Done():
		case <-time.After(c.s.o.Timing.wait(c.failures)):
		}
	}
	c.s.session(c.index, Down, nil)
}

// failed notes a failure, and says it where it is another than the last.
func (c *caller) failed(err error) {
	c.failures++
	c.s.session(c.index, Down, err)
	if text := oneLine(err); text != c.told {
		c.told = text
		c.log.Warn("no session with the provider", "err", text)
	}
}

// call connects once, and keeps that session until it ends.
func (c *caller) call(ctx context.Context) error {
	c.s.session(c.index, Connecting, nil)
	if c.expired(c.s.o.Now()) {
		c.elsewhere = nil
	}
	l, w, name, err := c.connect(ctx)
	if err != nil {
		if c.elsewhere != nil {
			c.log.Warn("cannot go where the provider sent us: back to where it was", "name", name, "err", oneLine(err))
			c.elsewhere = nil
			return errTurn
		}
		return err
	}
	now := c.s.o.Now()
	c.told = ""
	c.talked[name] = now
	c.s.session(c.index, Up, nil)
	c.log.Info("session with the provider", "peer", w.at.String(), "transport", w.transport(), "name", name)
	x := newExchange(c.s, c.provider.client(), l.datagrams(), now)
	x.ranges.Max.Heartbeat = c.bound(x.ranges)
	x.alternate = func(r wire.Redirection) *wire.Error { return c.refuse(name, r) }
	err = c.s.serve(ctx, l, x, func(now time.Time) bool { return c.over(now, x, w) })
	c.after(x, name, now)
	return err
}

// steady is how many seconds a session has to last to make up for failures before it.
const steady = 60

// after draws conclusions from a session that ended.
func (c *caller) after(x *exchange, name string, began time.Time) {
	now := c.s.o.Now()
	c.talked[name] = now
	if now.Sub(began) >= steady*c.s.o.Timing.Second {
		c.failures = 0
	}
	if x.moved != nil {
		c.follow(now, *x.moved)
		return
	}
	if !now.After(x.deadline()) { // the way was good until the provider ended it
		c.bestEnds = now.Add(c.s.o.Timing.Cache)
	}
	if usual := x.config.Idle.Heartbeat; x.datagrams && now.After(x.deadline()) && usual > wire.Defaults().Idle.Heartbeat {
		c.ceiling = max(usual/2, wire.Defaults().Idle.Heartbeat)
	}
}

// bound is the longest interval of heartbeats that the path has been seen to bear (RFC 9066 section 5.2.1).
func (c *caller) bound(r wire.Ranges) uint32 {
	if c.ceiling == 0 {
		return r.Max.Heartbeat
	}
	return min(c.ceiling, r.Max.Heartbeat)
}

// over reports whether a session that could go on should not: we were sent elsewhere, or are back from there, or it is
// time to see whether UDP works again.
func (c *caller) over(now time.Time, x *exchange, w way) bool {
	if x.moved != nil || c.expired(now) {
		return true
	}
	if w.stream && !c.s.active(x.client) && now.Sub(c.s.Sessions()[c.index].Since) > c.s.o.Timing.Reprobe {
		c.best = way{}
		return true
	}
	return false
}

// connect finds a way to the peer, and says the name that it proved.
func (c *caller) connect(ctx context.Context) (l link, w way, name string, err error) {
	t, err := newTrust(c.provider, c.s.o.Now)
	if err != nil {
		return nil, w, t.name, err
	}
	if c.elsewhere != nil {
		t.name = c.elsewhere.name
		l, w, err = c.reach(ctx, t, t.name, c.elsewhere.addresses)
		return l, w, t.name, err
	}
	if c.best.at.IsValid() && c.s.o.Now().Before(c.bestEnds) {
		ctx, cancel := context.WithTimeout(ctx, c.s.o.Timing.Handshake/2)
		defer cancel()
		if l, w, err = race(ctx, []way{c.best}, t, c.s.o.Timing.Stagger); err == nil {
			return l, w, t.name, nil
		}
	}
	c.best = way{}
	if l, w, err = c.reach(ctx, t, c.provider.Address, nil); err == nil {
		c.best, c.bestEnds = w, c.s.o.Now().Add(c.s.o.Timing.Cache)
	}
	return l, w, t.name, err
}

// reach tries all ways to a host whose addresses may be known.
func (c *caller) reach(ctx context.Context, t trust, host string, addresses []netip.Addr) (l link, w way, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.s.o.Timing.Handshake)
	defer cancel()
	if len(addresses) == 0 {
		if addresses, err = resolve(ctx, host); err != nil {
			return nil, w, err
		}
	}
	return race(ctx, ways(addresses, c.provider.Port, t.shared()), t, c.s.o.Timing.Stagger)
}
