package store

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// TestWhatAnotherNodeWroteIsFoundAtOnce: its word may not have reached us yet.
func TestWhatAnotherNodeWroteIsFoundAtOnce(t *testing.T) {
	ns, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(), NoSigs: true, NoLog: true})
	if err != nil {
		t.Fatal(err)
	}
	ns.Start()
	t.Cleanup(func() { ns.Shutdown(); ns.WaitForShutdown() })
	if !ns.ReadyForConnections(20 * time.Second) {
		t.Fatal("NATS does not come up")
	}
	node := func(name string) *Store {
		s, err := Open(t.Context(), Options{URL: ns.ClientURL(), Replicas: 1, Node: name, Log: slog.New(slog.DiscardHandler), Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		return s
	}
	a, b := node("a"), node("b")
	for i := range 300 {
		id := fmt.Sprint("h-", i)
		if _, err := a.Requests.Change(t.Context(), id, func(v *Request, _ bool) error { v.ID = id; return nil }); err != nil {
			t.Fatal(err)
		}
		if r, there, err := b.Requests.Find(t.Context(), id); err != nil || !there || r.ID != id {
			t.Fatalf("%s is %+v %v %v", id, r, there, err)
		}
	}
	if _, there, err := b.Requests.Find(t.Context(), "h-none"); there || err != nil {
		t.Errorf("what nobody wrote is there: %v, %v", there, err)
	}
}
