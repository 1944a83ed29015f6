package traffic

import "spinneret/capture"

// Jump moves the times that a clock gave before it was set: else everything would have been silent for too long.
func (t *Tracker) Jump(j capture.Jump) {
	t.at = j.Moved(t.at)
	for e := range t.endpoints.all() {
		e.First, e.Last = j.Moved(e.First), j.Moved(e.Last)
	}
	for p := range t.pairs.all() {
		p.Last = j.Moved(p.Last)
	}
}
