package ui_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"spinneret/ui"
	"spinneret/ui/uitest"
)

// TestSlowClientsAreHungUpOn: each sends a part and then nothing, or a byte now and then.
func TestSlowClientsAreHungUpOn(t *testing.T) {
	const post = "POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
	for _, c := range []struct {
		name, first, drip string
		within            time.Duration
	}{
		{"nothing at all", "", "", 6 * time.Second},
		{"half a header", "GET / HTTP/1.1\r\nHost: loc", "", 6 * time.Second},
		{"a header by drops", "GET / HTTP/1.1\r\nHost: localhost\r\n", "X: y\r\n", 6 * time.Second},
		{"half a body", post + "Content-Length: 100\r\n\r\n{", "", 11 * time.Second},
		{"a body by drops", post + "Content-Length: 1000000\r\n\r\n{", " ", 11 * time.Second},
		{"a second request that never comes", "GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n", "", 61 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := uitest.NewPipes()
				h := newHouse(t)
				serve(t, h.server, p)
				here, _ := p.Dial(t.Context(), "", "") // it never fails
				start := time.Now()
				var sending sync.WaitGroup
				sending.Go(func() {
					for text := c.first; ; text = c.drip {
						if _, err := io.WriteString(here, text); err != nil || c.drip == "" {
							return
						}
						time.Sleep(time.Second)
					}
				})
				if _, err := io.Copy(io.Discard, here); err != nil {
					t.Error(err)
				}
				if took := time.Since(start); took > c.within {
					t.Errorf("it held its place for %v", took)
				}
				here.Close()
				sending.Wait()
			})
		})
	}
}

// TestAThousandConnectionsOfOneDevice leave the others their places.
func TestAThousandConnectionsOfOneDevice(t *testing.T) {
	l := listen(t, "tcp", "127.0.0.1:0")
	h := newHouse(t)
	serve(t, newServer(h.home, func(c *ui.Config) {
		c.Who = func(remote string) ui.Asker {
			if strings.HasPrefix(remote, "127.0.0.66:") {
				return ui.Asker{MAC: "02:00:00:00:00:66"}
			}
			return ui.Asker{MAC: "02:00:00:00:00:01"}
		}
	}), l)
	greedy := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 66)}, Timeout: 20 * time.Second}
	var held []net.Conn
	for range 1000 {
		c, err := greedy.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		held = append(held, c)
	}
	start := time.Now()
	if got := statusOf(t, l, "GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"); got != 200 {
		t.Errorf("another device gets %d", got)
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("another device waits %v", took)
	}
	if n := answered(held); n != 24 {
		t.Errorf("%d of its connections are served, want 24", n)
	}
}

// TestConnectionsFromManyNewAddresses of one device, which is not known by them yet, leave the others their places.
func TestConnectionsFromManyNewAddresses(t *testing.T) {
	p := uitest.NewPipes()
	h := newHouse(t)
	serve(t, newServer(h.home, func(c *ui.Config) {
		c.Who = func(remote string) ui.Asker { return askers[remote] }
	}), p)
	var held []net.Conn
	for i := range 200 {
		held = append(held, from(t, p, fmt.Sprintf("[fd00:1::%x]:40000", i+1)))
	}
	if n := answered([]net.Conn{from(t, p, laptop)}); n != 1 {
		t.Error("a device that is known gets nothing")
	}
	if n := answered(held); n != 24 {
		t.Errorf("%d of the connections are served, want 24", n)
	}
}

// TestADeviceThatInventsOthersLeavesTheOwnersPlaces: each MAC that it makes up has connections of its own.
func TestADeviceThatInventsOthersLeavesTheOwnersPlaces(t *testing.T) {
	p := uitest.NewPipes()
	h := newHouse(t)
	h.setUp()
	serve(t, newServer(h.home, func(c *ui.Config) {
		c.Keeper = h.keeper
		c.Who = func(remote string) ui.Asker {
			if asker, known := askers[remote]; known {
				return asker
			}
			return ui.Asker{MAC: "02:00:00:00:66:" + remote[len("192.168.1.1"):len("192.168.1.1")+2]}
		}
	}), p)
	var held []net.Conn
	for i := range 20 * 10 {
		held = append(held, from(t, p, fmt.Sprintf("192.168.1.%d:%d", 100+i/20, 40000+i)))
	}
	if n := answered([]net.Conn{from(t, p, laptop)}); n != 1 {
		t.Error("the owner's device gets nothing")
	}
	if n := answered([]net.Conn{from(t, p, phone)}); n != 0 {
		t.Error("one more device finds a place, where all are taken")
	}
	if n := answered(held); n != 128 {
		t.Errorf("%d of the connections are served, want 128", n)
	}
}

