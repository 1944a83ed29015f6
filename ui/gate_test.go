package ui_test

import (
	"net/http"
	"testing"

	"spinneret/ui"
	"spinneret/ui/uitest"
)

func TestOnlyOurOwnNamesAreAnswered(t *testing.T) {
	h := newServer(uitest.New(), nil).Handler(ui.TCP)
	for host, ours := range map[string]bool{
		"localhost": true, "localhost:8484": true, "LOCALHOST.:8484": true, "router.example": true, "Router.Example:80": true,
		"192.168.1.1": true, "192.168.1.1:8484": true, "[fd00:1::1]:8484": true, "[fd00:1::1]": true, "[FD00:1:0::1]": true,
		"evil.example": false, "localhost.evil.example": false, "evil.example:8484": false, "192.168.1.2": false,
		"[fd00:1::2]": false, "": false, ":8484": false, "192.168.1.1.evil.example": false, "localhost@evil.example": false,
	} {
		r := do(h, "GET", "/api/v1/status", "", "Host: "+host)
		if ours && r.StatusCode != http.StatusOK {
			t.Errorf("%q is refused with %d", host, r.StatusCode)
		}
		if !ours && problem(t, r).Code != "bad-host" {
			t.Errorf("%q is answered", host)
		}
	}
}

func TestOtherSitesCannotChangeAnything(t *testing.T) {
	for _, c := range []struct {
		name, method, path string
		headers            []string
		ok                 bool
	}{
		{"a script, not a browser", "PUT", "quarantine", nil, true},
		{"our page", "PUT", "quarantine", []string{"Origin: " + asked, "Sec-Fetch-Site: same-origin"}, true},
		{"our page in an old browser", "PUT", "quarantine", []string{"Origin: " + asked}, true},
		{"another site", "PUT", "quarantine", []string{"Origin: http://evil.example", "Sec-Fetch-Site: cross-site"}, false},
		{"another port", "DELETE", "quarantine", []string{"Origin: http://localhost:9"}, false},
		{"a sandboxed frame", "PATCH", "", []string{"Origin: null"}, false},
		{"a link from another site", "GET", "", []string{"Sec-Fetch-Site: cross-site"}, true},
		{"a stream for our page", "GET", "stream", []string{"Upgrade: websocket", "Origin: " + asked}, true},
		{"a stream for a script", "GET", "stream", []string{"Upgrade: websocket"}, true},
		{"a stream for another site", "GET", "stream", []string{"Upgrade: websocket", "Origin: http://evil.example"}, false},
		{"a stream for a sandbox", "GET", "stream", []string{"Upgrade: websocket", "Origin: null"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			target := map[string]string{
				"": device, "quarantine": quarantine, "stream": "/api/v1/stream",
			}[c.path]
			server := newServer(uitest.New(), func(c *ui.Config) { c.Stream = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}) })
			r := do(server.Handler(ui.TCP), c.method, target, "{}", c.headers...)
			if c.ok && r.StatusCode != http.StatusOK {
				t.Errorf("refused with %d: %s", r.StatusCode, read(t, r))
			}
			if !c.ok && problem(t, r).Code != "bad-origin" {
				t.Error("answered")
			}
			r = do(server.Handler(ui.Unix), c.method, target, "{}", c.headers...)
			if r.StatusCode != http.StatusOK {
				t.Errorf("the unix socket refuses with %d", r.StatusCode)
			}
		})
	}
}

func TestTheUnixSocketSkipsHostAndLogin(t *testing.T) {
	server := newServer(uitest.New(), func(c *ui.Config) { c.Auth = true })
	if r := do(server.Handler(ui.Unix), "GET", "/api/v1/status", "", "Host: anything"); r.StatusCode != http.StatusOK {
		t.Errorf("refused with %d", r.StatusCode)
	}
}

func TestWithoutALoginTCPAnswersNothing(t *testing.T) {
	server := newServer(uitest.New(), func(c *ui.Config) { c.Auth, c.Page = true, pageFunc(http.NotFound) })
	for _, target := range []string{"/", "/api/v1/status", "/api/v1/stream", "/api/v1/nothing", "/assets/index.js"} {
		if got := problem(t, do(server.Handler(ui.TCP), "GET", target, "")); got.Code != "login-required" {
			t.Errorf("%s: %s", target, got.Code)
		}
	}
}

func TestEveryAnswerIsGuarded(t *testing.T) {
	server := newServer(uitest.New(), nil)
	for _, target := range []string{"/api/v1/status", "/api/v1/nothing", "/"} {
		for _, host := range []string{"localhost", "evil.example"} {
			h := do(server.Handler(ui.TCP), "GET", target, "", "Host: "+host).Header
			for name, want := range map[string]string{
				"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
					"connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
				"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
				"X-Frame-Options": "DENY", "Cache-Control": "no-store",
			} {
				if got := h.Get(name); got != want {
					t.Errorf("%s from %s: %s is %q, want %q", target, host, name, got, want)
				}
			}
		}
	}
}
