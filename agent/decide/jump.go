package decide

import (
	"time"

	"spinneret/capture"
)

// Jump moves the times that were taken from a clock that was wrong: a request keeps the time that it had left. What goes
// by the monotonic clock goes by the clock on the wall from then on, as all that is written down does.
func (q *Requests) Jump(j capture.Jump) {
	for _, r := range q.List {
		before := r.Entry.Received.Round(0)
		if after := j.Moved(before); !after.Equal(before) {
			r.Entry.Received, r.Entry.Ends = after, r.Entry.Ends.Round(0).Add(j.By)
		}
		for _, t := range []*time.Time{&r.Entry.Start, &r.LookedAt, &r.Again, &r.Acted, &r.Spared, &r.LastDrop} {
			if !t.IsZero() {
				*t = j.Moved(t.Round(0))
			}
		}
	}
}

// Unsure gives requests that were written down at a time that no right clock showed as much time as they had left then.
// What came under a right clock before has an end that lies further away than any lifetime.
func (q *Requests) Unsure(at, now time.Time, longest time.Duration) {
	for _, r := range q.List {
		if left := r.Entry.Ends.Sub(at); left > 0 && left <= longest {
			r.Entry.Received, r.Entry.Ends = now, now.Add(left)
		}
	}
}
