package bench

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/ipv4"

	"spinneret/openwrt/lab"
)

const (
	payload   = 100 // bytes of UDP
	batch     = 64  // datagrams a system call
	firstPort = 10000
	openWait  = 20 * time.Second // till all flows are open
	uplink    = "home0"          // the provider's end of the home's cable
	sink      = "198.51.100.200" // an address of the lab's internet where nobody answers
)

// generator sends small datagrams from a device to the internet as fast as it can. It keeps one socket, so that its
// flows are the same from one blast to the next.
type generator struct {
	home    *lab.Home
	conn    *ipv4.PacketConn
	targets []net.UDPAddr
	next    int
}

// newGenerator opens the socket and so many flows, all of which the router has in its table then.
func newGenerator(t testing.TB, home *lab.Home, device *lab.Device, flows int) *generator {
	t.Helper()
	g := &generator{home: home, targets: make([]net.UDPAddr, flows)}
	for i := range g.targets {
		g.targets[i] = net.UDPAddr{IP: net.ParseIP(sink), Port: firstPort + i}
	}
	err := device.NS.Do(func() error {
		conn, err := net.ListenUDP("udp4", &net.UDPAddr{})
		if err != nil {
			return err
		}
		t.Cleanup(func() { conn.Close() })
		g.conn = ipv4.NewPacketConn(conn)
		return nil
	})
	if err != nil {
		t.Fatalf("open the generator: %v", err)
	}
	for end := time.Now().Add(openWait); g.connections(t) < flows; g.blast(t, warmUp) {
		if time.Now().After(end) {
			t.Fatalf("the router has %d connections, wanted %d", g.connections(t), flows)
		}
	}
	return g
}

// connections is how many the router tracks.
func (g *generator) connections(t testing.TB) (n int) {
	t.Helper()
	err := g.home.Router().Do(func() error {
		text, err := os.ReadFile("/proc/sys/net/netfilter/nf_conntrack_count")
		if err != nil {
			return err
		}
		n, err = strconv.Atoi(strings.TrimSpace(string(text)))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// blast sends for the given time and returns how many packets arrived.
func (g *generator) blast(t testing.TB, d time.Duration) uint64 {
	t.Helper()
	before := arrived(t, g.home)
	if err := g.send(d); err != nil {
		t.Fatalf("blast: %v", err)
	}
	return arrived(t, g.home) - before
}

// send does not look at the clock for every batch: it is to fill the router, not to tell the time.
func (g *generator) send(d time.Duration) error {
	data := make([]byte, payload)
	messages := make([]ipv4.Message, batch)
	for end := time.Now().Add(d); time.Now().Before(end); {
		for i := range messages {
			messages[i] = ipv4.Message{Buffers: [][]byte{data}, Addr: &g.targets[g.next]}
			g.next = (g.next + 1) % len(g.targets)
		}
		if _, err := g.conn.WriteBatch(messages, 0); err != nil {
			return err
		}
	}
	return nil
}

// arrived is how many packets the internet received from the home so far.
func arrived(t testing.TB, home *lab.Home) (packets uint64) {
	t.Helper()
	err := home.Internet().Do(func() error {
		text, err := os.ReadFile("/proc/thread-self/net/dev")
		if err != nil {
			return err
		}
		for line := range strings.Lines(string(text)) {
			name, counters, _ := strings.Cut(strings.TrimSpace(line), ":")
			if name != uplink {
				continue
			}
			packets, err = strconv.ParseUint(strings.Fields(counters)[1], 10, 64)
			return err
		}
		return fmt.Errorf("no interface %s", uplink)
	})
	if err != nil {
		t.Fatalf("count what arrived: %v", err)
	}
	return packets
}
