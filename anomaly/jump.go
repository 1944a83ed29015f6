package anomaly

import (
	"time"

	"spinneret/capture"
)

// Jump moves the times that were taken from a clock that was set since. What runs begins anew: a minute that lasts for
// decades is nobody's habit.
func (d *Detector) Jump(j capture.Jump) {
	d.mu.Lock()
	defer d.mu.Unlock()
	move := func(nanos *int64) { *nanos = j.Moved(time.Unix(0, *nanos)).UnixNano() }
	for _, rec := range d.order {
		p, knew := rec.past, rec.now.knew
		move(&p.first)
		move(&p.last)
		*rec = device{mac: rec.mac, past: p, begun: rec.begun, seen: rec.seen, now: current{knew: knew}}
	}
	for _, f := range d.ledger.all {
		f.Start, f.Found, f.match.from = j.Moved(f.Start), j.Moved(f.Found), 0
		if !f.End.IsZero() {
			f.End = j.Moved(f.End)
		}
		move(&f.last)
	}
	clear(d.claims)
	d.last, d.judged, d.answeredAt, d.resumedAt = 0, 0, 0, 0
}
