package traffic

import "math"

// smoothing is the weight of the newest second: a burst shows at once and is gone after a few seconds.
const smoothing = 0.5

// meter makes a rate of what moved between two rounds.
type meter struct {
	moved uint64
	rate  float64 // bytes/s
}

// settle ends a round and gives the rate, rounded to two significant digits so that a steady flow keeps a
// steady number.
func (m *meter) settle(seconds float64) int64 {
	m.rate += smoothing * (float64(m.moved)/seconds - m.rate)
	m.moved = 0
	if m.rate < 1 {
		m.rate = 0
	}
	return Round(m.rate)
}

// Round keeps two significant digits.
func Round(rate float64) int64 {
	if rate < 100 {
		return int64(math.Round(rate))
	}
	unit := math.Pow(10, math.Floor(math.Log10(rate))-1)
	return int64(math.Round(rate/unit) * unit)
}
