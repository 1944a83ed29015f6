package decide

import (
	"time"

	"spinneret/dots/wire"
)

// quiet is how long nothing must come for an attack to have stopped.
const quiet = 60 * time.Second

// rateOver is what rates are averages of (RFC 9132 section 4.4.2), sampled in pieces.
const (
	rateOver  = 5 * time.Minute
	rateEvery = 10 * time.Second
)

// Meter turns counts into rates.
type Meter struct{ samples []sample }

type sample struct {
	at             time.Time
	packets, bytes uint64
}

// Add takes what was counted by now and returns the averages of the last five minutes, or of as much as there was.
func (m *Meter) Add(now time.Time, packets, bytes uint64) (packetsRate, bytesRate uint64) {
	if n := len(m.samples); n == 0 || now.Sub(m.samples[n-1].at) >= rateEvery {
		m.samples = append(m.samples, sample{now, packets, bytes})
	}
	for len(m.samples) > 1 && now.Sub(m.samples[0].at) > rateOver {
		m.samples = m.samples[1:]
	}
	oldest := m.samples[0]
	seconds := uint64(now.Sub(oldest.at) / time.Second)
	if seconds == 0 {
		return 0, 0
	}
	return (packets - min(oldest.packets, packets)) / seconds, (bytes - min(oldest.bytes, bytes)) / seconds
}

// Count takes what was dropped for the request's orders.
func (r *Request) Count(now time.Time, m *Meter, packets, bytes uint64) {
	packets, bytes = packets+r.Before.Packets, bytes+r.Before.Bytes
	if packets > r.Dropped.Packets {
		r.LastDrop = now
	}
	r.Dropped.Packets, r.Dropped.Bytes = max(packets, r.Dropped.Packets), max(bytes, r.Dropped.Bytes)
	r.Dropped.PacketsRate, r.Dropped.BytesRate = m.Add(now, r.Dropped.Packets, r.Dropped.Bytes)
}

// Status is how a request stands in the numbers of RFC 9132 section 8.1.
func (r *Request) Status(now time.Time) wire.Status {
	switch r.State {
	case Logged, Failed:
		return wire.Exceeded
	case Active:
		last := r.LastDrop
		if last.IsZero() {
			last = r.Acted
		}
		switch {
		case !r.Held:
			return wire.InProgress
		case now.Sub(last) >= quiet:
			return wire.Stopped
		}
		return wire.Mitigated
	case Released, Refused, WithdrawnOver, ExpiredOver:
		return wire.ServerEnded
	case Asking:
	}
	return wire.InProgress
}
