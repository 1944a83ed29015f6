package stream

import (
	"runtime/debug"
	"sync"
	"time"
)

const (
	// manyBytes is a frame of a home with some hundred parties.
	manyBytes = 64 << 10
	// reliefEvery bounds what relief costs: a page may ask for the whole home ten times a second.
	reliefEvery = 10 * time.Second
)

// relief gives back what writing large frames took, which is twice their octets. That collects all garbage, the dearest
// thing that a page can make a small router do.
type relief struct {
	mu   sync.Mutex
	last time.Time
}

// after is called when a frame of so many bytes was written.
func (r *relief) after(bytes int, now time.Time) {
	if r.due(bytes, now) {
		debug.FreeOSMemory()
	}
}

func (r *relief) due(bytes int, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if bytes <= manyBytes || !r.last.IsZero() && now.Sub(r.last) < reliefEvery {
		return false
	}
	r.last = now
	return true
}
