package e2e

import (
	"encoding/json"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"spinneret/ui"
)

// TestRefusals tries what people and scripts get wrong against the running agent.
func TestRefusals(t *testing.T) {
	a := startAgent(t, quietHome(t))
	cam := a.home.Device("cam")
	a.device(cam)
	provider := "02:00:00:00:01:02" // the router's own WAN
	for _, c := range []struct {
		request string
		status  int
		code    string
		member  string
	}{
		{"GET devices/02:00:00:00:00:99", 404, "unknown-device", ""},
		{"GET devices/cam", 400, "bad-request", ""},
		{"GET flows?device=02:00:00:00:00:99&limit=0", 422, "invalid", "limit"},
		{"GET flows?limt=1", 400, "bad-request", "limt"},
		{"PUT " + quarantineOf(cam) + ` {"fro":"1h"}`, 400, "bad-request", "fro"},
		{"PUT " + quarantineOf(cam) + ` {"until":"2025-01-01T00:00:00Z"}`, 422, "invalid", "until"},
		{"PUT " + quarantineOf(cam) + ` {"level":"flow"}`, 422, "invalid", "to"},
		{"PUT " + quarantineOf(cam) + ` {`, 400, "bad-request", ""},
		{"PUT devices/" + provider + "/quarantine {}", 409, "router", ""},
		{"DELETE " + quarantineOf(cam) + "?source=me", 422, "invalid", "source"},
		{"POST devices", 405, "method-not-allowed", ""},
		{"GET requests/r99", 404, "not-found", ""},
	} {
		parts := strings.SplitN(c.request+" ", " ", 3)
		status, answer, err := a.bySocket().send(parts[0], "/api/v1/"+parts[1], strings.TrimSpace(parts[2]))
		if err != nil {
			t.Fatal(err)
		}
		var p ui.Problem
		if err := json.Unmarshal(answer, &p); err != nil || status != c.status || p.Status != c.status || p.Code != c.code || p.Member != c.member {
			t.Errorf("%s: %d %s, %v", c.request, status, answer, err)
		}
	}
	if d := a.release(cam); d.Quarantine != nil {
		t.Errorf("to release who is not cut off is answered with %+v", d)
	}
}

// TestDoors: who is let in where.
func TestDoors(t *testing.T) {
	home := quietHome(t)
	router, laptop := home.Router(), home.Device("laptop")
	v4, _, _ := home.LANAddr()
	lan := netip.AddrPortFrom(v4, 8484)
	a := prepare(t, home, func(o options) options {
		return append(o.without("list listen").without("option auth"), "list listen '"+lan.String()+"'")
	})
	a.start()
	for name, d := range map[string]door{"the LAN": byTCP(laptop.NS, lan), "the router": byTCP(router, lan)} {
		for _, path := range []string{"/api/v1/status", "/api/v1/devices", "/api/v1/session", "/api/v1/stream"} {
			status, answer, err := d.send(http.MethodGet, path, "")
			if err != nil || status != http.StatusUnauthorized || !strings.Contains(string(answer), "login-required") {
				t.Errorf("with auth 1 %s from %s: %d %s, %v", path, name, status, answer, err)
			}
		}
		if status, _, err := d.send(http.MethodGet, "/", ""); err != nil || status != http.StatusOK {
			t.Errorf("the login page from %s: %d, %v", name, status, err)
		}
	}
	if s := a.status(); s.Firewall.State == "" {
		t.Errorf("the socket says %+v", s)
	}
}

// TestOtherSitesAreKeptOut tries DNS rebinding and another site's page without a login.
func TestOtherSitesAreKeptOut(t *testing.T) {
	a := startAgent(t, quietHome(t))
	own := byTCP(a.home.Router(), a.page())
	if status, _, err := own.send(http.MethodGet, "/api/v1/status", ""); err != nil || status != http.StatusOK {
		t.Errorf("the page's own request: %d, %v", status, err)
	}
	other := own
	other.host = "evil.example"
	if status, answer, err := other.send(http.MethodGet, "/api/v1/status", ""); err != nil || status != http.StatusForbidden || !strings.Contains(string(answer), "bad-host") {
		t.Errorf("another name: %d %s, %v", status, answer, err)
	}
}
