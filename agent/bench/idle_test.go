package bench

import (
	"os"
	"testing"
	"time"

	"spinneret/openwrt/lab"
)

// BenchmarkIdle is what 44,000 connections cost on which nothing happens. To ask for them takes a tenth of a second,
// once in about seven: of ten seconds alone it would be chance whether one or two are in them.
func BenchmarkIdle(b *testing.B) {
	const flows, watched = 44_000, time.Minute
	home, device := bareHome(b)
	setRouter(b, home, "nf_conntrack_udp_timeout", "600")
	g := newGenerator(b, home, device, flows)
	agent := startAgent(b, home, build(b))
	defer agent.stop()
	time.Sleep(5 * time.Second) // its start is not what is measured
	before := agent.cpu(b)
	time.Sleep(watched)
	used := (agent.cpu(b) - before).Seconds() / watched.Seconds()
	row("44,000 idle connections", "CPU %.2f s in 10 s, with %d in the kernel's table", 10*used, g.connections(b))
}

// setRouter sets one of conntrack's switches on the lab's router.
func setRouter(t testing.TB, home *lab.Home, name, value string) {
	t.Helper()
	err := home.Router().Do(func() error {
		return os.WriteFile("/proc/sys/net/netfilter/"+name, []byte(value), 0)
	})
	if err != nil {
		t.Fatal(err)
	}
}
