package account

import (
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"time"

	"spinneret/capture"
	"spinneret/capture/packet"
	"spinneret/openwrt/lab"
)

// wire adds up the IP bytes that pass on the provider's cable, by the port of the internet's side.
type wire struct {
	mu     sync.Mutex
	passed map[uint16]tally
}

func (w *wire) see(frame []byte) bool {
	var p packet.Packet
	if p.DecodeEthernet(frame, len(frame)) != nil || !p.IsIP() {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	out := w.passed[p.DstPort]
	out.sent = plus(out.sent, int(p.Length))
	w.passed[p.DstPort] = out
	in := w.passed[p.SrcPort]
	in.received = plus(in.received, int(p.Length))
	w.passed[p.SrcPort] = in
	return true
}

func (w *wire) of(port uint16) tally {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.passed[port]
}

// flowTo is what the table says of all flows to a port.
func (s *scene) flowTo(port uint16) (out tally, of string) {
	for _, f := range s.table.AppendFlows(nil, func(f *capture.Flow) bool { return f.RemotePort == port }) {
		out.sent.Packets += f.TxPackets
		out.sent.Bytes += f.TxBytes
		out.received.Packets += f.RxPackets
		out.received.Bytes += f.RxBytes
		of = f.Device.String()
	}
	return out, of
}

func TestLongFlowsAgreeWithTheWire(t *testing.T) {
	s := newScene(t, 4)
	s.start(t)
	w := &wire{passed: map[uint16]tally{}}
	frames, err := s.home.Internet().CountFrames(t.Context(), "home0", w.see)
	if err != nil {
		t.Fatal(err)
	}
	defer frames.Close()
	ports := s.exchange(t)
	for port, device := range ports {
		agree := func() bool {
			got, _ := s.flowTo(port)
			return near(got.sent, w.of(port).sent) && near(got.received, w.of(port).received)
		}
		deadline := time.Now().Add(time.Minute)
		for !agree() && time.Now().Before(deadline) {
			s.accountant.Kick()
			time.Sleep(20 * time.Millisecond)
		}
		got, of := s.flowTo(port)
		if !agree() || of != device.MAC || got.sent.Packets < 500 {
			t.Errorf("port %d of %s: counted %+v for %s, the wire had %+v", port, device.MAC, got, of, w.of(port))
		}
	}
}

// exchange sends numbered packets both ways for a while, over each protocol from a device of its own.
func (s *scene) exchange(t *testing.T) map[uint16]*lab.Device {
	t.Helper()
	ports := map[uint16]*lab.Device{}
	var counters []*lab.Counter
	for i, network := range []string{"udp", "tcp", "udp", "tcp"} {
		to := netip.AddrPortFrom(netip.MustParseAddr("198.51.100.99"), uint16(701+i))
		if i >= 2 {
			to = netip.AddrPortFrom(netip.MustParseAddr("2001:db8:199::99"), uint16(701+i))
		}
		d := s.devices()[i]
		c, err := lab.StartCounter(t.Context(), lab.Path{
			From: d.NS, To: s.home.Internet(), Network: network, Addr: to, Every: 2 * time.Millisecond, Size: 1000,
		})
		if err != nil {
			t.Fatal(err)
		}
		ports[to.Port()] = d
		counters = append(counters, c)
	}
	for i, c := range counters {
		eventually(t, fmt.Sprintf("counter %d has 1000 packets back", i), func() bool { return c.Returned() >= 1000 })
	}
	for _, c := range counters {
		c.Stop()
	}
	return ports
}

// near allows one part in a thousand.
func near(got, want capture.Volume) bool {
	off := func(a, b uint64) bool { return max(a, b)-min(a, b) > b/1000 }
	return want.Bytes > 0 && !off(got.Bytes, want.Bytes) && !off(got.Packets, want.Packets)
}
