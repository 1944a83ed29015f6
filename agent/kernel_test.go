package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"spinneret/capture"
	"spinneret/capture/packet"
	"spinneret/openwrt/firewall"
	"spinneret/openwrt/neigh"
	"spinneret/ui"
)

var errRefused = errors.New("no room")

// fakeKernel holds what was applied last, and refuses what it is told to refuse.
type fakeKernel struct {
	takes  time.Duration // each Apply
	refuse func(firewall.State) error

	mu      sync.Mutex
	state   firewall.State
	applied int
	deaf    map[string]bool // quarantines that it lost behind our back
}

func (k *fakeKernel) Apply(ctx context.Context, s firewall.State) error {
	select {
	case <-time.After(k.takes):
	case <-ctx.Done():
		return ctx.Err()
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.refuse != nil {
		if err := k.refuse(s); err != nil {
			return err
		}
	}
	k.state, k.deaf = s, nil
	k.applied++
	return nil
}

func (k *fakeKernel) Counters(context.Context) (firewall.Counters, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	c := firewall.Counters{Quarantines: map[string]firewall.Proof{}}
	for _, q := range k.state.Quarantines {
		c.Quarantines[q.ID] = firewall.Proof{InForce: !k.deaf[q.ID]}
	}
	return c, nil
}

// holds reports whether the kernel cuts off the device.
func (k *fakeKernel) holds(mac packet.MAC) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, q := range k.state.Quarantines {
		if q.MAC == mac && !k.deaf[q.ID] {
			return true
		}
	}
	return false
}

// set changes the fake while it runs.
func (k *fakeKernel) set(change func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	change()
}

// bubble is a home whose loop runs in fake time, with so many devices among its neighbours.
type bubble struct {
	*testing.T
	*home
	kernel *fakeKernel
}

// epoch is when a bubble begins: a clock that shows less was never set.
var epoch = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// inBubble runs a test with a home of n devices, until the test returns.
func inBubble(t *testing.T, n int, k *fakeKernel, test func(bubble)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		o := Options{LAN: []string{"br-lan"}, MaxLevel: capture.MaxLevel, Now: func() time.Time { return epoch.Add(time.Since(began)) }}
		o.setDefaults()
		h := newHome(o, slog.New(slog.DiscardHandler))
		h.enforcer = newEnforcer(k, func(*savedQuarantines) error { return nil }, h.log)
		h.netC.put(neighbourhood(n))
		ctx, cancel := context.WithCancel(context.Background())
		var tasks sync.WaitGroup
		tasks.Go(func() { _ = h.Run(ctx) })
		tasks.Go(func() { _ = h.enforcer.Run(ctx) })
		synctest.Wait()
		time.Sleep(2 * time.Second) // the first rules are applied, the devices announced
		test(bubble{t, h, k})
		cancel()
		tasks.Wait()
	})
}

// neighbourhood is a LAN with n devices, as the kernel's neighbour table has them.
func neighbourhood(n int) neigh.Snapshot {
	s := neigh.Snapshot{
		Links: []neigh.Link{{Index: 3, Name: "br-lan", MAC: packet.MAC{2, 0, 0, 0, 1, 1}, Kind: "bridge", Up: true}},
		Addrs: []neigh.Addr{{Index: 3, Prefix: netip.MustParsePrefix("192.168.1.1/24")}},
	}
	for i := range n {
		s.Neighbours = append(s.Neighbours, neigh.Neighbour{Index: 3, Addr: netip.AddrFrom4([4]byte{192, 168, 1, byte(i + 10)}), MAC: macOf(i)})
	}
	return s
}

func macOf(i int) packet.MAC { return packet.MAC{2, 0, 0, 0, 0, byte(i + 1)} }

// cut orders a full quarantine.
func (b bubble) cut(i int, q ui.QuarantineOrder) (ui.Device, error) {
	q.Level = "full"
	return b.Quarantine(b.Context(), macOf(i).String(), q)
}

// told counts the events of a kind.
func (b bubble) told(kind string) (texts []string) {
	b.Helper()
	list, _, err := b.Events(b.Context(), 0, 1000)
	if err != nil {
		b.Fatal(err)
	}
	for _, e := range list {
		if e.Kind == kind {
			texts = append(texts, e.Text)
		}
	}
	return texts
}

// code is the code of the problem in an error, "" for none.
func code(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	var p *ui.Problem
	if !errors.As(err, &p) {
		t.Fatalf("%v is no problem of the contract", err)
	}
	return fmt.Sprint(p.Status, " ", p.Code)
}
