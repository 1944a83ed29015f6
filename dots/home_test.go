package dots

import (
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"spinneret/dots/wire"
	"spinneret/openwrt/lab/expect"
)

var eventually = expect.Eventually

// fakeHome has the addresses 203.0.113.20 and 2001:db8:123::1, and notes what it is told.
type fakeHome struct {
	mu         sync.Mutex
	legitimate bool
	told       []string
}

func (h *fakeHome) Ours(_ wire.Client, p netip.Prefix) bool {
	return p == netip.MustParsePrefix("203.0.113.20/32") || p == netip.MustParsePrefix("2001:db8:123::1/128")
}

func (h *fakeHome) Legitimate(wire.Client, wire.Scope) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.legitimate
}

func (h *fakeHome) Mitigate(e wire.Entry) { h.note(fmt.Sprintf("mitigate %s %d", e.CUID, e.MID)) }

func (h *fakeHome) End(e wire.Entry, why Ending) {
	h.note(fmt.Sprintf("end %s %d %s", e.CUID, e.MID, why))
}

func (h *fakeHome) note(text string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.told = append(h.told, text)
}

func (h *fakeHome) heard(text string) func() bool {
	return func() bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		return slices.Contains(h.told, text)
	}
}

// clock stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// start runs a server for the length of a test.
func start(t *testing.T, o Options) *Server {
	t.Helper()
	s := New(o)
	ctx, done := t.Context(), make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		// The context of a test ends before its cleanups run.
		if err := <-done; err != nil {
			t.Errorf("the server ends with %v", err)
		}
	})
	return s
}

func up(s *Server, index int) func() bool {
	return func() bool { return s.Sessions()[index].State == Up }
}
