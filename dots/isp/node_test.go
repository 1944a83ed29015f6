package isp_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"spinneret/dots"
	"spinneret/dots/isp"
	"spinneret/dots/wire"
	"spinneret/openwrt/lab/expect"
)

var eventually = expect.Eventually

// patience is how long a test waits for what takes milliseconds on a machine that has time.
const patience = time.Minute

// provider is one running node, and how to call its API.
type provider struct {
	t      testing.TB
	config isp.Config
	stop   func()
	port   uint16
}

// startProvider runs a node with its state in dir, on a free port or the one given.
func startProvider(t testing.TB, dir string, port uint16, change ...func(*isp.Config)) *provider {
	t.Helper()
	p := &provider{t: t, config: isp.Config{
		Name: "dots.isp.example", Address: netip.MustParseAddr("127.0.0.1"), Port: port, StateDir: dir, Node: "main",
		Socket: filepath.Join(dir, "api.sock"), MaxHomes: 2000,
	}}
	for _, f := range change {
		f(&p.config)
	}
	node, err := isp.Open(t.Context(), isp.Options{
		Config: p.config, Now: time.Now, Log: slog.New(slog.DiscardHandler),
		Timing: isp.Timing{Repeat: 200 * time.Millisecond, Look: 200 * time.Millisecond},
	})
	if err != nil {
		t.Fatal(err)
	}
	p.port = node.Address().Port()
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := node.Run(ctx); err != nil {
			t.Errorf("the node ended: %v", err)
		}
	})
	p.stop = sync.OnceFunc(func() { cancel(); running.Wait() })
	t.Cleanup(p.stop)
	return p
}

// call calls the API, wants a status, and reads the answer into v.
func (p *provider) call(method, path, body string, want int, v any) string {
	p.t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", p.config.Socket)
	}}}
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, "http://localhost/api/v1/"+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	answer, err := client.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != want {
		p.t.Fatalf("%s %s %s: %d %s, %v; want %d", method, path, body, answer.StatusCode, data, err, want)
	}
	if v != nil {
		if err := json.Unmarshal(data, v); err != nil {
			p.t.Fatal(err)
		}
	}
	return string(data)
}

// answer is a request as the API tells it.
type answer struct {
	ID, Home, State, Lifetime    string
	Status                       *int
	MID                          uint32
	DroppedPackets, DroppedBytes uint64
	Why                          *string
}

func (p *provider) ask(body string) (a answer) {
	p.t.Helper()
	p.call("POST", "requests", body, http.StatusCreated, &a)
	return a
}

// becomes waits until a request is in a state, and returns it.
func (p *provider) becomes(id, state string) (a answer) {
	p.t.Helper()
	eventually(p.t, "request "+id+" to be "+state, func() bool {
		p.call("GET", "requests/"+id, "", http.StatusOK, &a)
		return a.State == state
	})
	return a
}

func (p *provider) homeIs(id, state string) {
	p.t.Helper()
	eventually(p.t, "home "+id+" to be "+state, func() bool {
		var list struct{ Homes []struct{ ID, State string } }
		p.call("GET", "homes", "", http.StatusOK, &list)
		for _, h := range list.Homes {
			if h.ID == id {
				return h.State == state
			}
		}
		return false
	})
}

// enrol makes the credentials of a home by certificate.
func (p *provider) enrol(id string) dots.Provider {
	p.t.Helper()
	var made struct{ Credentials string }
	p.call("POST", "homes", `{"id":"`+id+`"}`, http.StatusCreated, &made)
	return p.with(made.Credentials)
}

// with is what a home's configuration says of us, with these credentials.
func (p *provider) with(credentials string) dots.Provider {
	p.t.Helper()
	c, err := dots.ParseCredentials([]byte(credentials))
	if err != nil {
		p.t.Fatal(err)
	}
	return dots.Provider{ID: "isp", Address: "127.0.0.1", Port: p.port, Name: p.config.Name, CA: c.CA, Cert: c.Cert, Key: c.Key}
}

func (p *provider) enrolPSK(id string) dots.Provider {
	p.t.Helper()
	var made struct{ PSKIdentity, PSK string }
	p.call("POST", "homes", `{"id":"`+id+`","auth":"psk"}`, http.StatusCreated, &made)
	return dots.Provider{ID: "isp", Address: "127.0.0.1", Port: p.port, Name: p.config.Name, PSKIdentity: made.PSKIdentity, PSK: []byte(made.PSK)}
}

// house is a home that takes every request, and remembers what it was asked.
type house struct {
	*dots.Server
	stop  func()
	askC  chan wire.Entry
	endC  chan wire.Entry
	meant bool // all traffic is
}

func (*house) Ours(wire.Client, netip.Prefix) bool       { return true }
func (h *house) Legitimate(wire.Client, wire.Scope) bool { return h.meant }
func (h *house) Mitigate(e wire.Entry)                   { h.askC <- e }
func (h *house) End(e wire.Entry, _ dots.Ending)         { h.endC <- e }
func quick() dots.Timing {
	return dots.Timing{Retry: 50 * time.Millisecond, BackOff: 50 * time.Millisecond, LongBack: 200 * time.Millisecond, Handshake: 10 * time.Second, Notify: 50 * time.Millisecond}
}

func (h *house) asked(t testing.TB) (e wire.Entry) {
	t.Helper()
	select {
	case e = <-h.askC:
	case <-time.After(patience):
		t.Fatal("the home was not asked")
	}
	return e
}

// settle runs a home that calls the provider.
func settle(t testing.TB, p dots.Provider, change ...func(*house, *dots.Options)) *house {
	h := &house{askC: make(chan wire.Entry, 64), endC: make(chan wire.Entry, 64)}
	limits := wire.DefaultLimits()
	limits.Grace, limits.LongGrace = 50*time.Millisecond, 50*time.Millisecond
	o := dots.Options{Providers: []dots.Provider{p}, Home: h, Limits: limits, Timing: quick()}
	for _, f := range change {
		f(h, &o)
	}
	h.Server = dots.New(o)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = h.Run(ctx) })
	h.stop = sync.OnceFunc(func() { cancel(); running.Wait() })
	t.Cleanup(h.stop)
	return h
}

// up waits until the home has its session.
func (h *house) up(t testing.TB) {
	t.Helper()
	eventually(t, "the home's session", func() bool { return h.Sessions()[0].State == dots.Up })
}
