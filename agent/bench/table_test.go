package bench

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"spinneret/openwrt/lab"
)

// rows are the lines of the one table that a run ends with.
var rows []string

func row(what, format string, args ...any) {
	rows = append(rows, fmt.Sprintf("%-48s %s", what, fmt.Sprintf(format, args...)))
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
	fmt.Printf("\n%s, %d processors, %s\n\n", time.Now().Format(time.DateOnly), runtime.NumCPU(), kernel())
	for _, r := range rows {
		fmt.Println(r)
	}
	return code
}

// kernel is its name and version.
func kernel() string {
	text, _ := os.ReadFile("/proc/version") // without it the table lacks a word
	words := strings.Fields(string(text))
	return strings.Join(words[:min(3, len(words))], " ")
}

func TestMain(m *testing.M) { lab.Main(tabled{m}) }
