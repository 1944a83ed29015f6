package isp_test

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"spinneret/dots"
	"spinneret/dots/coap"
	"spinneret/dots/isp"
	"spinneret/dots/isp/store"
	"spinneret/dots/wire"
)

// startNATS is a NATS with JetStream that several nodes share.
func startNATS(t *testing.T) (url string) {
	t.Helper()
	ns, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(), NoSigs: true, NoLog: true})
	if err != nil {
		t.Fatal(err)
	}
	ns.Start()
	t.Cleanup(func() { ns.Shutdown(); ns.WaitForShutdown() })
	if !ns.ReadyForConnections(patience) {
		t.Fatal("NATS does not come up")
	}
	return ns.ClientURL()
}

// openStore is what a node keeps there, without the node.
func openStore(t *testing.T, url, node string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{URL: url, Replicas: 1, Node: node, Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// TestWhatAnotherNodeWroteIsFoundAtOnce: its word may not have reached us yet.
func TestWhatAnotherNodeWroteIsFoundAtOnce(t *testing.T) {
	url := startNATS(t)
	a, b := openStore(t, url, "a"), openStore(t, url, "b")
	for i := range 100 {
		id := fmt.Sprint("h-", i)
		if _, err := a.Requests.Change(t.Context(), id, func(v *store.Request, _ bool) error { v.ID = id; return nil }); err != nil {
			t.Fatal(err)
		}
		if r, there, err := b.Requests.Find(t.Context(), id); err != nil || !there || r.ID != id {
			t.Fatalf("%s is %+v %v %v", id, r, there, err)
		}
	}
	if _, there, err := b.Requests.Find(t.Context(), "h-none"); there || err != nil {
		t.Errorf("what nobody wrote is there: %v, %v", there, err)
	}
	for i := range 30 {
		why := fmt.Sprint("for the time ", i)
		if _, err := a.Requests.Change(t.Context(), "h-3", func(v *store.Request, _ bool) error { v.Why = why; return nil }); err != nil {
			t.Fatal(err)
		}
		if r, _, err := b.Requests.Find(t.Context(), "h-3"); err != nil || r.Why != why {
			t.Fatalf("after the change %d it is %+v, %v", i, r, err)
		}
	}
	changed := func(v store.Request) bool { return v.Why == "" }
	if _, err := b.Requests.Change(t.Context(), "h-7", func(v *store.Request, _ bool) error { v.Why = "b wants it"; return nil }); err != nil {
		t.Fatal(err)
	}
	if err := a.Requests.Remove(t.Context(), "h-7", changed); err != nil {
		t.Error(err)
	}
	if _, there, err := a.Requests.Find(t.Context(), "h-7"); !there || err != nil {
		t.Errorf("what another node changed a moment ago was removed: %v", err)
	}
}

// TestTwoNodesAreOneProvider: they share a NATS of their own, a request made at one reaches a home that called the
// other, and a home that moves from one to the other keeps what it was asked.
func TestTwoNodesAreOneProvider(t *testing.T) {
	url := startNATS(t)
	node := func(name string) *provider {
		return startProvider(t, t.TempDir(), 0, func(c *isp.Config) { c.NATSURL, c.Node, c.NATSReplicas = url, name, 1 })
	}
	a, b := node("a"), node("b")
	credentials := a.enrol("h")
	atB := credentials
	atB.Port = b.port
	home := settle(t, atB)
	home.up(t)
	a.homeIs("h", "up")
	r := a.ask(`{"home":"h",` + attack + `}`)
	e := home.asked(t)
	home.Update(e.Key, wire.State{Status: wire.Mitigated, Drops: wire.Drops{Packets: 3, Bytes: 300}})
	if got := a.becomes(r.ID, "active"); got.DroppedPackets != 3 {
		t.Errorf("the other node tells %+v", got)
	}
	if list := a.call("GET", "homes", "", http.StatusOK, nil); !strings.Contains(list, `"node":"b"`) {
		t.Errorf("node a tells %s", list)
	}

	saved := home.Mitigations()
	home.stop()
	b.homeIs("h", "away")
	moved := settle(t, credentials, withSaved(saved))
	moved.up(t)
	if e := moved.asked(t); e.MID != r.MID {
		t.Errorf("the home restored %+v", e)
	}
	b.homeIs("h", "up")
	moved.Update(e.Key, wire.State{Status: wire.Mitigated, Drops: wire.Drops{Packets: 9, Bytes: 900}})
	eventually(t, "the drops at the other node", func() bool { return b.becomes(r.ID, "active").DroppedPackets == 9 })
	var withdrawn answer
	b.call("DELETE", "requests/"+r.ID, "", http.StatusOK, &withdrawn)
	if withdrawn.State != "withdrawn" {
		t.Errorf("withdrawn at the other node it is %+v", withdrawn)
	}
	b.homeIs("h", "up")
	a.stop() // which says so once, for all its homes
	b.homeIs("h", "away")
}

// TestAHomeThatAnotherNodeForgotIsNotHeld, also where its revocation was never heard of: it may have passed while NATS
// was out of reach.
func TestAHomeThatAnotherNodeForgotIsNotHeld(t *testing.T) {
	url := startNATS(t)
	p := startProvider(t, t.TempDir(), 0, func(c *isp.Config) { c.NATSURL, c.Node, c.NATSReplicas = url, "a", 1 })
	other := openStore(t, url, "b")
	c := callTLS(t, p, p.enrol("h"))
	p.homeIs("h", "up")
	if _, there, err := other.Homes.Find(t.Context(), "h"); !there || err != nil {
		t.Fatal(err)
	}
	if err := other.Homes.Remove(t.Context(), "h", func(store.Home) bool { return true }); err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := coap.ReadStream(c.conn, 8192); err != nil {
			if errors.Is(err, os.ErrDeadlineExceeded) {
				t.Error("its session goes on")
			}
			return
		}
	}
}

// TestARevokedHomeIsNobodysAddress: who calls from there next is another.
func TestARevokedHomeIsNobodysAddress(t *testing.T) {
	url := startNATS(t)
	p := startProvider(t, t.TempDir(), 0, func(c *isp.Config) { c.NATSURL, c.Node, c.NATSReplicas = url, "a", 1 })
	p.enrol("h")
	last := store.Session{Home: "h", Node: "b", Peer: netip.MustParseAddrPort("203.0.113.9:40001"), Transport: "dtls"}
	if _, err := openStore(t, url, "b").Sessions.Change(t.Context(), "h", func(v *store.Session, _ bool) error { *v = last; return nil }); err != nil {
		t.Fatal(err)
	}
	eventually(t, "word of its session", func() bool {
		return strings.Contains(p.call("GET", "homes/h", "", http.StatusOK, nil), "203.0.113.9:40001")
	})
	p.ask(`{"source":"203.0.113.9:40001","target":"198.51.100.7"}`)
	p.call("DELETE", "homes/h", "", http.StatusOK, nil)
	p.call("POST", "requests", `{"source":"203.0.113.9:40001","target":"198.51.100.8"}`, http.StatusUnprocessableEntity, nil)
}

func withSaved(saved []wire.Entry) func(*house, *dots.Options) {
	return func(_ *house, o *dots.Options) { o.Saved = saved }
}

// TestAHomeIsSentElsewhere, where its configuration trusts the name.
func TestAHomeIsSentElsewhere(t *testing.T) {
	p := startProvider(t, t.TempDir(), 0)
	c := callTLS(t, p, p.enrol("h"))
	p.homeIs("h", "up")
	p.call("POST", "homes/h/redirect", `{"name":"dots2.isp.example","addresses":["192.0.2.7"],"ttl":"10m"}`, http.StatusAccepted, nil)
	for {
		m := c.receive(t)
		path, err := wire.ParsePath(m.Path())
		if err != nil || path.Operation != wire.Redirect {
			continue
		}
		to, err := wire.DecodeRedirection(m.Payload)
		if err != nil || to.Name != "dots2.isp.example" || len(to.Addresses) != 1 || *to.TTL != 600 {
			t.Errorf("the home is sent to %+v, %v", to, err)
		}
		return
	}
}
