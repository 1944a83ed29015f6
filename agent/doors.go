package agent

import (
	"context"
	"errors"
	"net"
	"slices"
	"sort"

	"golang.org/x/sync/errgroup"

	"spinneret/agent/events"
	"spinneret/ui"
	"spinneret/ui/stream"
)

// Doors are where page and API are served, and to whom.
type Doors struct {
	Listeners   []net.Listener  // of page and API; the agent closes them
	Secure      []net.Listener  // of the same under TLS
	Certificate *ui.Certificate // for those
	Shut        []Shut          // what could not be opened yet
	Auth        bool            // the page wants a login
	Hosts       []string        // names that the router is called by
	Metrics     bool            // numbers for Prometheus are among it
}

// ports are the TCP ports that other machines can reach.
func (d Doors) ports() []uint16 { return withPorts(nil, slices.Concat(d.Listeners, d.Secure)...) }

// withPorts adds those of listeners to other ports.
func withPorts(ports []uint16, listeners ...net.Listener) []uint16 {
	ports = slices.Clone(ports)
	for _, l := range listeners {
		if tcp, ok := l.Addr().(*net.TCPAddr); ok && !tcp.IP.IsLoopback() {
			ports = append(ports, uint16(tcp.Port))
		}
	}
	sort.Slice(ports, func(i, j int) bool { return ports[i] < ports[j] })
	return slices.Compact(ports)
}

// through serves who comes through the doors that open opens, until ctx ends. Then nobody is left inside: the next
// doors may be narrower, so even streams end that were let in before.
func (h *home) through(open func() (Doors, error), page ui.Page) work {
	return func(ctx context.Context) error {
		doors, err := open()
		if len(doors.Listeners) == 0 {
			return err
		}
		hub := h.newHub()
		if h.do(ctx, func() { h.show(hub); h.guard(doors.ports()); h.shutDoors(doors.Shut) }) != nil {
			return closeAll(slices.Concat(doors.Listeners, doors.Secure)) // told to end already
		}
		server := ui.New(ui.Config{
			Backend: h, Stream: hub, Page: page, Log: h.log.With("room", "ui"),
			Auth: doors.Auth, Keeper: h.logins, Who: h.who, Hosts: doors.Hosts, Metrics: doors.Metrics, Now: h.now,
		})
		group, ctx := errgroup.WithContext(ctx)
		group.Go(func() error { return hub.Run(ctx) })
		group.Go(func() error { return server.Serve(ctx, doors.Listeners...) })
		if len(doors.Secure) > 0 {
			group.Go(func() error { return server.ServeTLS(ctx, doors.Certificate, doors.Secure...) })
		}
		for _, s := range doors.Shut {
			group.Go(func() error { return h.openLater(ctx, server, s) })
		}
		return group.Wait()
	}
}

func (h *home) newHub() *stream.Hub {
	return stream.New(stream.Config{Focuser: h, Log: h.log.With("room", "ui"), Now: h.now})
}

// show lets a new stream have what the old one had.
func (h *home) show(hub *stream.Hub) {
	h.hub, h.dirty, h.onShow = hub, true, false
	list, _ := h.events.Since(0, events.Limit)
	for _, e := range list {
		hub.Event(h.uiEvent(e))
	}
}

// guard has the page's ports closed to other networks.
func (h *home) guard(ports []uint16) {
	if slices.Equal(h.pagePorts, ports) {
		return
	}
	h.pagePorts, h.stale = ports, true
	if h.enforcer != nil {
		h.next()
	}
}

func closeAll(listeners []net.Listener) error {
	var errs []error
	for _, l := range listeners {
		errs = append(errs, l.Close())
	}
	return errors.Join(errs...)
}
