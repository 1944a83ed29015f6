package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"os/exec"
	"testing"
	"time"
)

// pageDeadline is for two rounds of counting frames and 15,000 updates in a browser.
const pageDeadline = 10 * time.Minute

// pageCost is what test/bench/page.js of the page says.
type pageCost struct {
	Full    frames `json:"full"`    // on this processor
	Quarter frames `json:"quarter"` // on one a quarter as fast
	Heap    struct {
		Before, After float64 // bytes
		Updates       int
	}
	Page int // bytes of gzip
}

type frames struct {
	FPS  float64 // of the median frame
	P95  float64 // ms of the slowest frame in twenty
	Wire float64 // bytes/s
}

// BenchmarkPage is the page in a browser with 60 devices, 3,000 endpoints and 10 updates a second.
func BenchmarkPage(b *testing.B) {
	for b.Loop() {
		c := costOfPage(b)
		row("page, 10 updates/s", "%.0f frames/s (median), slowest in 20: %.0f ms, %.1f kB/s on the wire", c.Full.FPS, c.Full.P95, c.Full.Wire/1000)
		row("page, processor throttled 4 times", "%.0f frames/s (median), slowest in 20: %.0f ms", c.Quarter.FPS, c.Quarter.P95)
		row("page, memory", "%.2f MB, %.2f MB after %d updates more", c.Heap.Before/1e6, c.Heap.After/1e6, c.Heap.Updates)
		row("page, size", "%.1f kB of gzip, all of it", float64(c.Page)/1000)
	}
	b.ReportMetric(0, "ns/op")
}

func costOfPage(t testing.TB) (c pageCost) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), pageDeadline)
	defer cancel()
	var stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, "node", "test/bench/page.js")
	cmd.Dir, cmd.Stderr = "../../ui/page", &stderr
	out, err := cmd.Output()
	if err == nil {
		err = json.Unmarshal(out, &c)
	}
	if err != nil {
		t.Fatalf("bench the page: %v\n%s%s", err, out, &stderr)
	}
	return c
}
