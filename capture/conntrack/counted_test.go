package conntrack

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// ledger adds up what a Meter tells, per device address and port.
type ledger struct {
	mu      sync.Mutex
	tx, rx  map[netip.AddrPort]Counters
	began   map[netip.AddrPort]int
	ended   map[netip.AddrPort]int
	outside map[netip.AddrPort]netip.AddrPort
}

func newLedger() *ledger {
	return &ledger{
		tx: map[netip.AddrPort]Counters{}, rx: map[netip.AddrPort]Counters{},
		began: map[netip.AddrPort]int{}, ended: map[netip.AddrPort]int{}, outside: map[netip.AddrPort]netip.AddrPort{},
	}
}

func (l *ledger) take(e *Entry, d Delta) {
	f, ok := e.Flow(inHome)
	if !ok || f.Protocol != unix.IPPROTO_UDP {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	tx, rx := f.Split(d.Orig, d.Reply)
	l.tx[f.Device], l.rx[f.Device] = l.tx[f.Device].Add(tx), l.rx[f.Device].Add(rx)
	l.outside[f.Device] = f.Outside
	if d.New {
		l.began[f.Device]++
	}
	if d.Ended {
		l.ended[f.Device]++
	}
}

func (l *ledger) ends() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.ended)
}

func (l *ledger) sent(device netip.AddrPort) Counters {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.tx[device]
}

// start runs a Meter in the router until the test ends, and returns once it has seen its first dump.
func (h *home) start(t testing.TB, m *Meter, fn func(*Entry, Delta)) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.router.Do(func() error { return m.Run(ctx, fn) }) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("meter ended with %v, want nil", err)
		}
	})
	eventually(t, "the first dump is read", func() bool { return m.LastDump() > 0 })
}

// far is what the internet's side counted of one device port.
type far struct{ sent, received Counters }

// exchange has every port of the device send 1 to 5 datagrams of its own size to the server and get one back
// for every second, and returns what the server counted by its own socket.
func (h *home) exchange(t testing.TB, device, server string, ports, header int) map[netip.AddrPort]far {
	t.Helper()
	addr := netip.MustParseAddr(device)
	to := netip.MustParseAddrPort(server)
	at := socketAt(t, h.internet, server)
	out := map[netip.AddrPort]far{}
	for i := range ports {
		from := netip.AddrPortFrom(addr, uint16(10000+i))
		c := socketAt(t, h.device, from.String())
		packets := 1 + i%5
		send(t, c, to.String(), packets, 10+i)
		bytes, sender := receive(t, at, packets, header)
		send(t, at, sender.String(), packets/2, 20)
		back, _ := receive(t, c, packets/2, header)
		out[from] = far{Counters{uint64(packets), bytes}, Counters{uint64(packets / 2), back}}
		c.Close()
	}
	return out
}

func TestShortFlowsAreCountedToTheByte(t *testing.T) {
	h := newHome(t)
	m := NewMeter(MeterConfig{Limit: 4096, Events: true})
	m.interval = func(time.Duration) time.Duration { return 5 * time.Millisecond } // dumps overlap everything
	l := newLedger()
	h.start(t, m, l.take)

	want := h.exchange(t, "192.168.1.163", "198.51.100.7:53", 700, 28)
	for port, f := range h.exchange(t, "2001:db8:20::163", "[2001:db8:100::7]:53", 300, 48) {
		want[port] = f
	}
	h.forget(t)
	eventually(t, "every flow has ended", func() bool { return l.ends() == len(want) })

	for port, f := range want {
		if l.tx[port] != f.sent || l.rx[port] != f.received || l.began[port] != 1 || l.ended[port] != 1 {
			t.Errorf("%v: sent %v, received %v, %d new, %d ended; the far side has %+v",
				port, l.tx[port], l.rx[port], l.began[port], l.ended[port], f)
		}
		if outside := l.outside[port]; port.Addr().Is4() != (outside.Addr().String() == "203.0.113.20") {
			t.Errorf("%v: outside is %v", port, outside)
		}
	}
	if s := m.Losses(); s != (Losses{}) {
		t.Errorf("lost %+v, want nothing", s)
	}
}

// forget ends all connections of the router by way of another program.
func (h *home) forget(t testing.TB) {
	t.Helper()
	run(t, h.router, "", "conntrack", "-F")
}

// forgetWhile ends all connections while whoever needs the lock must wait.
func (h *home) forgetWhile(t testing.TB, held sync.Locker) {
	t.Helper()
	held.Lock()
	defer held.Unlock()
	h.forget(t)
}

func TestLongFlowIsToldWhileItLasts(t *testing.T) {
	h := newHome(t)
	device, server := socketAt(t, h.device, "192.168.1.163:41234"), socketAt(t, h.internet, "198.51.100.7:53")
	to, from := "198.51.100.7:53", netip.MustParseAddrPort("192.168.1.163:41234")
	send(t, device, to, 3, 100) // before anybody looks: nobody's
	receive(t, server, 3, 28)

	m := NewMeter(MeterConfig{Limit: 100})
	m.interval = func(time.Duration) time.Duration { return 5 * time.Millisecond }
	l := newLedger()
	h.start(t, m, l.take)
	for round := range uint64(3) {
		send(t, device, to, 2, 100)
		want := Counters{2 * (round + 1), 256 * (round + 1)}
		eventually(t, "the dump tells of two more packets", func() bool { return l.sent(from) == want })
	}
}

