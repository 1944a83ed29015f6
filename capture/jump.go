package capture

import "time"

// Jump is what a clock did that was set: by how much, and the times that it showed before, as far as they matter. A
// router has no battery: it starts in 1970, or with the time of its newest file, and hears what day it is minutes later.
type Jump struct {
	By       time.Duration
	From, To time.Time // what the clock showed before
	Since    time.Time // and the first that it can have shown after
}

// Moved is the right time in the place of one that was taken before. What lies elsewhere stays: it is from after the
// jump, or from another run.
func (j Jump) Moved(t time.Time) time.Time {
	before, after := !t.Before(j.From) && !t.After(j.To), !t.Before(j.Since) && !t.After(j.To.Add(j.By))
	if before && !after {
		return t.Add(j.By)
	}
	return t
}

func (j Jump) move(nanos *int64) { *nanos = j.Moved(time.Unix(0, *nanos)).UnixNano() }

// Jump moves the times of flows and devices, so that none seems to have been idle for decades.
func (t *Table) Jump(j Jump) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range t.records {
		if r := &t.records[i]; r.state&live != 0 {
			j.moveRecord(r)
		}
	}
	for i := range t.finished.records {
		j.moveRecord(&t.finished.records[i])
	}
	for i := range t.devices {
		if d := &t.devices[i]; !d.mac.IsZero() {
			j.move(&d.first)
			j.move(&d.last)
			if d.disputed != 0 {
				j.move(&d.disputed)
			}
		}
	}
}

func (j Jump) moveRecord(r *record) {
	j.move(&r.first)
	j.move(&r.last)
	j.move(&r.moved)
}
