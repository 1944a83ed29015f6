package stream_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"spinneret/openwrt/lab/expect"
	"spinneret/ui"
	"spinneret/ui/stream"
	"spinneret/ui/uitest"
)

var heap = expect.Heap

// start runs a hub behind the real server on loopback.
func start(t *testing.T) (*stream.Hub, string) {
	t.Helper()
	hub := stream.New(stream.Config{})
	server := ui.New(ui.Config{Backend: uitest.New(), Stream: hub, Log: slog.New(slog.DiscardHandler)})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	doneC := make(chan error, 2)
	go func() { doneC <- hub.Run(ctx) }()
	go func() { doneC <- server.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		for range 2 {
			if err := <-doneC; err != nil {
				t.Error(err)
			}
		}
	})
	return hub, l.Addr().String()
}

// crowd is a home of so many devices, all of which changed.
func crowd(n, turn int) stream.View {
	var list []stream.Device
	for id := range n {
		d := ui.Device{MAC: "02:00:00:00:00:01", Name: fmt.Sprintf("device %d at turn %d", id, turn), Addresses: []string{fmt.Sprint(turn)}}
		list = append(list, stream.Device{ID: id, Device: d})
	}
	return stream.View{Now: time.Now(), Devices: slices.Values(list)}
}

// stall opens a stream over TCP and reads nothing after the handshake.
func stall(t *testing.T, address string) {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.(*net.TCPConn).SetReadBuffer(4096)
	fmt.Fprintf(c, "GET /api/v1/stream HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: spinneret.v1\r\n\r\n", address)
	r, err := http.ReadResponse(bufio.NewReaderSize(c, 16), nil)
	if err != nil || r.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("handshake: %v, %v", r, err)
	}
}

// TestAStalledReaderCostsNothing has a snapshot larger than all buffers between hub and browser.
func TestAStalledReaderCostsNothing(t *testing.T) {
	hub, address := start(t)
	hub.Publish(crowd(1500, 0))
	stall(t, address)
	stall(t, address)
	d := websocket.Dialer{Subprotocols: []string{stream.Subprotocol}}
	c, _, err := d.Dial("ws://"+address+"/api/v1/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for range 2 { // hello, snap
		frameWithin(t, c, 20*time.Second)
	}
	before := heap()
	for turn := 1; turn <= 6; turn++ {
		hub.Publish(crowd(1500, turn))
		frameWithin(t, c, 4*time.Second) // less than writeTimeout: a stalled reader holds nobody up
	}
	if hub.Watching() != 3 {
		t.Fatalf("%d are watching: nobody stalled", hub.Watching())
	}
	if grown := heap() - before; grown > 2<<20 {
		t.Errorf("six frames of 200 kB that nobody takes keep %d bytes more", grown)
	}
}

func frameWithin(t *testing.T, c *websocket.Conn, d time.Duration) {
	t.Helper()
	c.SetReadDeadline(time.Now().Add(d))
	if _, _, err := c.ReadMessage(); err != nil {
		t.Fatalf("no frame within %v: %v", d, err)
	}
}

// TestTheServerHandsTheStreamOver has no fake between browser and hub.
func TestTheServerHandsTheStreamOver(t *testing.T) {
	hub, address := start(t)
	d := websocket.Dialer{Subprotocols: []string{stream.Subprotocol}}
	c, r, err := d.Dial("ws://"+address+"/api/v1/stream", http.Header{"Origin": {"http://" + address}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if got := c.Subprotocol(); got != stream.Subprotocol || r.StatusCode != http.StatusSwitchingProtocols {
		t.Errorf("%d speaks %q", r.StatusCode, got)
	}
	frameWithin(t, c, 20*time.Second) // hello
	frameWithin(t, c, 20*time.Second) // snap
	hub.Event(ui.Event{ID: 1})
	frameWithin(t, c, 20*time.Second)
}