// TestCountersThatAnotherProgramZeroesAreNeverCountedTwice: nlbwmon takes its own by setting them to zero. What passed
// between our last look and that is lost; what comes after is told, and no more than passed.
func TestCountersThatAnotherProgramZeroesAreNeverCountedTwice(t *testing.T) {
	h := newHome(t)
	device := socketAt(t, h.device, "192.168.1.163:41234")
	to, from := "198.51.100.7:53", netip.MustParseAddrPort("192.168.1.163:41234")
	m := NewMeter(MeterConfig{Limit: 100})
	m.interval = func(time.Duration) time.Duration { return 5 * time.Millisecond }
	l := newLedger()
	h.start(t, m, l.take)
	passed := uint64(0)
	for range 3 {
		before := l.sent(from).Packets
		eventually(t, "what comes now is told", func() bool {
			send(t, device, to, 1, 100)
			passed++
			return l.sent(from).Packets >= before+3
		})
		run(t, h.router, "", "conntrack", "-L", "-z")
	}
	if got := l.sent(from); got.Packets > passed || got.Bytes != 128*got.Packets {
		t.Errorf("told of %+v, and %d packets of 128 bytes passed", got, passed)
	}
}

func TestListenHearsOfEndsAlone(t *testing.T) {
	h := newHome(t)
	var r Reader
	l := listen(t, h, &r)
	device, server := socketAt(t, h.device, "192.168.1.163:41234"), socketAt(t, h.internet, "198.51.100.7:53")
	send(t, device, "198.51.100.7:53", 2, 100)
	receive(t, server, 2, 28)
	h.forget(t)
	eventually(t, "the end is heard", func() bool { return len(l.heard()) > 0 })
	got := l.heard()
	want := "17 192.168.1.163:41234 with 198.51.100.7:53 outside 203.0.113.20:41234 out true peer false icmp 0 tx {2 256} rx {0 0}"
	if len(got) != 1 || got[0] != want {
		t.Errorf("heard\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
}

// listener notes what Listen hands on; it can be held up.
type listener struct {
	hold  sync.Mutex // held by the test: Listen waits in its callback
	mu    sync.Mutex
	lines []string
	lost  int
}

// listen starts Listen in the router until the test ends, and returns once it is subscribed.
func listen(t testing.TB, h *home, r *Reader) *listener {
	t.Helper()
	l := new(listener)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.router.Do(func() error { return r.Listen(ctx, l.note) }) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("listen ended with %v, want nil", err)
		}
	})
	eventually(t, "the listener is subscribed", func() bool { return r.losses.sockets() == 1 })
	return l
}

func (l *losses) sockets() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.open)
}

func (l *listener) note(event Event, e *Entry) {
	l.hold.Lock()
	defer l.hold.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	if event == Lost {
		l.lost++
		return
	}
	if e.Orig.Protocol == unix.IPPROTO_UDP {
		l.lines = append(l.lines, facts(e))
	}
}

func (l *listener) heard() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.lines)
}

func (l *listener) losses() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lost
}

func TestLostEventsAreCounted(t *testing.T) {
	h := newHome(t)
	r := Reader{ReceiveBuffer: 4096}
	l := listen(t, h, &r)
	sent := h.exchange(t, "192.168.1.163", "198.51.100.7:53", 300, 28)
	h.forgetWhile(t, &l.hold)
	eventually(t, "the loss is told", func() bool { return l.losses() > 0 })
	eventually(t, "every end is heard or counted as lost", func() bool {
		return len(l.heard())+int(r.Losses().Events) == len(sent)
	})
	if got := r.Losses(); got.Events == 0 || got.Overruns == 0 {
		t.Errorf("losses are %+v", got)
	}
}

func TestDumpRepairsWhatEventsLost(t *testing.T) {
	h := newHome(t)
	m := NewMeter(MeterConfig{Limit: 4096, Events: true, ReceiveBuffer: 4096})
	m.interval = func(time.Duration) time.Duration { return 5 * time.Millisecond }
	l := newLedger()
	var hold sync.Mutex
	h.start(t, m, func(e *Entry, d Delta) {
		hold.Lock()
		defer hold.Unlock()
		l.take(e, d)
	})
	sent := h.exchange(t, "192.168.1.163", "198.51.100.7:53", 300, 28)
	eventually(t, "a dump has seen every flow", func() bool { return m.Stats().Used >= len(sent) })

	h.forgetWhile(t, &hold)
	eventually(t, "ends are lost", func() bool { return m.Losses().Events > 0 })
	eventually(t, "what ended unheard is swept", func() bool { return m.Stats().Vanished == m.Losses().Events })
	live := h.exchange(t, "192.168.1.164", "198.51.100.7:54", 20, 28)
	for port, f := range live {
		eventually(t, "later flows count as before", func() bool { return l.sent(port) == f.sent })
	}
	for port, f := range sent { // all were seen by a dump before, so nothing is missing
		if got := l.sent(port); got != f.sent {
			t.Errorf("%v: counted %v, the far side %v", port, got, f.sent)
		}
	}
}
