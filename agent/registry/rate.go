package registry

import (
	"math"
	"time"

	"spinneret/capture"
)

// halfLife is how long a rate takes to forget half of what was before: a burst shows at once and is gone after
// some seconds.
const halfLife = time.Second

// counters are the table's counters of one device.
type counters struct{ rxBytes, txBytes, rxPackets, txPackets uint64 }

// count adds what the table counted since the last round. The table may have dropped the device meanwhile and
// begun again from nothing; the device's sums never go back.
func (rec *record) count(d *capture.Device) {
	now, was := counters{d.RxBytes, d.TxBytes, d.RxPackets, d.TxPackets}, rec.seen
	if now.rxBytes < was.rxBytes || now.txBytes < was.txBytes || now.rxPackets < was.rxPackets || now.txPackets < was.txPackets {
		was = counters{}
	}
	rec.seen = now
	rec.RxBytes += now.rxBytes - was.rxBytes
	rec.TxBytes += now.txBytes - was.txBytes
	rec.RxPackets += now.rxPackets - was.rxPackets
	rec.TxPackets += now.txPackets - was.txPackets
	rec.rx.moved += now.rxBytes - was.rxBytes
	rec.tx.moved += now.txBytes - was.txBytes
}

// rate turns bytes that moved into bytes a second.
type rate struct {
	moved   uint64 // since settled
	perSec  float64
	settled time.Time
}

// at takes what moved into the rate, once a second, and gives it with two significant digits, so that a steady
// flow keeps a steady number.
func (r *rate) at(now time.Time) int64 {
	if r.settled.IsZero() || now.Before(r.settled) { // the clock was set back
		r.settled = now.Add(-time.Second)
	}
	if took := now.Sub(r.settled); took >= time.Second-time.Second/10 { // ticks come a little early or late
		keep := math.Exp2(-took.Seconds() / halfLife.Seconds())
		r.perSec = keep*r.perSec + (1-keep)*float64(r.moved)/took.Seconds()
		r.moved, r.settled = 0, now
	}
	return round(r.perSec)
}

// round keeps two significant digits, and nothing below one byte a second.
func round(x float64) int64 {
	if x < 1 {
		return 0
	}
	unit := math.Pow(10, max(math.Floor(math.Log10(x))-1, 0))
	return int64(math.Round(x/unit) * unit)
}
