package anomaly

import "math/bits"

// metric is one thing that is counted for each minute in which a device was active.
type metric int

// The metrics. Shares are in percent.
const (
	metricUp metric = iota
	metricDown
	metricPackets
	metricFlows
	metricDestinations
	metricFailed
	metricQueries
	metricNXDomain // share of the answers that said "no such name"
	metricBalance  // share of the bytes that went up
	metrics
)

const (
	buckets = 36 // by powers of two: 2^35 bytes a minute are 4 Gbit/s
	// memory is how many active minutes a baseline remembers: then all counts are halved, so that what was two
	// weeks ago weighs half of what is now.
	memory = 14 * 24 * 60
)

// baseline is how a metric is distributed over the device's active minutes. It holds counts of powers of two, not
// moments: one burst moves a mean for days, and a median not at all.
type baseline struct {
	most   uint64 // ever
	total  uint32
	counts [buckets]uint16
}

func (b *baseline) add(v uint64) {
	b.most = max(b.most, v)
	b.counts[min(bits.Len64(v), buckets-1)]++
	if b.total++; b.total < memory {
		return
	}
	b.total = 0
	for i := range b.counts {
		b.counts[i] /= 2
		b.total += uint32(b.counts[i])
	}
}

// quantile is a value that a part q of all minutes does not exceed, to within a power of two.
func (b *baseline) quantile(q float64) uint64 {
	want := uint32(q * float64(b.total))
	seen := uint32(0)
	for i, n := range b.counts {
		if seen += uint32(n); n > 0 && seen >= want {
			return min(uint64(1)<<i-1, b.most)
		}
	}
	return b.most
}

// week is how much a metric reaches in each hour of a working day and of a weekend's day, as powers of two: 96 bytes
// with how often each was seen.
type week struct {
	level [48]uint8
	days  [48]uint8
}

// knownDays is how often an hour must have been seen before it counts: twice may be chance.
const knownDays = 3

// add takes what an hour's busiest minute reached. The level follows upwards at once, downwards a half a day.
func (w *week) add(slot int, v uint64) {
	level := uint8(bits.Len64(v))
	if level < w.level[slot] {
		level = w.level[slot] - 1
	}
	w.level[slot] = level
	w.days[slot] = min(w.days[slot]+1, 200)
}

// usual is what this hour reaches, false where that is not known.
func (w *week) usual(slot int) (v uint64, known bool) {
	return 1<<w.level[slot] - 1, w.days[slot] >= knownDays
}
