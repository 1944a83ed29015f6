package link

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// Bounds on strangers: who did not say who it is within the time is let go, and not more than so many are heard at once
// over each transport; where that is not enough, who has half of them gets no more. pion keeps a state for each source
// of datagrams while its cookie is out, and sources can be forged: so there whoever has had its turn for some seconds,
// more than a busy provider takes for a thousand homes at once, gives it up where others wait. Those who forge datagrams
// leave TLS free.
const (
	handshakeTime = 15 * time.Second
	giveWayAfter  = 5 * time.Second
	maxHandshakes = 256
	maxOfSource   = maxHandshakes / 2
)

// turns are the callers of whom it is not known yet who they are.
type turns struct {
	slotC   chan struct{}
	giveWay time.Duration // after which the oldest goes, where others wait
	refused atomic.Uint64 // callers that were not let in

	mu      sync.Mutex
	oldest  []*turn // first
	sources map[netip.Prefix]int
}

// turn is one of them, as long as ctx lives.
type turn struct {
	ctx    context.Context
	cancel context.CancelFunc
	source netip.Prefix
	since  time.Time
}

func newTurns(giveWay time.Duration) *turns {
	return &turns{slotC: make(chan struct{}, maxHandshakes), giveWay: giveWay, sources: map[netip.Prefix]int{}}
}

// take waits for a turn; one goroutine calls it. There is none for a source that has half of them while
// there is no other, nor once ctx has ended.
func (t *turns) take(ctx context.Context, source netip.Prefix) (*turn, bool) {
	if len(t.slotC) == maxHandshakes && t.has(source) >= maxOfSource || !t.slot(ctx) {
		return nil, false
	}
	n := &turn{source: source, since: time.Now()}
	n.ctx, n.cancel = context.WithTimeout(ctx, handshakeTime)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.oldest = append(t.oldest, n)
	t.sources[source]++
	return n, true
}

// slot waits until one is free, for which the oldest may have to go.
func (t *turns) slot(ctx context.Context) bool {
	select {
	case t.slotC <- struct{}{}:
		return true
	default:
	}
	timer := time.NewTimer(t.patience())
	defer timer.Stop()
	select {
	case t.slotC <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	case <-timer.C:
		t.dismiss()
	}
	select {
	case t.slotC <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// done gives a turn back.
func (t *turns) done(n *turn) {
	n.cancel()
	t.mu.Lock()
	for i := range t.oldest {
		if t.oldest[i] == n {
			t.oldest = append(t.oldest[:i], t.oldest[i+1:]...)
			break
		}
	}
	if t.sources[n.source]--; t.sources[n.source] == 0 {
		delete(t.sources, n.source)
	}
	t.mu.Unlock()
	<-t.slotC
}

func (t *turns) has(source netip.Prefix) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.sources[source]
}

// patience is how long the oldest may still go on while another waits.
func (t *turns) patience() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.oldest) == 0 {
		return t.giveWay
	}
	return t.giveWay - time.Since(t.oldest[0].since)
}

// dismiss ends the oldest; it gives its turn back.
func (t *turns) dismiss() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.oldest) > 0 {
		t.oldest[0].cancel()
	}
}

// sourceOf is where a caller is: an IPv4 address, or the network of an IPv6 address.
func sourceOf(a net.Addr) netip.Prefix {
	at, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return netip.Prefix{}
	}
	addr, bits := at.Addr().Unmap().WithZone(""), 64
	if addr.Is4() {
		bits = 32
	}
	p, _ := addr.Prefix(bits)
	return p
}
