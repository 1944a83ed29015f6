package bench

import (
	"net/netip"
	"os"
	"testing"
	"time"

	"spinneret/openwrt/lab"
)

// BenchmarkIdle is what 44,000 connections cost on which nothing happens.
func BenchmarkIdle(b *testing.B) {
	const flows, watched = 44_000, 10 * time.Second
	home, device := bareHome(b)
	setRouter(b, home, "nf_conntrack_udp_timeout", "600")
	newGenerator(b, home, device, flows)
	agent := startAgent(b, home, build(b))
	defer agent.stop()
	time.Sleep(5 * time.Second) // its start is not what is measured
	before := agent.cpu(b)
	time.Sleep(watched)
	row("44,000 idle connections", "CPU %.2f s in %v", (agent.cpu(b) - before).Seconds(), watched)
}

// BenchmarkMemory is what the agent takes with 60 devices, 10,000 live flows, and a history that is full of flows
// that ended.
func BenchmarkMemory(b *testing.B) {
	const devices, live, over = 60, 10_000, 150_000
	home, device := bareHome(b)
	agent := startAgent(b, home, build(b))
	defer agent.stop()
	setRouter(b, home, "nf_conntrack_udp_timeout", "2")
	send(b, device, devices, over, 50_000) // other ports than those that live talk to
	setRouter(b, home, "nf_conntrack_udp_timeout", "600")
	send(b, device, devices, live, 30_000)
	time.Sleep(5 * time.Second) // for what is still to be told
	now, most := agent.resident(b)
	row("60 devices, 10,000 flows, history", "%.1f MB resident, %.1f MB at most", float64(now)/1024, float64(most)/1024)
}

// send opens n connections of one packet, in turn from so many MACs and addresses, to one port and those after it.
func send(b *testing.B, device *lab.Device, devices, n, port int) {
	b.Helper()
	raw, err := device.NS.OpenRaw("eth0")
	if err != nil {
		b.Fatal(err)
	}
	defer raw.Close()
	for i := range n {
		if i%100 == 0 {
			time.Sleep(10 * time.Millisecond) // 10,000 a second at most
		}
		mac := [6]byte{2, 0, 0, 9, 0, byte(i % devices)}
		from := netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 168, 1, byte(20 + i%devices)}), uint16(1024+i%60000))
		to := netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 51, 100, 200}), uint16(port+i/60000))
		if err := raw.Send(lab.IP(lab.RouterMAC(), mac, lab.UDP(from, to, make([]byte, payload)))); err != nil {
			b.Fatal(err)
		}
	}
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
