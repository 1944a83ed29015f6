package bench

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"spinneret/openwrt/lab"
)

const (
	rounds   = 9
	warmUp   = 200 * time.Millisecond
	measured = 600 * time.Millisecond
)

// contender is what is on while the forwarding rate is measured; start is nil for nothing.
type contender struct {
	name  string
	start func(testing.TB) process
}

// BenchmarkForwarding is the router's forwarding rate with something on, as a share of the rate with nothing on
// just before and just after; nothing against nothing shows what the machine alone scatters.
func BenchmarkForwarding(b *testing.B) {
	home, device := bareHome(b)
	program := build(b)
	for _, flows := range []int{4000, 40000} {
		g := newGenerator(b, home, device, flows)
		for _, c := range []contender{
			{"none", nil},
			{"spinneret", func(t testing.TB) process { return startAgent(t, home, program) }},
			{"uacctd, every packet", func(t testing.TB) process { return startUacctd(t, home) }},
			{"ulogd, every packet", func(t testing.TB) process { return startUlogd(t, home) }},
		} {
			g.row(b, fmt.Sprintf("forwarding, %d flows, %s", flows, c.name), c)
		}
	}
}

// row is one contender's line of the table, which says so where there is nothing to say: who is missing, as a peer that
// is not installed, takes nobody else's line away.
func (g *generator) row(b *testing.B, what string, c contender) {
	b.Helper()
	ok := b.Run(c.name, func(b *testing.B) {
		ratios, cpu := g.compare(b, c)
		row(what, "%.2f of none (%.2f … %.2f), CPU %.2f of a core", median(ratios), ratios[0], ratios[len(ratios)-1], median(cpu))
		b.ReportMetric(0, "ns/op")
	})
	if !ok {
		row(what, "not measured: see above")
	}
}

// BenchmarkFlood is the same while another device opens 20,000 connections a second, each of one packet.
func BenchmarkFlood(b *testing.B) {
	home, device := bareHome(b)
	setRouter(b, home, "nf_conntrack_udp_timeout", "3") // the table of the machine is not to fill up
	program := build(b)
	g := newGenerator(b, home, device, 4000)
	flood := lab.Flood{
		To:        netip.AddrPortFrom(netip.MustParseAddr(sink), firstPort),
		Sources:   netip.MustParsePrefix("192.168.1.128/25"),
		PerSecond: 20_000,
	}
	ctx, cancel := context.WithCancel(context.Background())
	doneC := make(chan error, 1)
	go func() { doneC <- device.Flood(ctx, flood) }()
	for _, c := range []contender{{"none", nil}, {"spinneret", func(t testing.TB) process { return startAgent(t, home, program) }}} {
		g.row(b, "20,000 new flows/s, "+c.name, c)
	}
	cancel()
	if err := <-doneC; err != nil {
		b.Fatal(err)
	}
}

// compare measures off, on and off in turn, and returns on ÷ the mean of both offs, and the share of a core that
// what was on took.
func (g *generator) compare(t testing.TB, c contender) (ratios, cpu []float64) {
	t.Helper()
	for range rounds {
		before := g.rate(t)
		var p process
		if c.start != nil {
			p = c.start(t)
		}
		g.blast(t, warmUp)
		at, used := time.Now(), time.Duration(0)
		if c.start != nil {
			used = p.cpu(t)
		}
		on := g.blast(t, measured)
		if c.start != nil {
			used = p.cpu(t) - used
		}
		cpu = append(cpu, used.Seconds()/time.Since(at).Seconds())
		if c.start != nil {
			p.stop()
		}
		ratios = append(ratios, 2*float64(on)/float64(before+g.rate(t)))
	}
	slices.Sort(ratios)
	return ratios, cpu
}

func (g *generator) rate(t testing.TB) uint64 {
	t.Helper()
	g.blast(t, warmUp)
	return g.blast(t, measured)
}
