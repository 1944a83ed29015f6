package stream

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"spinneret/ui"
)

// Subprotocol is what a client offers (RFC 6455 section 1.9).
const Subprotocol = "spinneret.v1"

// MaxClients is how many browsers are served at once.
const MaxClients = 8

// Buffers of a connection, in bytes. Write buffers are shared: between two frames a client holds none.
const (
	readBuffer  = 1 << 10
	writeBuffer = 4 << 10
)

var writeBuffers sync.Pool

// upgrader keeps gorilla's own check of Origin. It compresses nothing: one compressor holds about a megabyte, and
// a delta has a kilobyte (measured 2026).
var upgrader = websocket.Upgrader{
	HandshakeTimeout:  5 * time.Second,
	ReadBufferSize:    readBuffer,
	WriteBufferSize:   writeBuffer,
	WriteBufferPool:   &writeBuffers,
	Subprotocols:      []string{Subprotocol},
	EnableCompression: false,
	Error: func(w http.ResponseWriter, _ *http.Request, status int, reason error) {
		ui.WriteProblem(w, &ui.Problem{Status: status, Code: codeOf(status), Title: "No stream", Detail: reason.Error()})
	},
}

func codeOf(status int) string {
	switch status {
	case http.StatusForbidden:
		return "bad-origin"
	case http.StatusInternalServerError:
		return "internal"
	}
	return "bad-request"
}

// ServeHTTP serves one browser until it goes, Run ends, or the request's context does: that of a login that ended.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !slices.Contains(websocket.Subprotocols(r), Subprotocol) {
		ui.WriteProblem(w, &ui.Problem{
			Status: http.StatusBadRequest, Code: "bad-request", Title: "No stream",
			Detail: "this is a WebSocket: offer the subprotocol " + Subprotocol,
		})
		return
	}
	c := newClient(h)
	if !h.enter(c) {
		h.refused.Add(1)
		ui.WriteProblem(w, &ui.Problem{
			Status: http.StatusServiceUnavailable, Code: "busy", Title: "Busy",
			Detail: "eight pages are open already: close one and try again",
		})
		return
	}
	defer h.leave(c)
	me := h.asker(r)
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		h.config.Log.Debug("stream refused", "remote", r.RemoteAddr, "error", err)
		return
	}
	c.serve(r.Context(), conn, me)
}

// Full tells how many browsers are served, of MaxClients, and how many there was no place for.
func (h *Hub) Full() (clients int, refused uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.clients), h.refused.Load()
}

func (h *Hub) asker(r *http.Request) int {
	if h.config.Focuser == nil {
		return 0
	}
	ctx, cancel := context.WithTimeout(r.Context(), focusTimeout)
	defer cancel()
	return h.config.Focuser.Asker(ctx, r.RemoteAddr)
}
