package bench

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

const (
	rounds   = 9
	warmUp   = 500 * time.Millisecond // flows exist before the clock starts
	measured = 1500 * time.Millisecond
)

// compare measures pairs, off and on in turn, and returns on ÷ off of each. on starts what is measured and
// returns what stops it.
func (g *generator) compare(t testing.TB, n int, on func() func()) []float64 {
	t.Helper()
	ratios := make([]float64, n)
	for i := range ratios {
		off := g.rate(t)
		stop := on()
		ratios[i] = float64(g.rate(t)) / float64(off)
		stop()
	}
	return ratios
}

func (g *generator) rate(t testing.TB) uint64 {
	t.Helper()
	g.blast(t, warmUp)
	return g.blast(t, measured)
}

func report(what string, flows int, ratios []float64) {
	slices.Sort(ratios)
	fmt.Printf("%-20s %6d flows  %.3f  (%.2f … %.2f)\n", what, flows, ratios[len(ratios)/2], ratios[0], ratios[len(ratios)-1])
}
