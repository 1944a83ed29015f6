package stream

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"spinneret/ui/uitest"
)

// bench is a running hub, with the clock of its bubble.
type bench struct {
	*testing.T
	hub   *Hub
	pipes *uitest.Pipes
	stop  func() // ends Run, and returns when it has
}

// inBubble runs a test against a hub behind a real HTTP server, in fake time.
func inBubble(t *testing.T, focuser Focuser, test func(b *bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := &bench{T: t, hub: New(Config{Focuser: focuser, Epoch: "9f3a"}), pipes: uitest.NewPipes()}
		ctx, cancel := context.WithCancel(context.Background())
		ranC := make(chan struct{})
		go func() {
			defer close(ranC)
			if err := b.hub.Run(ctx); err != nil {
				t.Errorf("Run: %v", err)
			}
		}()
		b.stop = func() { cancel(); <-ranC }
		server := &http.Server{Handler: b.hub}
		servedC := make(chan error, 1)
		go func() { servedC <- server.Serve(b.pipes) }()
		test(b)
		b.stop()
		server.Close()
		if err := <-servedC; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("Serve: %v", err)
		}
	})
}

func (b *bench) dial() (*websocket.Conn, *http.Response, error) {
	d := websocket.Dialer{NetDialContext: b.pipes.Dial, Subprotocols: []string{Subprotocol}}
	return d.Dial("ws://localhost/api/v1/stream", nil)
}

func (b *bench) connect() *browser {
	b.Helper()
	conn, _, err := b.dial()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	return &browser{b, conn}
}

// browser is the far end of a stream.
type browser struct {
	*bench
	conn *websocket.Conn
}

// next is the next frame, raw.
func (c *browser) next() string {
	c.Helper()
	_, data, err := c.conn.ReadMessage()
	if err != nil {
		c.Fatalf("read: %v", err)
	}
	return string(data)
}

// want reads one frame of a kind.
func (c *browser) want(kind string) string {
	c.Helper()
	got := c.next()
	if !strings.HasPrefix(got, `{"t":"`+kind+`",`) {
		c.Fatalf("got %s, want a frame of kind %s", got, kind)
	}
	return got
}

func (c *browser) say(message string) {
	c.Helper()
	if err := c.conn.WriteMessage(websocket.TextMessage, []byte(message)); err != nil {
		c.Fatal(err)
	}
}

// silent checks that nothing comes within d.
func (c *browser) silent(d time.Duration) {
	c.Helper()
	heardC := make(chan []byte, 1)
	go func() {
		// A read that fails ends a gorilla connection for good: the reader stays until a frame comes or the test ends.
		_, data, _ := c.conn.ReadMessage()
		heardC <- data
	}()
	select {
	case data := <-heardC:
		c.Fatalf("heard %s", data)
	case <-time.After(d):
	}
	c.conn.Close()
	<-heardC
}

func (b *bench) publish(v View) {
	v.Now = time.Now()
	b.hub.Publish(v)
	synctest.Wait()
}

func cam(name string) View { return viewOf(time.Time{}, 0, name) }
