package e2e

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

func floods(t *testing.T, h *doorHouse) {
	endless := strings.Repeat("x", 2<<20)
	stranger := h.at("tv")
	for what, try := range map[string]func() (said, error){
		"a login": func() (said, error) { return stranger.try("POST", session, `{"user":"`+endless+`"}`) },
		"an order": func() (said, error) {
			return h.owner.try("PUT", "/api/v1/"+quarantineOf(h.home.Device("lamp")), `{"why":"`+endless+`"}`)
		},
	} {
		// The agent may hang up while the rest is still on its way.
		if answer, err := try(); err == nil && answer.status != http.StatusRequestEntityTooLarge {
			t.Errorf("%s of 2 MiB: %d %s", what, answer.status, answer.code)
		}
	}
	if answer, err := stranger.try("GET", "/", "", "X-Long: "+endless[:64<<10]); err == nil && answer.status != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("a header of 64 KiB: %d %s", answer.status, answer.code)
	}
}

// connections by the thousand from one device leave room for all others.
func connections(t *testing.T, h *doorHouse) {
	tv := h.home.Device("tv").NS
	ctx, hangUp := context.WithCancel(t.Context())
	defer hangUp()
	var all sync.WaitGroup
	opened := make(chan bool, 1000)
	for range 8 {
		all.Go(func() {
			for range 125 {
				_, err := tv.Dial(ctx, "tcp", h.lan)
				opened <- err == nil
			}
		})
	}
	all.Wait()
	n := 0
	for range 1000 {
		if <-opened {
			n++
		}
	}
	if n < 900 {
		t.Fatalf("only %d connections came about, which proves little", n)
	}
	want(t, "the owner beside them", h.owner.ask("GET", "/api/v1/devices", ""), ok) // within answerLimit
}

// slowHeaders begins a request and never ends it; what it returns wants that the agent hung up.
func slowHeaders(t *testing.T, h *doorHouse) func(*testing.T) {
	t.Helper()
	c, err := h.home.Device("tv").NS.Dial(t.Context(), "tcp", h.lan)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: "+h.lan.String()+"\r\nX-Slow: "); err != nil {
		t.Fatal(err)
	}
	return func(t *testing.T) {
		_ = c.SetReadDeadline(time.Now().Add(patience))
		_, err := io.Copy(io.Discard, c)
		var timeout net.Error
		if errors.As(err, &timeout) && timeout.Timeout() {
			t.Errorf("after %v the connection is still open", patience)
		}
	}
}
