package traffic

import (
	"math"
	"time"
)

// halfLife is how long a rate takes to forget half of what was before: a burst shows at once and is gone after
// some seconds.
const halfLife = time.Second

// Rate makes bytes a second of bytes that moved. Its zero value has seen none.
type Rate struct {
	moved  float32 // since settled; two digits are shown
	perSec float32
}

// Add notes bytes that moved.
func (r *Rate) Add(bytes uint64) { r.moved += float32(bytes) }

// Settle takes what moved in the time that passed since the last Settle into the rate.
func (r *Rate) Settle(took time.Duration) {
	if r.moved == 0 && r.perSec == 0 {
		return // as most are, and routers reckon slowly
	}
	keep := float32(math.Exp2(-took.Seconds() / halfLife.Seconds()))
	r.perSec = keep*r.perSec + (1-keep)*r.moved/float32(took.Seconds())
	r.moved = 0
	if r.perSec < 1 {
		r.perSec = 0 // it halves for ever
	}
}

// PerSecond is the rate in bytes a second with two significant digits, so that a steady flow keeps a steady number.
func (r *Rate) PerSecond() int64 {
	rate, unit := float64(r.perSec), 1.0
	for rate >= 100*unit {
		unit *= 10
	}
	return int64(math.Round(rate/unit) * unit)
}
