package firewall

import (
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"spinneret/openwrt/lab"
)

// hammer sends from a device as fast as one thread can, to one that counts what comes.
type hammer struct {
	sent, arrived atomic.Uint64
	stop          func()
}

func startHammer(t *testing.T, from, to *lab.NS, addr netip.AddrPort) *hammer {
	t.Helper()
	in := listenUDP(t, to, addr)
	out, err := from.Dial(t.Context(), "udp", addr)
	if err != nil {
		t.Fatal(err)
	}
	h := &hammer{}
	var ended atomic.Bool
	writer, reader := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(writer)
		for deadline := time.Now().Add(30 * time.Second); !ended.Load() && time.Now().Before(deadline); {
			if _, err := out.Write([]byte("hammer")); err == nil {
				h.sent.Add(1)
			}
		}
	}()
	go func() {
		defer close(reader)
		for buf := make([]byte, 64); ; {
			if _, _, err := in.ReadFrom(buf); err != nil {
				return
			}
			h.arrived.Add(1)
		}
	}()
	h.stop = func() {
		ended.Store(true)
		<-writer
		out.Close()
		in.Close()
		<-reader
	}
	t.Cleanup(h.stop)
	return h
}

// What is stopped stays stopped while other orders come and go, and while an agent that was started anew takes over.
func TestAChangeOpensNothingForAMoment(t *testing.T) {
	h := startHouse(t, lab.Options{})
	held := stop(t, h.cam, target(h.server4.String()+"/32", 17))
	apply(t, h.firewall, h.state(held))
	flood := startHammer(t, h.cam.NS, h.Internet(), port(h.server4, 9000))
	eventually(t, "it floods", func() bool { return flood.sent.Load() > 1000 })
	for name, change := range map[string]func(round int){
		"an agent takes over": func(int) { h.takeOver(t, h.state(held)) },
		"another is cut off in full": func(round int) {
			apply(t, h.firewall, h.state(append([]Quarantine{held}, cut(t, h.tv))[:1+round%2]...))
		},
		"more is stopped": func(round int) {
			q := held
			if round%2 == 0 {
				q.To = append([]Target{target("203.0.113.0/25", 17)}, held.To...)
			}
			apply(t, h.firewall, h.state(q))
		},
	} {
		t.Run(name, func(t *testing.T) {
			before, sent := flood.arrived.Load(), flood.sent.Load()
			for round := range 15 {
				change(round)
			}
			if n := flood.arrived.Load() - before; n > 0 {
				t.Errorf("%d of %d packets passed", n, flood.sent.Load()-sent)
			}
		})
	}
	if out := run(t, h.Router(), "", "nft", "list", "tables"); strings.Contains(out, "guard") {
		t.Errorf("the guard is left:\n%s", out)
	}
}

// An agent that was killed between two transactions leaves the guard, which would hold for ever.
func TestAGuardThatWasLeftGoesWithTheNextChange(t *testing.T) {
	h := startHouse(t, lab.Options{})
	if err := h.firewall.postLocked(t.Context(), guarded(h.state(cut(t, h.cam))), time.Now()); err != nil {
		t.Fatal(err)
	}
	guard := func() bool {
		return strings.Contains(run(t, h.Router(), "", "nft", "list", "tables"), guardOf(tableName))
	}
	if !guard() {
		t.Fatal("there is no guard")
	}
	h.takeOver(t, h.state())
	if guard() {
		t.Error("the guard is still there")
	}
}
