package lab

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"testing"
	"time"
)

// hears listens on a TCP port of a namespace and returns who connects, as the far side sees them.
func hears(t *testing.T, n *NS, address string) <-chan netip.AddrPort {
	t.Helper()
	l, err := n.listen(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	fromC := make(chan netip.AddrPort, 16)
	go func() {
		defer close(fromC)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			fromC <- c.RemoteAddr().(*net.TCPAddr).AddrPort()
			c.Close()
		}
	}()
	return fromC
}

// connect dials and returns an error unless the far side took the connection within 2 s.
func connect(ctx context.Context, from *NS, to netip.AddrPort) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	c, err := from.Dial(ctx, "tcp", to)
	if err != nil {
		return err
	}
	return c.Close()
}

func TestIPv4GoesOutUnderTheRoutersAddress(t *testing.T) {
	h := quietHome(t, 1)
	fromC := hears(t, h.Internet(), ":7100")
	if err := connect(t.Context(), h.Device("a").NS, netip.MustParseAddrPort("198.51.100.200:7100")); err != nil {
		t.Fatal(err)
	}
	if v4, _ := h.WANAddr(); (<-fromC).Addr().Unmap() != v4 {
		t.Errorf("the internet did not see %v", v4)
	}
}

func TestIPv6GoesOutUnderTheDevicesOwnAddress(t *testing.T) {
	h := quietHome(t, 1)
	fromC := hears(t, h.Internet(), ":7100")
	if err := connect(t.Context(), h.Device("a").NS, netip.MustParseAddrPort("[2001:db8:123::1]:7100")); err != nil {
		t.Fatal(err)
	}
	if got, want := (<-fromC).Addr(), h.Device("a").IPv6(); got != want {
		t.Errorf("the internet saw %v, want %v", got, want)
	}
}

func TestTheInternetIsKeptOut(t *testing.T) {
	h := quietHome(t, 1)
	d := h.Device("a")
	hears(t, d.NS, ":7100")
	v4, v6 := h.WANAddr()
	for _, to := range []netip.Addr{d.IPv6(), v4, v6} {
		if err := connect(t.Context(), h.Internet(), netip.AddrPortFrom(to, 7100)); err == nil {
			t.Errorf("%v was reached from outside", to)
		}
	}
}

func TestDevicesReachEachOther(t *testing.T) {
	h := quietHome(t, 2)
	a, b := h.Device("a"), h.Device("b")
	fromC := hears(t, b.NS, ":7100")
	for _, to := range []netip.Addr{b.IPv4(), b.IPv6()} {
		if err := connect(t.Context(), a.NS, netip.AddrPortFrom(to, 7100)); err != nil {
			t.Fatal(err)
		}
		if from := (<-fromC).Addr().Unmap(); from != a.IPv4() && from != a.IPv6() {
			t.Errorf("b saw %v, want a's own address", from)
		}
	}
}

func TestNamesResolveThroughTheRouter(t *testing.T) {
	h := quietHome(t, 1)
	d, ctx := h.Device("a"), t.Context()
	for _, want := range []struct{ typ, name, addr string }{
		{"A", "up.cam.example.net", "198.51.100.7"},
		{"AAAA", "up.cam.example.net", "2001:db8:101::7"},
		{"A", "play.filmbox.example", "203.0.113.140"}, // behind two aliases
		{"A", "a.lan", d.IPv4().String()},
	} {
		got, err := d.Lookup(ctx, want.typ, want.name)
		if err != nil || got.String() != want.addr {
			t.Errorf("%s %s: %v, %v, want %s", want.typ, want.name, got, err, want.addr)
		}
	}
	if got, err := d.Lookup(ctx, "A", "www.elsewhere"); err == nil {
		t.Errorf("a name outside the examples gave %v", got)
	}
}

func TestTimeServerTellsTheTime(t *testing.T) {
	h := quietHome(t, 1)
	for _, to := range []string{"198.51.100.123:123", "[2001:db8:100::123]:123"} {
		c, err := h.Device("a").Dial(t.Context(), "udp", netip.MustParseAddrPort(to))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		request := make([]byte, 48)
		request[0] = 4<<3 | 3
		if err := roundTrip(c, request); err != nil {
			t.Errorf("%s: %v", to, err)
		}
	}
}

func TestWebServersShowACertificateForTheirName(t *testing.T) {
	h := quietHome(t, 1)
	client := h.Device("a").Client(t.Context())
	defer client.CloseIdleConnections()
	for _, url := range []string{"https://shop.market.example/?bytes=70000", "http://shop.market.example/?bytes=70000"} {
		r, err := client.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r.Body)
		r.Body.Close()
		if err != nil || len(body) != 70_000 {
			t.Errorf("%s: %d bytes, %v", url, len(body), err)
		}
	}
	eventually(t, "the internet has counted what it sent", func() bool {
		return h.Served("shop.market.example") == Served{Requests: 2, Sent: 140_000}
	})
}

// counterTable counts what reaches the inet family on its way through the router.
const counterTable = `table inet probe {
	counter bridged { }
	chain watch {
		type filter hook prerouting priority -400; policy accept;
		%s counter name bridged
	}
}
`

// packetsBetween sends a few datagrams from a to b and returns how many an inet chain saw of them.
func packetsBetween(t *testing.T, h *Home) int {
	t.Helper()
	a, b := h.Device("a"), h.Device("b")
	if err := h.Router().NFT(t.Context(), fmt.Sprintf(counterTable, "udp dport "+fmt.Sprint(portBeacon))); err != nil {
		t.Fatal(err)
	}
	if err := h.serveUDP(b.NS, portBeacon, echo); err != nil {
		t.Fatal(err)
	}
	for _, to := range []netip.Addr{b.IPv4(), b.IPv6()} {
		c, err := a.Dial(t.Context(), "udp", netip.AddrPortFrom(to, portBeacon))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		for range 5 {
			if err := roundTrip(c, []byte("hello")); err != nil {
				t.Fatal(err)
			}
		}
	}
	out, err := h.Router().Run(h.Router().Command(t.Context(), "nft", "list", "counter", "inet", "probe", "bridged"))
	if err != nil {
		t.Fatal(err)
	}
	var packets int
	if _, text, ok := bytes.Cut(out, []byte("packets ")); ok {
		_, _ = fmt.Sscan(string(text), &packets)
	}
	return packets
}

func TestBridgedFramesStayOutOfInetChains(t *testing.T) {
	if n := packetsBetween(t, quietHome(t, 2)); n != 0 {
		t.Errorf("%d bridged packets reached an inet chain, want 0", n)
	}
}

func TestBridgeNFSendsBridgedFramesThroughInetChains(t *testing.T) {
	h := startHome(t, Options{BridgeNF: true, Devices: []Spec{{Name: "a"}, {Name: "b"}}})
	if n := packetsBetween(t, h); n < 10 {
		t.Errorf("%d bridged packets reached an inet chain, want all 10", n)
	}
}
