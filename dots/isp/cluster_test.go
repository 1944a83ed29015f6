package isp_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"

	"spinneret/dots"
	"spinneret/dots/isp"
	"spinneret/dots/wire"
)

// TestTwoNodesAreOneProvider: they share a NATS of their own, a request made at one reaches a home that called the
// other, and a home that moves from one to the other keeps what it was asked.
func TestTwoNodesAreOneProvider(t *testing.T) {
	ns, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(), NoSigs: true, NoLog: true})
	if err != nil {
		t.Fatal(err)
	}
	ns.Start()
	t.Cleanup(func() { ns.Shutdown(); ns.WaitForShutdown() })
	if !ns.ReadyForConnections(patience) {
		t.Fatal("NATS does not come up")
	}
	node := func(name string) *provider {
		return startProvider(t, t.TempDir(), 0, func(c *isp.Config) { c.NATSURL, c.Node, c.NATSReplicas = ns.ClientURL(), name, 1 })
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
