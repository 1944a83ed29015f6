package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"spinneret/dots/isp"
	"spinneret/openwrt/lab"
	"spinneret/ui"
)

// ispAddress is where the lab's provider waits for homes.
var ispAddress = netip.MustParseAddr("198.51.100.99")

// provider is the provider's program, on the internet of the lab.
type provider struct {
	t           *testing.T
	door        door
	port        uint16
	credentials string // path of the home's
}

// startProvider runs it for the length of a test, with one home enrolled.
func startProvider(t *testing.T, home *lab.Home) *provider {
	t.Helper()
	dir := t.TempDir()
	config := isp.Config{
		Name: "dots.isp.example", Address: ispAddress, StateDir: dir, Node: "main", Socket: filepath.Join(dir, "api.sock"), MaxHomes: 10,
	}
	var node *isp.Node
	err := home.Internet().Do(func() (err error) {
		node, err = isp.Open(t.Context(), isp.Options{Config: config, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := node.Run(ctx); err != nil {
			t.Errorf("the provider ended: %v", err)
		}
	})
	t.Cleanup(func() { cancel(); running.Wait() })
	p := &provider{t: t, door: bySocket(config.Socket), port: node.Address().Port(), credentials: filepath.Join(t.TempDir(), "isp.pem")}
	p.enrol()
	return p
}

// enrol writes the home's credentials where only the agent can read them.
func (p *provider) enrol() {
	p.t.Helper()
	var made struct{ Credentials string }
	p.call(http.MethodPost, "homes", `{"id":"home"}`, &made)
	if err := os.WriteFile(p.credentials, []byte(made.Credentials), 0o600); err != nil {
		p.t.Fatal(err)
	}
	if err := os.Chown(p.credentials, agentUser, agentUser); err != nil {
		p.t.Fatal(err)
	}
	for _, dir := range []string{filepath.Dir(p.credentials), filepath.Dir(filepath.Dir(p.credentials))} {
		if err := os.Chmod(dir, 0o755); err != nil {
			p.t.Fatal(err)
		}
	}
}

func (p *provider) call(method, path, body string, into any) {
	p.t.Helper()
	status, answer, err := p.door.send(method, "/api/v1/"+path, body)
	if err != nil || status/100 != 2 {
		p.t.Fatalf("%s %s: %d %s %v", method, path, status, answer, err)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(answer, into); err != nil {
		p.t.Fatal(err)
	}
}

// section is the home's configuration of this provider, to stand behind all other options.
func (p *provider) section(policy string) string {
	return fmt.Sprintf("option provider_grace '1'\n\nconfig provider 'isp'\n\toption address '%s'\n\toption port '%d'\n"+
		"\toption name 'dots.isp.example'\n\toption credentials '%s'\n\toption policy '%s'\n", ispAddress, p.port, p.credentials, policy)
}

// asked is a request as its provider sees it.
type asked struct {
	ID, State                    string
	Status                       int
	DroppedPackets, DroppedBytes uint64
}

// ask asks to stop what comes from a source, for a while.
func (p *provider) ask(source, target, lifetime string) (r asked) {
	p.t.Helper()
	body, err := json.Marshal(map[string]string{"home": "home", "source": source, "target": target, "lifetime": lifetime})
	if err != nil {
		p.t.Fatal(err)
	}
	p.call(http.MethodPost, "requests", string(body), &r)
	return r
}

// sees waits until the provider sees a request as wanted.
func (p *provider) sees(id, what string, so func(asked) bool) (r asked) {
	p.t.Helper()
	if !within(patience, func() bool { p.call(http.MethodGet, "requests/"+id, "", &r); return so(r) }) {
		p.t.Fatalf("not %s: the provider sees %+v", what, r)
	}
	return r
}

func (p *provider) withdraw(id string) {
	p.t.Helper()
	p.call(http.MethodDelete, "requests/"+id, "", nil)
}

// requests are the home's, oldest first.
func (a *agent) requests() []ui.Request {
	a.t.Helper()
	var list struct {
		Requests []ui.Request `json:"requests"`
	}
	a.get("requests", &list)
	return list.Requests
}

// requestIs waits until the latest request is in a state.
func (a *agent) requestIs(state string) (r ui.Request) {
	a.t.Helper()
	reached := within(patience, func() bool {
		list := a.requests()
		if len(list) > 0 {
			r = list[len(list)-1]
		}
		return r.State == state && (state != "asking" || len(r.Devices) > 0) // it is looked for at first
	})
	if !reached {
		a.t.Fatalf("the latest request is not %s: %+v", state, r)
	}
	return r
}

// connected waits until the home's session with its provider is up.
func (a *agent) connected() {
	a.t.Helper()
	a.eventually("the provider is connected", func() bool {
		list := a.status().Providers
		return len(list) == 1 && list[0].State == "up"
	})
}

// outsideOf is the address and port by which the victim sees an attack, once the home knows of it too.
func (a *agent) outsideOf(flood attack) (outside string) {
	a.t.Helper()
	a.eventually("what comes to "+flood.to.String()+" is known by its outside port", func() bool {
		outside = flood.from().String()
		return a.knows(outside)
	})
	return outside
}

// knows says whether a live flow of the bulb is known by an outside address and port.
func (a *agent) knows(outside string) bool {
	return slices.ContainsFunc(a.flows(a.home.Device("bulb")), func(f ui.Flow) bool {
		return f.State == "live" && f.Outside != nil && *f.Outside == outside
	})
}

func portText(a netip.AddrPort) string {
	return a.Addr().String() + ":" + strconv.Itoa(int(a.Port())) + "/udp"
}
