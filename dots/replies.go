package dots

import (
	"time"

	"spinneret/dots/coap"
)

const (
	keptReplies = 64
	// nonLifetime is how long a message ID stands for the same message (RFC 7252 section 4.8.2: NON_LIFETIME; a
	// confirmable one may take longer, but DOTS requests are harmless when they come twice).
	nonLifetime = 145 * time.Second
)

// replies are the latest answers by the ID of what they answer: the same message again gets the same answer.
type replies struct {
	list [keptReplies]struct {
		id  uint16
		at  time.Time
		out []coap.Message
	}
	next int
}

func (r *replies) find(now time.Time, id uint16) ([]coap.Message, bool) {
	for i := range r.list {
		if e := &r.list[i]; e.id == id && !e.at.IsZero() && now.Sub(e.at) < nonLifetime {
			return e.out, true
		}
	}
	return nil, false
}

func (r *replies) keep(now time.Time, id uint16, out []coap.Message) {
	e := &r.list[r.next%keptReplies]
	e.id, e.at, e.out = id, now, out
	r.next++
}

// bucket lets size requests through at once, and one more in every interval.
type bucket struct {
	size  int
	every time.Duration
	used  int
	since time.Time
}

func (b *bucket) take(now time.Time) bool {
	if freed := int(now.Sub(b.since) / b.every); freed > 0 {
		b.used, b.since = max(b.used-min(freed, b.size), 0), now
	}
	if b.used >= b.size {
		return false
	}
	b.used++
	return true
}
