package ui_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"spinneret/ui"
	"spinneret/ui/auth"
	"spinneret/ui/stream"
)

// TestTheStreamEndsWithItsLogin: who logs out, or whose token is revoked, hears nothing more.
func TestTheStreamEndsWithItsLogin(t *testing.T) {
	h := newHouse(t)
	hub := stream.New(stream.Config{})
	ctx, cancel := context.WithCancel(context.Background())
	doneC := make(chan error, 1)
	go func() { doneC <- hub.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-doneC })
	h.server = newServer(h.home, func(c *ui.Config) { c.Auth, c.Keeper, c.Stream = true, h.keeper, hub })
	l := listen(t, "tcp", "127.0.0.1:0")
	serve(t, h.server, l)
	address := l.Addr().String()

	owner := h.setUpHere()
	_, token, err := h.keeper.AddToken(auth.Local(), "Home Assistant")
	if err != nil {
		t.Fatal(err)
	}
	byCookie, byToken := dial(t, address, owner), dial(t, address, "Authorization: Bearer "+token)
	if _, r, err := dialer().Dial("ws://"+address+"/api/v1/stream", nil); err == nil || r.StatusCode != http.StatusUnauthorized {
		t.Errorf("without a login: %v", err)
	}
	if got := h.ask("127.0.0.1:1", "DELETE", "tokens/t1", "", owner).StatusCode; got != 204 {
		t.Fatalf("revoke: %d", got)
	}
	endsExpired(t, "a revoked token", byToken)
	if got := h.ask("127.0.0.1:1", "DELETE", "session", "", owner).StatusCode; got != 204 {
		t.Fatalf("log out: %d", got)
	}
	endsExpired(t, "a session logged out", byCookie)
}

func (h *house) setUpHere() string {
	h.Helper()
	return h.cookies(h.ask("127.0.0.1:1", "POST", "session/setup", `{"password":"`+password+`"}`))
}

func dialer() *websocket.Dialer {
	return &websocket.Dialer{Subprotocols: []string{stream.Subprotocol}, HandshakeTimeout: 5 * time.Second}
}

func dial(t *testing.T, address, header string) *websocket.Conn {
	t.Helper()
	name, value, _ := strings.Cut(header, ": ")
	c, r, err := dialer().Dial("ws://"+address+"/api/v1/stream", http.Header{name: {value}})
	if err != nil {
		t.Fatalf("%v: %+v", err, r)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func endsExpired(t *testing.T, what string, c *websocket.Conn) {
	t.Helper()
	_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
	last := ""
	for {
		_, data, err := c.ReadMessage()
		if err != nil {
			break
		}
		last = string(data)
	}
	if last != `{"t":"bye","why":"expired"}` {
		t.Errorf("%s: the last frame is %s", what, last)
	}
}
