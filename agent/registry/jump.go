package registry

import "spinneret/capture"

// Jump moves the times that a clock gave before it was set. What an earlier run knew has its times from then.
func (r *Registry) Jump(j capture.Jump) {
	for _, rec := range r.order {
		rec.First, rec.Last = j.Moved(rec.First), j.Moved(rec.Last)
		rec.contestedAt, rec.settled = j.Moved(rec.contestedAt), j.Moved(rec.settled)
	}
}
