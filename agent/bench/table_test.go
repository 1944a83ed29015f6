package bench

import (
	"fmt"
	"slices"
	"testing"

	"spinneret/openwrt/lab"
)

// rows are the lines of the one table that a run ends with.
var rows []string

func row(what, format string, args ...any) {
	rows = append(rows, fmt.Sprintf("%-44s %s", what, fmt.Sprintf(format, args...)))
}

// median puts values in order and returns the one in the middle.
func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// tabled prints the table after the last benchmark.
type tabled struct{ *testing.M }

func (m tabled) Run() int {
	code := m.M.Run()
	fmt.Println()
	for _, r := range rows {
		fmt.Println(r)
	}
	return code
}

func TestMain(m *testing.M) { lab.Main(tabled{m}) }
