package neigh

import (
	"context"
	"slices"
	"testing"
	"time"

	"spinneret/openwrt/lab"
)

// watched is a Watch that runs inside a namespace.
type watched struct {
	t         *testing.T
	ctx       context.Context
	snapshots chan Snapshot
}

func watch(t *testing.T, n *lab.NS) *watched {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	w, ended := &watched{t, ctx, make(chan Snapshot)}, make(chan error, 1)
	go func() {
		ended <- n.Do(func() error {
			return Watch(ctx, func(s Snapshot) {
				select {
				case w.snapshots <- s:
				case <-ctx.Done():
				}
			})
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("cancelled watch: %v, want nil", err)
		}
	})
	return w
}

// until waits for a snapshot that is as wished.
func (w *watched) until(what string, ok func(Snapshot) bool) Snapshot {
	w.t.Helper()
	for {
		select {
		case s := <-w.snapshots:
			if ok(s) {
				return s
			}
		case <-w.ctx.Done():
			w.t.Fatalf("not seen within a minute: %s", what)
		}
	}
}

// send puts a frame with that source MAC on the cable behind a port.
func send(t *testing.T, n *lab.NS, far string, from [6]byte) {
	t.Helper()
	raw, err := n.OpenRaw(far)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	const localExperiment = 0x88b5
	if err := raw.Send(lab.Ethernet(lab.Broadcast, from, localExperiment, []byte("hello"))); err != nil {
		t.Fatal(err)
	}
}

// indexOf gives the interface index of a link.
func indexOf(t *testing.T, s Snapshot, name string) int32 {
	t.Helper()
	for _, l := range s.Links {
		if l.Name == name {
			return l.Index
		}
	}
	t.Fatalf("no link %q in %v", name, s.Links)
	return 0
}

// twoPorts makes a gateway with a second port, whose far end is far3, and watches it. It gives the ports' indexes.
func twoPorts(t *testing.T) (n *lab.NS, w *watched, lan1, lan2 int32) {
	t.Helper()
	n = gateway(t)
	ipRoute(t, n, "link add lan2 type veth peer name far3")
	ipRoute(t, n, "link set lan2 master br-lan")
	ipRoute(t, n, "link set lan2 up")
	ipRoute(t, n, "link set far3 up")
	w = watch(t, n)
	s := w.until("both ports up", func(s Snapshot) bool {
		return slices.ContainsFunc(s.Links, func(l Link) bool { return l.Name == "lan2" && l.Up })
	})
	return n, w, indexOf(t, s, "lan1"), indexOf(t, s, "lan2")
}

func TestADeviceThatSendsAsAnotherMovesItToItsPort(t *testing.T) {
	n, w, honest, liar := twoPorts(t)
	at := func(port int32) func(Snapshot) bool {
		return func(s Snapshot) bool {
			h, err := s.Home([]string{"br-lan"}, nil)
			return err == nil && slices.Contains(h.Stations, Station{deviceMAC, port, indexOf(t, s, "br-lan")})
		}
	}

	send(t, n, "far1", deviceMAC)
	if s := w.until("the device at its port", at(honest)); len(s.Moves) != 0 {
		t.Errorf("moves %v of a device that appeared", s.Moves)
	}
	send(t, n, "far3", deviceMAC)
	s := w.until("the device at the other port", at(liar))
	if want := []Move{{1, deviceMAC, honest, liar}}; !slices.Equal(s.Moves, want) {
		t.Errorf("moves %v, want %v", s.Moves, want)
	}

	// Back and forth faster than snapshots come: the ports are the same before and after.
	for range 3 {
		send(t, n, "far1", deviceMAC)
		send(t, n, "far3", deviceMAC)
	}
	s = w.until("six moves more", func(s Snapshot) bool { return len(s.Moves) >= 7 })
	if last := (Move{7, deviceMAC, honest, liar}); s.Moves[len(s.Moves)-1] != last || s.MissedNotices != 0 {
		t.Errorf("moves %v, want the last to be %v", s.Moves, last)
	}

	ipRoute(t, n, "link set lan2 down")
	s = w.until("the port's end", func(s Snapshot) bool { return !at(liar)(s) })
	send(t, n, "far1", deviceMAC)
	if s = w.until("the device at its own port", at(honest)); len(s.Moves) != 7 {
		t.Errorf("moves %v: the bridge had forgotten it, that is no move", s.Moves)
	}
}

func TestTheRoutersOwnMACsAreNoStations(t *testing.T) {
	n := gateway(t)
	var s Snapshot
	if err := n.Do(func() (err error) { s, err = Read(t.Context()); return err }); err != nil {
		t.Fatal(err)
	}
	h, err := s.Home([]string{"br-lan"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, st := range h.Stations {
		if slices.Contains(h.RouterMACs, st.MAC) || st.MAC == bridgeMAC {
			t.Errorf("station %v is the router itself", st)
		}
	}
	if name := h.Ports[indexOf(t, s, "lan1")]; name != "lan1" {
		t.Errorf("the port is called %q, want lan1", name)
	}
}

func TestAFloodOfMadeUpMACsHidesNoDevice(t *testing.T) {
	n, w, honest, liar := twoPorts(t)

	raw, err := n.OpenRaw("far3")
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	for i := range 10 * maxPortStations {
		if err := raw.Send(lab.Ethernet(lab.Broadcast, madeUp(i), 0x88b5, nil)); err != nil {
			t.Fatal(err)
		}
	}
	send(t, n, "far1", deviceMAC)
	s := w.until("the device beside them", func(s Snapshot) bool {
		return slices.ContainsFunc(s.Stations, func(st Station) bool { return st.MAC == deviceMAC && st.Port == honest })
	})
	if len(s.Stations) > 2*maxPortStations {
		t.Errorf("%d stations", len(s.Stations))
	}
	send(t, n, "far3", deviceMAC)
	w.until("its move", func(s Snapshot) bool {
		return slices.ContainsFunc(s.Moves, func(m Move) bool { return m.MAC == deviceMAC && m.From == honest && m.To == liar })
	})
}
