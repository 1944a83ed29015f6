package bench

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// roomsDeadline is for the slowest, the 1,000 homes of a provider.
const roomsDeadline = 15 * time.Minute

// BenchmarkRooms runs the benchmarks of single rooms, and brings what they say into the table: what a packet, an entry of
// conntrack's dump and a look into the history cost, and the homes of a provider.
func BenchmarkRooms(b *testing.B) {
	for b.Loop() {
		runRoom(b, "0.2s", "spinneret/capture/...")
		runRoom(b, "0.2s", "spinneret/anomaly")
		runRoom(b, "1x", "spinneret/dots/isp")
	}
	b.ReportMetric(0, "ns/op")
}

func runRoom(b *testing.B, benchTime, packages string) {
	b.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), roomsDeadline)
	defer cancel()
	var stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", ".", "-benchmem", "-benchtime", benchTime, packages)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		b.Fatalf("bench %s: %v\n%s%s", packages, err, out, &stderr)
	}
	lines := roomLines(string(out))
	if len(lines) == 0 {
		b.Fatalf("bench %s: it says nothing:\n%s", packages, out)
	}
	for _, l := range lines {
		row(l.what, "%s", l.figures)
	}
}

// roomLine is one line of what go test says of benchmarks.
type roomLine struct{ what, figures string }

// roomLines takes names and figures; how often each ran is nobody's concern.
func roomLines(out string) (lines []roomLine) {
	room := ""
	for line := range strings.Lines(out) {
		words := strings.Fields(line)
		switch {
		case len(words) == 2 && words[0] == "pkg:":
			room = strings.TrimPrefix(words[1], "spinneret/")
		case len(words) >= 4 && strings.HasPrefix(words[0], "Benchmark"):
			name := strings.TrimPrefix(words[0], "Benchmark")
			if at := strings.LastIndexByte(name, '-'); at > 0 {
				name = name[:at] // how many cores
			}
			var figures []string
			for i := 2; i+1 < len(words); i += 2 {
				figures = append(figures, fmt.Sprintf("%s %s", words[i], words[i+1]))
			}
			lines = append(lines, roomLine{room + " " + name, strings.Join(figures, ", ")})
		}
	}
	return lines
}

func TestWhatRoomsSayBecomesLinesOfTheTable(t *testing.T) {
	got := roomLines("goos: linux\npkg: spinneret/capture/history\ncpu: x\n" +
		"BenchmarkFind/all-2  \t      10\t   7385794 ns/op\t 4388080 B/op\t      23 allocs/op\nPASS\nok  \tspinneret/capture/history\t2s\n")
	if len(got) != 1 || got[0] != (roomLine{"capture/history Find/all", "7385794 ns/op, 4388080 B/op, 23 allocs/op"}) {
		t.Errorf("%q", got)
	}
}