// from connects as if from an address. The test may forget the connection: closing the server closes it.
func from(t *testing.T, p *uitest.Pipes, addr string) net.Conn {
	t.Helper()
	here, there := net.Pipe()
	select {
	case p.ConnC <- remote{there, net.TCPAddrFromAddrPort(netip.MustParseAddrPort(addr))}:
	case <-time.After(20 * time.Second):
		t.Fatalf("there is no place for %s", addr)
	}
	return here
}

// remote is a connection from an address.
type remote struct {
	net.Conn
	addr net.Addr
}

func (r remote) RemoteAddr() net.Addr { return r.addr }

// answered asks on each connection and counts the answers.
func answered(conns []net.Conn) int {
	n := 0
	for _, c := range conns {
		_ = c.SetDeadline(time.Now().Add(5 * time.Second))
		fmt.Fprint(c, "GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n")
		if r, err := http.ReadResponse(bufio.NewReader(c), nil); err == nil && r.StatusCode == http.StatusOK {
			r.Body.Close()
			n++
		}
	}
	return n
}

// TestOthersDoNotTakeTheOwnersTurn: requests of viewers that hang leave those of the owner their places.
func TestOthersDoNotTakeTheOwnersTurn(t *testing.T) {
	h := newHouse(t)
	owner := h.setUp()
	viewer := h.token(owner)
	stuck := &stuckHome{Home: h.home, inC: make(chan struct{}, 100), outC: make(chan struct{})}
	h.server = newServer(h.home, func(c *ui.Config) {
		c.Auth, c.Keeper, c.Backend = true, h.keeper, stuck
		c.Who = func(remote string) ui.Asker { return askers[remote] }
	})
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() { h.ask(bad, "GET", "status", "", viewer) })
	}
	for range 8 {
		<-stuck.inC
	}
	r := h.ask(laptop, "PUT", "devices/"+cam+"/quarantine", "{}", owner)
	if r.StatusCode != http.StatusOK {
		t.Errorf("the owner cuts off: %d", r.StatusCode)
	}
	h.logIn(phone, "owner", password)
	if n := len(stuck.inC); n != 0 {
		t.Errorf("%d more than 8 run at once", n)
	}
	close(stuck.outC)
	wg.Wait()
}

// TestViewersDoNotFillTheStream: its last places are the owner's.
func TestViewersDoNotFillTheStream(t *testing.T) {
	h := newHouse(t)
	owner := h.setUp()
	viewer := h.token(owner)
	inC, outC := make(chan struct{}), make(chan struct{})
	h.server = newServer(h.home, func(c *ui.Config) {
		c.Auth, c.Keeper = true, h.keeper
		c.Who = func(remote string) ui.Asker { return askers[remote] }
		c.Stream = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			inC <- struct{}{}
			<-outC
		})
	})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() { h.ask(bad, "GET", "stream", "", viewer) })
		<-inC
	}
	if got := problem(t, h.ask(bad, "GET", "stream", "", viewer)); got.Code != "busy" {
		t.Errorf("the fifth viewer: %+v", got)
	}
	wg.Go(func() { h.ask(laptop, "GET", "stream", "", owner) })
	<-inC // the owner is in
	close(outC)
	wg.Wait()
	wg.Go(func() { h.ask(bad, "GET", "stream", "", viewer) })
	<-inC // a place that was left is given on
	wg.Wait()
}

// stuckHome answers its status late.
type stuckHome struct {
	ui.Backend
	Home ui.Backend
	inC  chan struct{}
	outC chan struct{}
}

func (s *stuckHome) Status(ctx context.Context) (ui.Status, error) {
	s.inC <- struct{}{}
	<-s.outC
	return s.Home.Status(ctx)
}

func (s *stuckHome) Quarantine(ctx context.Context, mac string, o ui.QuarantineOrder) (ui.Device, error) {
	return s.Home.Quarantine(ctx, mac, o)
}
