package agent

import (
	"context"
	"net"
	"slices"
	"time"

	"spinneret/agent/events"
	"spinneret/capture/say"
	"spinneret/ui"
)

// Shut is a door of the page that could not be opened: its port is taken, its address or certificate is not there.
// What else the agent does goes on, and the door is tried again.
type Shut struct {
	URL  string // where the page is not
	Why  error
	Open func() (net.Listener, *ui.Certificate, error) // no certificate: without TLS
}

// A shut door is tried again after a second, then ever more seldom.
const (
	firstRetry = time.Second
	lastRetry  = time.Minute
)

// shutDoors tells of the doors that are shut.
func (h *home) shutDoors(list []Shut) {
	h.shut = slices.Clone(list)
	for _, s := range list {
		h.tellShut(s)
	}
}

func (h *home) tellShut(s Shut) {
	h.log.Error("a door of the page is shut, and is tried again", "url", s.URL, "err", s.Why)
	h.event(events.Event{Kind: events.Config, Severity: events.Warning, Text: say.New("page.again", s.word())})
}

func (s Shut) word() say.Phrase { return say.New("page.shut", s.URL, s.Why.Error()) }

// openLater tries a shut door until it opens, and then serves who comes through it, until ctx ends.
func (h *home) openLater(ctx context.Context, server *ui.Server, s Shut) error {
	l, certificate := h.retry(ctx, s)
	if l == nil {
		return nil
	}
	if h.do(ctx, func() { h.opened(s, l) }) != nil {
		return l.Close() // told to end already
	}
	if certificate != nil {
		return server.ServeTLS(ctx, certificate, l)
	}
	return server.Serve(ctx, l)
}

// retry returns no listener where ctx ended first.
func (h *home) retry(ctx context.Context, s Shut) (net.Listener, *ui.Certificate) {
	for wait := firstRetry; ; wait = min(2*wait, lastRetry) {
		select {
		case <-ctx.Done():
			return nil, nil
		case <-time.After(wait):
		}
		l, certificate, err := s.Open()
		if err == nil {
			return l, certificate
		}
		if err.Error() != s.Why.Error() {
			s.Why = err
			_ = h.do(ctx, func() { h.stillShut(s) }) // fails where all ends
		}
	}
}

// stillShut notes another reason than before.
func (h *home) stillShut(s Shut) {
	for i := range h.shut {
		if h.shut[i].URL == s.URL {
			h.shut[i] = s
		}
	}
	h.tellShut(s)
}

// opened has the firewall keep others from the port as well: until it does, the page itself refuses them (see who).
func (h *home) opened(s Shut, l net.Listener) {
	h.shut = slices.DeleteFunc(h.shut, func(x Shut) bool { return x.URL == s.URL })
	h.guard(withPorts(h.pagePorts, l))
	text := say.New("page.back", s.URL)
	h.log.Info(text.String())
	h.event(events.Event{Kind: events.Config, Severity: events.Note, Text: text})
}
