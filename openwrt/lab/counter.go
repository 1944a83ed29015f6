package lab

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
)

// Path is where a Counter counts.
type Path struct {
	From, To *NS
	Network  string         // "udp" or "tcp"
	Addr     netip.AddrPort // where To listens; port 0: any free one

	Every time.Duration // between two packets, default 5 ms
	Size  int           // payload bytes, default and at least 16
}

// Arrival is one numbered packet at its end.
type Arrival struct {
	Seq uint64 // from 1, without gaps at the sender
	At  time.Time
}

// Counter sends numbered packets along a path. The far side notes each and sends it back, and the near side
// counts what comes back. Over TCP a packet is a record in one connection, made anew when it breaks.
type Counter struct {
	path   Path
	ctx    context.Context
	cancel context.CancelFunc
	tasks  sync.WaitGroup

	mu           sync.Mutex
	stopped      bool
	sent, newest uint64
	far          []Arrival
	from         netip.AddrPort
	returned     int
}

const (
	minCount    = 16
	maxArrivals = 1 << 20
	settle      = time.Second // without any arrival
)

// Where counters to the internet have their far end.
var (
	counter4 = netip.MustParseAddr("198.51.100.99")
	counter6 = netip.MustParseAddr("2001:db8:199::99")
)

// StartCounter starts to send and to count. It ends by Stop or with ctx.
func StartCounter(ctx context.Context, p Path) (*Counter, error) {
	p.Size = max(p.Size, minCount)
	if p.Every <= 0 {
		p.Every = 5 * time.Millisecond
	}
	c := &Counter{path: p}
	c.ctx, c.cancel = context.WithCancel(ctx)
	start := map[string]func() error{"udp": c.startUDP, "tcp": c.startTCP}[p.Network]
	if start == nil {
		c.cancel()
		return nil, fmt.Errorf("count over %q: only udp and tcp", p.Network)
	}
	if err := start(); err != nil {
		c.cancel()
		return nil, fmt.Errorf("count from %q to %q: %w", p.From.name, p.To.name, err)
	}
	return c, nil
}

// CountOut counts from a device to the internet. network is "udp4", "udp6", "tcp4" or "tcp6".
func (h *Home) CountOut(ctx context.Context, d *Device, network string) (*Counter, error) {
	return startCounter(ctx, d.NS, h.internet, network, counter4, counter6)
}

// CountLAN counts from one device to another. network is "udp4", "udp6", "tcp4" or "tcp6".
func (h *Home) CountLAN(ctx context.Context, from, to *Device, network string) (*Counter, error) {
	return startCounter(ctx, from.NS, to.NS, network, to.IPv4(), to.IPv6())
}

func startCounter(ctx context.Context, from, to *NS, network string, v4, v6 netip.Addr) (*Counter, error) {
	addr := v4
	name, six := strings.CutSuffix(network, "6")
	if six {
		addr = v6
	}
	p := Path{From: from, To: to, Network: strings.TrimSuffix(name, "4"), Addr: netip.AddrPortFrom(addr, 0)}
	return StartCounter(ctx, p)
}

// Sent returns how many packets left so far, or were given to the kernel at least.
func (c *Counter) Sent() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sent
}

// Arrived returns what the far side has so far, in the order of arrival.
func (c *Counter) Arrived() []Arrival {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.far)
}

// Newest returns the highest number that the far side has.
func (c *Counter) Newest() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.newest
}

// From returns where the last packet at the far side came from, behind all NAT. Over UDP only.
func (c *Counter) From() netip.AddrPort {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.from
}

// Returned returns how many packets came back to the near side so far.
func (c *Counter) Returned() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.returned
}

// LastArrival returns when the far side last got something, zero if never.
func (c *Counter) LastArrival() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.far) == 0 {
		return time.Time{}
	}
	return c.far[len(c.far)-1].At
}

// Stop sends no more, waits until nothing arrives any more, and returns how many different
// packets were sent and how many of them arrived at the far side.
func (c *Counter) Stop() (sent, arrived int) {
	c.mu.Lock()
	c.stopped = true
	c.mu.Unlock()
	known, since := 0, time.Now()
	_ = poll(c.ctx, "all arrived", func() (bool, error) { // what is missing then is what the caller wants to know
		c.mu.Lock()
		defer c.mu.Unlock()
		if len(c.far) > known {
			known, since = len(c.far), time.Now()
		}
		return uint64(known) >= c.sent || time.Since(since) > settle, nil
	})
	c.cancel()
	c.tasks.Wait()
	return c.totals()
}

func (c *Counter) totals() (sent, arrived int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	seen := make(map[uint64]bool, len(c.far))
	for _, a := range c.far {
		seen[a.Seq] = true
	}
	return int(c.sent), len(seen)
}

// next writes the next number into a packet, unless no more is to be sent.
func (c *Counter) next(packet []byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped {
		return false
	}
	c.sent++
	binary.BigEndian.PutUint64(packet, c.sent)
	return true
}

// note keeps an arrival at the far side; from is not known over TCP.
func (c *Counter) note(packet []byte, from netip.AddrPort) {
	if len(packet) < minCount {
		return
	}
	a := Arrival{Seq: binary.BigEndian.Uint64(packet), At: time.Now()}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.newest, c.from = max(c.newest, a.Seq), from
	if len(c.far) < maxArrivals {
		c.far = append(c.far, a)
	}
}

// noteBack counts what came back.
func (c *Counter) noteBack() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.returned++
}

// send writes packets to a connection at the path's pace until Stop, the end of ctx or an error that lasts.
func (c *Counter) send(conn net.Conn, fatal func(error) bool) {
	tick := time.NewTicker(c.path.Every)
	defer tick.Stop()
	for packet := make([]byte, c.path.Size); ; {
		select {
		case <-c.ctx.Done():
			return
		case <-tick.C:
		}
		if !c.next(packet) {
			return
		}
		if _, err := conn.Write(packet); err != nil && fatal(err) {
			return
		}
	}
}
