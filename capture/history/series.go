package history

import (
	"math/bits"
	"time"
)

// Bucket is what devices received and sent in one step of time.
type Bucket struct {
	At               time.Time
	RxBytes, TxBytes uint64
}

// MaxBuckets bounds an answer.
const MaxBuckets = 10000

// Buckets returns what the flows of a query carried from q.From to q.To, in steps: for its device, or for all, where
// what one device sends another counts for both. A flow is taken to have carried its bytes evenly, and so is a sum.
// Sums know neither remote, protocol nor outside tuple: a query that asks for one goes without them. Nil where the
// times make no sense or more than MaxBuckets.
func (s *Store) Buckets(q Query, step time.Duration) []Bucket {
	a := axis{from: q.From.UnixMilli(), to: q.To.UnixMilli(), step: step.Milliseconds()}
	if a.step <= 0 || a.to <= a.from || (a.to-a.from-1)/a.step >= MaxBuckets {
		return nil
	}
	n := int((a.to-a.from-1)/a.step) + 1
	rx, tx := newTrack(a, n), newTrack(a, n)
	if f, ok := s.filter(&q); ok {
		s.draw(&f, &rx, &tx)
		s.drawSums(&f, &rx, &tx)
	}
	out := make([]Bucket, n)
	rxs, txs := rx.values(), tx.values()
	for i := range out {
		out[i] = Bucket{At: time.UnixMilli(a.from + int64(i)*a.step).UTC(), RxBytes: rxs[i], TxBytes: txs[i]}
	}
	return out
}

// draw puts the flows of a query on two tracks.
func (s *Store) draw(f *filter, rx, tx *track) {
	for r := range s.flows.newestFirst() {
		if !f.match(r) {
			continue
		}
		if f.device == 0 || r.device == f.device {
			rx.spread(r.first, r.last()+1, r.rxBytes)
			tx.spread(r.first, r.last()+1, r.txBytes)
		}
		if r.peer != 0 && r.peer != r.device && (f.device == 0 || r.peer == f.device) {
			rx.spread(r.first, r.last()+1, r.txBytes)
			tx.spread(r.first, r.last()+1, r.rxBytes)
		}
	}
}

// drawSums puts the sums on two tracks that can tell whether they are of a query.
func (s *Store) drawSums(f *filter, rx, tx *track) {
	if f.remote != nil || f.protocol != 0 || f.outside != 0 {
		return
	}
	for k, a := range s.sums.amounts {
		if (f.device == 0 || k.device == f.device) && (f.port == 0 || k.port == f.port) {
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
