package link

import (
	"log/slog"
	"net"
	"sync"
	"time"
)

// maxRebuffs is how many callers that are not let in the log names in a minute: whoever scans ports, or forges
// handshakes, is not to fill the disk. The rest are counted.
const maxRebuffs = 20

// rebuffs log callers that are not let in.
type rebuffs struct {
	log *slog.Logger

	mu     sync.Mutex
	since  time.Time
	told   int
	untold int
}

func (r *rebuffs) tell(now time.Time, from net.Addr, why error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now.Sub(r.since) >= time.Minute {
		r.since, r.told = now, 0
	}
	if r.told++; r.told > maxRebuffs {
		r.untold++
		return
	}
	log := r.log
	if r.untold > 0 {
		log = log.With("untold", r.untold)
		r.untold = 0
	}
	log.Info("a caller is not let in", "from", from, "err", why)
}
