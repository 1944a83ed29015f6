package dots

import (
	"cmp"
	"math/rand/v2"
	"time"
)

// Timing is how patient sessions are. Zero values mean the usual ones; tests shorten them.
type Timing struct {
	Second    time.Duration // of the heartbeat intervals that peers agree on
	Handshake time.Duration // until a peer that does not answer is given up
	Stagger   time.Duration // between the starts of two ways to one peer (RFC 9132 section 4.3)
	Cache     time.Duration // how long the way that led there is tried first (RFC 9132 section 4.3)
	Reprobe   time.Duration // on TLS: until DTLS is tried again (RFC 9132 section 4.3)
	Retry     time.Duration // before the second attempt to connect
	BackOff   time.Duration // before the third, doubled for each further one (RFC 9132 section 4.7: 60 s at least)
	LongBack  time.Duration // the longest wait between attempts
	Notify    time.Duration // the least time between notifications that are no news (RFC 9132 section 4.4.2.1)
	Refresh   time.Duration // the most
}

func (t Timing) complete() Timing {
	usual := func(d *time.Duration, v time.Duration) { *d = cmp.Or(*d, v) }
	usual(&t.Second, time.Second)
	usual(&t.Handshake, 20*time.Second)
	usual(&t.Stagger, 500*time.Millisecond)
	usual(&t.Cache, 10*time.Minute)
	usual(&t.Reprobe, 24*time.Hour)
	usual(&t.Retry, 10*time.Second)
	usual(&t.BackOff, time.Minute)
	usual(&t.LongBack, 5*time.Minute)
	usual(&t.Notify, 3*time.Second)
	usual(&t.Refresh, time.Minute)
	return t
}

// wait is how long to wait after so many failures in a row; up to as much again, at random, keeps all the homes of a
// provider that was away for a moment from coming back at once.
func (t Timing) wait(failures int) time.Duration {
	d := t.Retry
	if failures > 1 {
		d = min(t.BackOff<<min(failures-2, 10), t.LongBack)
	}
	return d + rand.N(d+1)
}
