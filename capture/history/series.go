package history

import (
	"math/bits"
	"time"

	"spinneret/capture/packet"
)

// Bucket is what a device received and sent in one step of time.
type Bucket struct {
	At               time.Time
	RxBytes, TxBytes uint64
}

// MaxBuckets bounds an answer.
const MaxBuckets = 10000

// Buckets returns what a device received and sent from one time to another, in steps. A flow is taken to have
// carried its bytes evenly, and so is a sum. Nil where the times make no sense or more than MaxBuckets.
func (s *Store) Buckets(device packet.MAC, from, to time.Time, step time.Duration) []Bucket {
	id, known := s.macs.find(mac(device))
	a := axis{from: from.UnixMilli(), to: to.UnixMilli(), step: step.Milliseconds()}
	if a.step <= 0 || a.to <= a.from || (a.to-a.from-1)/a.step >= MaxBuckets {
		return nil
	}
	n := int((a.to-a.from-1)/a.step) + 1
	rx, tx := newTrack(a, n), newTrack(a, n)
	if known && id != 0 {
		s.draw(uint16(id), &rx, &tx)
	}
	out := make([]Bucket, n)
	rxs, txs := rx.values(), tx.values()
	for i := range out {
		out[i] = Bucket{At: time.UnixMilli(a.from + int64(i)*a.step).UTC(), RxBytes: rxs[i], TxBytes: txs[i]}
	}
	return out
}

// draw puts everything of a device on two tracks.
func (s *Store) draw(id uint16, rx, tx *track) {
	for r := range s.flows.newestFirst() {
		if r.device == id {
			rx.spread(r.first, r.last()+1, r.rxBytes)
			tx.spread(r.first, r.last()+1, r.txBytes)
		}
		if r.peer == id && r.device != id {
			rx.spread(r.first, r.last()+1, r.txBytes)
			tx.spread(r.first, r.last()+1, r.rxBytes)
		}
	}
	for k, a := range s.sums.amounts {
		if k.device == id {
			rx.spread(k.at, k.end(), a.rx)
			tx.spread(k.at, k.end(), a.tx)
		}
	}
}

// axis is a range of time in milliseconds, and its steps.
type axis struct{ from, to, step int64 }

// track is a sum of amounts over an axis. What fills many steps evenly is noted at its two ends only, so that a
// long flow costs no more than a short one.
type track struct {
	axis
	single []uint64
	slope  []uint64 // each is what every step from here on has more; it may wrap around
}

func newTrack(a axis, n int) track {
	return track{a, make([]uint64, n), make([]uint64, n+1)}
}

// spread adds an amount evenly between two times, as far as they lie on the axis.
func (t *track) spread(from, to int64, amount uint64) {
	a, b := max(from, t.from), min(to, t.to)
	if a >= b {
		return
	}
	amount = part(amount, b-from, to-from) - part(amount, a-from, to-from)
	i, j := (a-t.from)/t.step, (b-1-t.from)/t.step
	if i == j {
		t.single[i] += amount
		return
	}
	begin := part(amount, t.from+(i+1)*t.step-a, b-a)
	each := part(amount, t.step, b-a)
	between := uint64(j-i-1) * each
	t.single[i] += begin
	t.slope[i+1] += each
	t.slope[j] -= each
	t.single[j] += amount - min(amount, begin+between)
}

// part is amount × n ÷ of, rounded down, for n up to of.
func part(amount uint64, n, of int64) uint64 {
	high, low := bits.Mul64(amount, uint64(n))
	quotient, _ := bits.Div64(high, low, uint64(of))
	return quotient
}

func (t *track) values() []uint64 {
	height := uint64(0)
	for i := range t.single {
		height += t.slope[i]
		t.single[i] += height
	}
	return t.single
}
