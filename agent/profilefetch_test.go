package agent

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spinneret/mud"
	"spinneret/mud/fetch"
	"spinneret/mud/shelf"
)

// TestWhoMayBeCalled: public addresses that are not the home's, and servers that the owner lists.
func TestWhoMayBeCalled(t *testing.T) {
	e := newErrands(Options{MUD: MUDOptions{Hosts: []string{"own.example:8443", "plain.example"}}}, slog.New(slog.DiscardHandler))
	e.home.Store(&[]netip.Prefix{netip.MustParsePrefix("2a00:1450:1::/48"), netip.MustParsePrefix("9.9.9.10/32")})
	for _, c := range []struct {
		host, addr string
		want       bool
	}{
		{"lamps.example", "9.9.9.9", true},
		{"lamps.example", "9.9.9.10", false}, // the router
		{"lamps.example", "2a00:1450:1::5", false},
		{"lamps.example", "192.168.1.5", false},
		{"own.example", "192.168.1.5", true},
		{"plain.example", "192.168.1.5", true},
		{"own.example", "127.0.0.1", false},
		{"own.example", "169.254.169.254", false},
		{"sub.own.example", "192.168.1.5", false},
	} {
		if got := e.allow(c.host, netip.MustParseAddr(c.addr)); got != c.want {
			t.Errorf("%s at %s: %v, want %v", c.host, c.addr, got, c.want)
		}
	}
	u, err := mud.ParseURL("https://lamps.example:8443/one")
	if err != nil {
		t.Fatal(err)
	}
	named, agreed := shelf.Job{URL: u}, shelf.Job{URL: u, Port: 8443}
	for _, c := range []struct {
		job  shelf.Job
		host string
		port uint16
		want bool
	}{
		{named, "lamps.example", 8443, false},
		{agreed, "lamps.example", 8443, true},
		{agreed, "lamps.example", 22, false},
		{agreed, "other.example", 8443, false},
		{named, "own.example", 8443, true},
		{named, "own.example", 22, false},
		{named, "plain.example", 8443, false},
	} {
		if got := e.mayPort(c.job, c.host, c.port); got != c.want {
			t.Errorf("port %d of %s: %v, want %v", c.port, c.host, got, c.want)
		}
	}
}

// TestAnAnchorThatIsNoneIsNamed in why a file was not got.
func TestAnAnchorThatIsNoneIsNamed(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty.pem")
	if err := os.WriteFile(empty, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(dir, "missing.pem"), empty} {
		e := newErrands(Options{MUD: MUDOptions{Anchors: []string{path}}}, slog.New(slog.DiscardHandler))
		d := e.do(context.Background(), shelf.Job{Key: "k"})
		var failed *fetch.Error
		if !errors.As(d.Err, &failed) || failed.Kind != fetch.Refused || !strings.Contains(d.Err.Error(), path) || d.Key != "k" {
			t.Errorf("%s: %+v", path, d)
		}
	}
}
