package capture

import (
	"time"

	"spinneret/capture/packet"
)

// How long a flow stays after its last packet.
const (
	// idleEnded leaves room for what comes after the last FIN: retransmissions (Linux gives up a closed
	// connection after 10 to 60 s).
	idleEnded = 30 * time.Second
	// idleTCP is long, because between two of a sleeping device's keep-alives nothing is seen at all; 15
	// minutes is what push services count on.
	idleTCP = 15 * time.Minute
	// idleOther is conntrack's limit for UDP with answers (120 s, RFC 4787 REQ-5 asks for no less) and a little
	// more, so that a flow is not gone here before it is in the kernel.
	idleOther = 3 * time.Minute
)

// Sweep forgets flows that were idle for too long. Devices stay: only a full table gives one up.
func (t *Table) Sweep(now time.Time) {
	at := now.UnixNano()
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range t.records {
		if r := &t.records[i]; r.state&live != 0 && at-r.last > r.patience() {
			t.finish(int32(i))
		}
	}
}

// patience is how long the flow may be idle, in nanoseconds.
func (r *record) patience() int64 {
	switch {
	case r.state&ended != 0:
		return int64(idleEnded)
	case r.key.family != familyNone && r.key.proto == packet.ProtoTCP:
		return int64(idleTCP)
	}
	return int64(idleOther)
}
