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
	moved  uint64 // since settled
	perSec float64
}

// Add notes bytes that moved.
func (r *Rate) Add(bytes uint64) { r.moved += bytes }

// Settle takes what moved in the time that passed since the last Settle into the rate, and gives it in bytes a
// second with two significant digits, so that a steady flow keeps a steady number.
func (r *Rate) Settle(took time.Duration) int64 {
	keep := math.Exp2(-took.Seconds() / halfLife.Seconds())
	r.perSec = keep*r.perSec + (1-keep)*float64(r.moved)/took.Seconds()
	r.moved = 0
	if r.perSec < 1 {
		r.perSec = 0 // it halves for ever
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
