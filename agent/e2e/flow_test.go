package e2e

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"spinneret/openwrt/lab"
	"spinneret/ui"
)

// flow is a sender of numbered packets and who receives them.
type flow struct {
	name   string
	sent   func() uint64    // number of the last packet that was given to the kernel
	newest func() uint64    // highest number that arrived
	last   func() time.Time // when the last one did
	stop   func() (sent, arrived int)
	gaps   func() string // which numbers below the newest did not arrive, and when
}

// flowsOf is everything that the device has open: to the internet, inside the LAN, and what others send to it.
func flowsOf(t *testing.T, home *lab.Home, d *lab.Device) (flows []*flow) {
	t.Helper()
	laptop := home.Device("laptop")
	for _, network := range []string{"udp4", "udp6", "tcp4", "tcp6"} {
		flows = append(flows, count(t, home, d, network), countLAN(t, home, d, laptop, network))
	}
	for _, network := range []string{"udp4", "tcp6"} {
		flows = append(flows, countLAN(t, home, laptop, d, network))
	}
	return append(flows,
		download(t, home, d, netip.MustParseAddrPort("198.51.100.201:7300")),
		download(t, home, d, netip.MustParseAddrPort("[2001:db8:100::201]:7300")))
}

// flowsBeside is what the other devices have open.
func flowsBeside(t *testing.T, home *lab.Home) []*flow {
	t.Helper()
	laptop, tv, lamp := home.Device("laptop"), home.Device("tv"), home.Device("lamp")
	return []*flow{
		count(t, home, tv, "udp4"), count(t, home, tv, "tcp4"), count(t, home, lamp, "udp6"), count(t, home, laptop, "tcp6"),
		countLAN(t, home, tv, laptop, "udp4"), countLAN(t, home, lamp, tv, "udp6"), countLAN(t, home, laptop, lamp, "tcp4"),
	}
}

// count is a flow from a device to the internet.
func count(t *testing.T, home *lab.Home, d *lab.Device, network string) *flow {
	t.Helper()
	c, err := home.CountOut(t.Context(), d, network)
	return counted(t, d.Name+" to the internet, "+network, c, err)
}

// countLAN is a flow from one device to another.
func countLAN(t *testing.T, home *lab.Home, from, to *lab.Device, network string) *flow {
	t.Helper()
	c, err := home.CountLAN(t.Context(), from, to, network)
	return counted(t, from.Name+" to "+to.Name+", "+network, c, err)
}

func counted(t *testing.T, name string, c *lab.Counter, err error) *flow {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Stop() })
	gaps := func() string { return gapsIn(c.Arrived()) }
	return &flow{name: name, sent: c.Sent, newest: c.Newest, last: c.LastArrival, stop: c.Stop, gaps: gaps}
}

// gapsIn says which numbers are missing between those that arrived in order.
func gapsIn(arrived []lab.Arrival) string {
	var out strings.Builder
	last := lab.Arrival{}
	for _, a := range arrived {
		if a.Seq > last.Seq+1 {
			fmt.Fprintf(&out, " %d to %d (%s to %s)", last.Seq+1, a.Seq-1, last.At.Format(time.StampMilli), a.At.Format(time.StampMilli))
		}
		last = a
	}
	return out.String()
}

const (
	downloadPause = 5 * time.Millisecond
	requestEvery  = 20 // packets
)

// pushed is a download: the server sends without being asked again, which is the direction that counts. The device
// asks now and then, so that the way is open again after a cut.
type pushed struct {
	sent, newest, at atomic.Uint64
	device           net.Conn
	server           *net.UDPConn
	peer             atomic.Pointer[netip.AddrPort]
	tasks            sync.WaitGroup
	stopC            chan struct{}
}

// download is a flow from the internet to a device.
func download(t *testing.T, home *lab.Home, d *lab.Device, from netip.AddrPort) *flow {
	t.Helper()
	p := &pushed{stopC: make(chan struct{})}
	err := home.Internet().Do(func() (err error) {
		p.server, err = net.ListenUDP("udp", net.UDPAddrFromAddrPort(from))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if p.device, err = d.Dial(t.Context(), "udp", from); err != nil {
		t.Fatal(err)
	}
	p.tasks.Go(p.serve)
	p.tasks.Go(p.push)
	p.tasks.Go(p.receive)
	t.Cleanup(p.end)
	if !within(patience, func() bool { return p.newest.Load() > 0 }) {
		t.Fatalf("nothing comes down from %v", from)
	}
	return &flow{
		name: "the internet to " + d.Name + ", " + from.String(), sent: p.sent.Load, newest: p.newest.Load,
		last: func() time.Time { return time.Unix(0, int64(p.at.Load())) },
	}
}

// serve learns who asks.
func (p *pushed) serve() {
	for buf := make([]byte, 64); ; {
		_, from, err := p.server.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		p.peer.Store(&from)
	}
}

// push sends numbers to the last who asked, and asks.
func (p *pushed) push() {
	tick := time.NewTicker(downloadPause)
	defer tick.Stop()
	for i := 0; ; i++ {
		select {
		case <-p.stopC:
			return
		case <-tick.C:
		}
		if i%requestEvery == 0 {
			_, _ = p.device.Write([]byte("more")) // refused while it is cut off
		}
		if to := p.peer.Load(); to != nil {
			number := binary.BigEndian.AppendUint64(nil, p.sent.Add(1))
			_, _ = p.server.WriteToUDPAddrPort(number, *to)
		}
	}
}

func (p *pushed) receive() {
	for buf := make([]byte, 64); ; {
		n, err := p.device.Read(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil && n == 8 {
			p.newest.Store(max(p.newest.Load(), binary.BigEndian.Uint64(buf)))
			p.at.Store(uint64(time.Now().UnixNano()))
		}
	}
}

func (p *pushed) end() {
	close(p.stopC)
	p.device.Close()
	p.server.Close()
	p.tasks.Wait()
}

// undo sends the request that takes an event back.
func (a *agent) undo(e ui.Event) {
	a.t.Helper()
	if e.Undo == nil {
		a.t.Fatalf("event %q has no way back", e.Text)
	}
	if status, answer, err := a.bySocket().send(e.Undo.Method, e.Undo.Path, ""); err != nil || status != 200 {
		a.t.Fatalf("%s %s: %d %s %v", e.Undo.Method, e.Undo.Path, status, answer, err)
	}
}
