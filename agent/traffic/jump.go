package traffic

import (
	"time"

	"spinneret/capture"
)

// instant is a time in nanoseconds since 1970, 0 where there is none: a third of a time.Time.
type instant int64

func instantOf(t time.Time) instant {
	if t.IsZero() {
		return 0
	}
	return instant(t.UnixNano())
}

func (i instant) time() time.Time {
	if i == 0 {
		return time.Time{}
	}
	return time.Unix(0, int64(i)).UTC()
}

// Jump moves the times that a clock gave before it was set: else everything would have been silent for too long.
func (t *Tracker) Jump(j capture.Jump) {
	t.at = j.Moved(t.at)
	for e := range t.endpoints.all() {
		e.first, e.last = e.first.moved(j), e.last.moved(j)
	}
	for p := range t.pairs.all() {
		p.last = p.last.moved(j)
	}
}

func (i instant) moved(j capture.Jump) instant { return instantOf(j.Moved(i.time())) }
