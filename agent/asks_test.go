package agent

import (
	"context"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"spinneret/capture"
	"spinneret/capture/history"
	"spinneret/capture/packet"
	"spinneret/dots"
	"spinneret/dots/wire"
	"spinneret/openwrt/firewall"
	"spinneret/ui"
)

// fakeServer keeps what the home says to its sessions.
type fakeServer struct {
	mu       sync.Mutex
	last     map[wire.Key]wire.State
	released map[wire.Key]wire.State
}

func (s *fakeServer) Update(k wire.Key, st wire.State) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last[k] = st
}

func (s *fakeServer) Release(k wire.Key, st wire.State) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.released[k] = st
}

// status is what the provider would read now; 0 where it was told nothing.
func (s *fakeServer) status(e wire.Entry) wire.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last[e.Key].Status
}

// dismissed is how a request was ended by the home.
func (s *fakeServer) dismissed(e wire.Entry) (wire.State, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, ok := s.released[e.Key]
	return st, ok
}

// asks is a home of three devices with a provider.
type asks struct {
	bubble
	server *fakeServer
}

func whileAsked(t *testing.T, policy string, test func(asks)) {
	t.Helper()
	inBubble(t, 3, &fakeKernel{}, func(b bubble) {
		a := asks{b, &fakeServer{last: map[wire.Key]wire.State{}, released: map[wire.Key]wire.State{}}}
		ctx, cancel := context.WithCancel(context.Background())
		var tasks sync.WaitGroup
		tasks.Go(func() { _ = b.searcher.Run(ctx) })
		err := b.do(ctx, func() {
			b.home.providers = a.server
			b.options.Providers = []Provider{{Provider: dots.Provider{ID: "isp"}, Policy: policy, MaxDevices: 1}}
		})
		if err != nil {
			t.Fatal(err)
		}
		test(a)
		cancel()
		tasks.Wait()
	})
}

// flow lets a device have talked to the victim through an outside port, two minutes ago.
func (a asks) flow(device int, outside uint16) {
	a.Helper()
	store, err := a.archive.take(a.Context())
	if err != nil {
		a.Fatal(err)
	}
	defer a.archive.put(store)
	at := a.now().Add(-2 * time.Minute)
	store.Add(&history.Flow{Sure: true, Flow: capture.Flow{
		Device: macOf(device), DeviceAddr: netip.AddrFrom4([4]byte{192, 168, 1, byte(device + 10)}), DeviceMAC: capture.MACFrame,
		Remote: netip.MustParseAddr("198.51.100.7"), Protocol: packet.ProtoUDP, DevicePort: 5000, RemotePort: 53, Port: 53, Out: true,
		Outside: netip.AddrPortFrom(netip.MustParseAddr("203.0.113.20"), outside), First: at.Add(-time.Minute), Last: at, Ended: true,
	}})
}

// ask lets the provider ask about an outside port, 0 for none, for an hour.
func (a asks) ask(mid uint32, outside uint16) wire.Entry {
	a.Helper()
	now := a.now()
	e := wire.Entry{
		Key: wire.Key{Client: wire.Client{Provider: "isp", Identity: "dots.isp.example"}, CUID: "c", MID: mid}, Status: wire.InProgress,
		Request: wire.Request{Lifetime: 3600, Scope: wire.Scope{
			Targets: []netip.Prefix{netip.MustParsePrefix("198.51.100.7/32")}, TargetPorts: []wire.PortRange{{Lower: 53, Upper: 53}},
			Protocols: []uint8{17}, Sources: []netip.Prefix{netip.MustParsePrefix("203.0.113.20/32")},
		}}, Received: now, Ends: now.Add(time.Hour),
	}
	if outside != 0 {
		e.Request.SourcePorts = []wire.PortRange{{Lower: outside, Upper: outside}}
	}
	a.petitions.Mitigate(e)
	synctest.Wait()
	return e
}

// request is the last one.
func (a asks) request() ui.Request {
	a.Helper()
	list, err := a.Requests(a.Context())
	if err != nil || len(list) == 0 {
		a.Fatalf("no requests: %v", err)
	}
	return list[len(list)-1]
}

// rules are what the kernel holds of a device.
func (a asks) rules(device int) (list []firewall.Quarantine) {
	a.kernel.mu.Lock()
	defer a.kernel.mu.Unlock()
	for _, q := range a.kernel.state.Quarantines {
		if q.MAC == macOf(device) {
			list = append(list, q)
		}
	}
	return list
}
