package conntrack

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// exchange has so many ports of the device say something to a server.
func (h *home) exchange(t testing.TB, ports int) {
	t.Helper()
	server := socketAt(t, h.internet, "198.51.100.7:53")
	for i := range ports {
		c := socketAt(t, h.device, fmt.Sprintf("192.168.1.163:%d", 10000+i))
		send(t, c, "198.51.100.7:53", 1, 10)
		receive(t, server, 1, 28)
		c.Close()
	}
}

// forget ends all connections of the router by way of another program.
func (h *home) forget(t testing.TB) {
	t.Helper()
	run(t, h.router, "", "conntrack", "-F")
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
	want := "17 192.168.1.163:41234 > 198.51.100.7:53, 198.51.100.7:53 > 203.0.113.20:41234: {2 256} and {0 0}"
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
	const sent = 300
	h.exchange(t, sent)
	l.hold.Lock()
	h.forget(t)
	l.hold.Unlock()
	eventually(t, "the loss is told", func() bool { return l.losses() > 0 })
	eventually(t, "every end is heard or counted as lost", func() bool {
		return len(l.heard())+int(r.Losses().Events) == sent
	})
	if got := r.Losses(); got.Events == 0 || got.Overruns == 0 {
		t.Errorf("losses are %+v", got)
	}
}
