package lab

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// Home is a running home.
type Home struct {
	dir              homeDir
	log              *slog.Logger
	router, internet *NS
	devices          []*Device
	ca               *authority
	web              *web
	names            names

	ctx    context.Context // of all that runs in the home
	cancel context.CancelFunc
	tasks  sync.WaitGroup
}

// startLimit is how long a home may take to come up; it needs a few seconds on a loaded machine.
const startLimit = 30 * time.Second

// Start builds a home and returns when every device has its addresses. It ends by Close, not by ctx.
func Start(ctx context.Context, o Options) (*Home, error) {
	specs, err := o.specs()
	if err != nil {
		return nil, err
	}
	h := &Home{log: o.Log}
	if h.log == nil {
		h.log = slog.New(slog.DiscardHandler)
	}
	h.ctx, h.cancel = context.WithCancel(context.WithoutCancel(ctx))
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	if err := h.build(ctx, o, specs); err != nil {
		return nil, errors.Join(fmt.Errorf("start home: %w", err), h.Close())
	}
	return h, nil
}

// build goes from the cables up to the habits.
func (h *Home) build(ctx context.Context, o Options, specs []Spec) (err error) {
	if h.dir, err = newDir(o.Dir); err != nil {
		return err
	}
	if err := h.makeNamespaces(specs, o.DAD); err != nil {
		return err
	}
	if err := buildRouter(ctx, h.router, h.internet, h.devices, o); err != nil {
		return err
	}
	if err := buildInternet(ctx, h.internet, o.Wire); err != nil {
		return err
	}
	if err := h.startServers(); err != nil {
		return err
	}
	for _, d := range h.devices {
		if err := d.connect(ctx, o.Wire); err != nil {
			return err
		}
	}
	if err := h.startDNSmasq(ctx); err != nil {
		return err
	}
	if o.BeforeJoin != nil {
		if err := o.BeforeJoin(ctx, h); err != nil {
			return err
		}
	}
	if err := h.joinDevices(ctx); err != nil {
		return err
	}
	if !o.Idle {
		for _, d := range h.devices {
			d.Start()
		}
	}
	return nil
}

func (h *Home) makeNamespaces(specs []Spec, dad bool) (err error) {
	if h.router, err = NewNS("router"); err != nil {
		return err
	}
	if h.internet, err = NewNS("internet"); err != nil {
		return err
	}
	for i, s := range specs {
		n, err := NewNS(s.Name)
		if err != nil {
			return err
		}
		d := &Device{Name: s.Name, MAC: s.MAC, Port: portName(i), NS: n, spec: s, home: h}
		h.devices = append(h.devices, d)
		if err := d.prepare(dad); err != nil {
			return err
		}
	}
	return nil
}

func (h *Home) joinDevices(ctx context.Context) error {
	if err := h.writeDHCPScript(); err != nil {
		return err
	}
	eg, ctx := errgroup.WithContext(ctx)
	for _, d := range h.devices {
		eg.Go(func() error { return d.join(ctx) })
	}
	return eg.Wait()
}

// Close ends everything in the home and waits for it. It is safe to call twice.
func (h *Home) Close() error {
	h.cancel()
	var errs []error
	for _, d := range h.devices {
		d.Stop()
		errs = append(errs, d.NS.Close())
	}
	for _, n := range []*NS{h.router, h.internet} {
		if n != nil {
			errs = append(errs, n.Close())
		}
	}
	h.tasks.Wait()
	return errors.Join(append(errs, h.dir.remove())...)
}

// Router returns the router's namespace.
func (h *Home) Router() *NS { return h.router }

// Internet returns the namespace of everything beyond the router's WAN.
func (h *Home) Internet() *NS { return h.internet }

// Devices returns the devices in the order of their ports.
func (h *Home) Devices() []*Device { return h.devices }

// Device returns the device of that name, or nil.
func (h *Home) Device(name string) *Device {
	for _, d := range h.devices {
		if d.Name == name {
			return d
		}
	}
	return nil
}

// Dir returns the home's own directory, which is gone after Close.
func (h *Home) Dir() string { return h.dir.path }

// LeaseFile returns the path of dnsmasq's leases.
func (h *Home) LeaseFile() string { return filepath.Join(h.dir.path, "dhcp.leases") }

// WANAddr returns the router's addresses towards the provider.
func (h *Home) WANAddr() (v4, v6 netip.Addr) { return wanRouter4.Addr(), wanRouter6.Addr() }

// LANAddr returns the router's addresses towards the devices: IPv4, unique local and global IPv6.
func (h *Home) LANAddr() (v4, ula, gua netip.Addr) {
	return lanRouter4.Addr(), lanRouterUL.Addr(), lanRouter6.Addr()
}
