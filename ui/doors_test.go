package ui_test

import (
	"net/http"
	"strings"
	"testing"

	"spinneret/ui"
	"spinneret/ui/auth"
)

// Every path of the API, with a method that reads and all that change.
var paths = []struct {
	path    string
	reads   bool
	changes string
	owners  bool // also to read
}{
	{"status", true, "", false},
	{"devices", true, "", false},
	{"devices/" + cam, true, "PATCH", false},
	{"devices/" + cam + "/quarantine", false, "PUT DELETE", false},
	{"flows", true, "", false},
	{"events", true, "", false},
	{"findings", true, "", false},
	{"findings/5", false, "POST DELETE", false},
	{"devices/" + cam + "/habits", true, "PUT", false},
	{"stream", true, "", false},
	{"tokens", true, "POST", true},
	{"tokens/t1", false, "DELETE", true},
	{"tickets", false, "POST", true},
	{"mud/heard", false, "POST", true},
	{"session/password", false, "PUT", true},
	{"nothing", true, "PUT POST PATCH DELETE", false},
}

// TestEachDoor tries what a bad neighbour would. "OWNER" and "VIEWER" stand for the cookies of a session on the
// laptop, "TOKEN" for an API token's header.
func TestEachDoor(t *testing.T) {
	const change = "devices/" + cam + "/quarantine"
	for _, c := range []struct {
		name, from, method, path, body string
		headers                        []string
		status                         int
		code                           string
	}{
		{"the owner looks", laptop, "GET", "status", "", []string{"OWNER"}, 200, ""},
		{"the owner cuts off", laptop, "PUT", change, "{}", []string{"OWNER"}, 200, ""},
		{"the page without a login", laptop, "GET", "/", "", nil, 200, ""},
		{"no cookie", laptop, "GET", "status", "", nil, 401, "login-required"},
		{"no cookie, for what is no file of the page", laptop, "GET", "/nothing", "", nil, 401, "login-required"},
		{"no cookie, for the start of the API", laptop, "GET", "/api", "", nil, 401, "login-required"},
		{"no cookie, by a winding path", laptop, "GET", "/x/../api/v1//status", "", nil, 401, "login-required"},
		{"the owner by a winding path", laptop, "GET", "/x/../api/v1//status", "", []string{"OWNER"}, 404, "not-found"},
		{"a member that the query does not have", laptop, "GET", "session?nosuch=1", "", []string{"OWNER"}, 400, "bad-request"},
		{"and of the stream's", laptop, "GET", "stream?nosuch=1", "", []string{"OWNER"}, 400, "bad-request"},
		{"and of a change", laptop, "POST", "tokens?nosuch=1", `{"name":"x"}`, []string{"OWNER"}, 400, "bad-request"},
		{"a made-up cookie", laptop, "GET", "status", "", []string{"Cookie: spinneret=AAAA"}, 401, "login-required"},
		{"an endless cookie", laptop, "GET", "status", "", []string{"Cookie: spinneret=" + strings.Repeat("A", 9000)}, 401, "login-required"},
		{"a stolen cookie on another device", bad, "GET", "status", "", []string{"OWNER"}, 401, "login-required"},
		{"a stolen cookie from nowhere", "198.51.100.7:1", "GET", "status", "", []string{"OWNER"}, 401, "login-required"},
		{"the router's password", laptop, "GET", "status", "", []string{"Authorization: Basic cm9vdDpyb290"}, 401, "login-required"},
		{"wrong Origin", laptop, "PUT", change, "{}", []string{"OWNER", "Origin: http://evil.example"}, 403, "bad-origin"},
		{"LuCI's port on the same router", laptop, "PUT", change, "{}", []string{"OWNER", "Origin: http://localhost", "Sec-Fetch-Site: same-site"}, 403, "bad-origin"},
		{"rebound Host", laptop, "GET", "status", "", []string{"OWNER", "Host: evil.example"}, 403, "bad-host"},
		{"rebound Host at the login page", laptop, "GET", "/", "", []string{"Host: evil.example"}, 403, "bad-host"},
		{"cross-site form", laptop, "POST", "tokens", "name=x", []string{"OWNER", "Content-Type: application/x-www-form-urlencoded", "Origin: http://evil.example", "Sec-Fetch-Site: cross-site"}, 403, "bad-origin"},
		{"cross-site form of an old browser", laptop, "POST", "tokens", "name=x", []string{"OWNER", "Content-Type: text/plain"}, 415, "unsupported-media-type"},
		{"a packed body", laptop, "PATCH", "devices/" + cam, "{}", []string{"OWNER", "Content-Type: application/json", "Content-Encoding: gzip"}, 415, "unsupported-media-type"},
		{"cross-site fetch", laptop, "DELETE", change, "", []string{"OWNER", "Sec-Fetch-Site: cross-site"}, 403, "bad-origin"},
		{"cross-site log-in", laptop, "POST", "session", `{"user":"owner","password":"` + password + `"}`, []string{"Origin: http://evil.example"}, 403, "bad-origin"},
		{"cross-site log-out", laptop, "DELETE", "session", "", []string{"OWNER", "Sec-Fetch-Site: cross-site"}, 403, "bad-origin"},
		{"WebSocket without a session", laptop, "GET", "stream", "", []string{"Upgrade: websocket", "Origin: " + asked}, 401, "login-required"},
		{"WebSocket of another site", laptop, "GET", "stream", "", []string{"OWNER", "Upgrade: websocket", "Origin: http://evil.example"}, 403, "bad-origin"},
		{"a second first password", laptop, "POST", "session/setup", `{"password":"another one"}`, nil, 403, "not-allowed"},
		{"a ticket by browser", laptop, "POST", "tickets", `{"role":"owner"}`, []string{"OWNER"}, 403, "not-allowed"},
		{"a DHCP server's word by browser", laptop, "POST", "mud/heard", `{"mac":"` + cam + `","url":"https://lamps.example/one"}`, []string{"OWNER"}, 403, "not-allowed"},
		{"a made-up ticket", laptop, "POST", "session", `{"ticket":"AAAA"}`, nil, 401, "login-required"},
		{"a wrong password", laptop, "POST", "session", `{"user":"owner","password":"guess"}`, nil, 401, "login-required"},
		{"a quarantined device", cut, "GET", "status", "", nil, 403, "not-allowed"},
		{"a quarantined device at the login page", cut, "GET", "/", "", nil, 403, "not-allowed"},
		{"a quarantined device with the password", cut, "POST", "session", `{"user":"owner","password":"` + password + `"}`, nil, 403, "not-allowed"},
		{"a guest", guest, "GET", "status", "", nil, 403, "not-allowed"},
		{"a guest at the login page", guest, "GET", "/", "", nil, 403, "not-allowed"},
		{"a guest with the password", guest, "POST", "session", `{"user":"owner","password":"` + password + `"}`, nil, 403, "not-allowed"},
		{"a guest at a wrong Host learns no names", guest, "GET", "/", "", []string{"Host: evil.example"}, 403, "not-allowed"},
		{"a viewer looks", laptop, "GET", "devices", "", []string{"VIEWER"}, 200, ""},
		{"a program looks", bad, "GET", "devices", "", []string{"TOKEN"}, 200, ""},
		{"a program with a token cuts off", bad, "PUT", change, "{}", []string{"TOKEN"}, 403, "not-allowed"},
		{"a program with a token logs out", bad, "DELETE", "session", "", []string{"TOKEN"}, 403, "not-allowed"},
		{"a wrong token beside a good cookie", laptop, "GET", "status", "", []string{"OWNER", "Authorization: Bearer AAAA"}, 401, "login-required"},
		{"a quarantined program", cut, "GET", "devices", "", []string{"TOKEN"}, 403, "not-allowed"},
		{"a huge body", laptop, "POST", "session", `{"user":"` + strings.Repeat("x", 64<<10) + `"}`, nil, 413, "too-large"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t)
			owner := h.setUp()
			stands := map[string]string{"OWNER": owner, "TOKEN": h.token(owner), "VIEWER": h.ticket(laptop, auth.Viewer)}
			if !strings.Contains(strings.Join(c.headers, " "), "VIEWER") {
				stands["OWNER"] = h.ticket(laptop, auth.Owner)
			}
			for i, header := range c.headers {
				if real := stands[header]; real != "" {
					c.headers[i] = real
				}
			}
			r := h.ask(c.from, c.method, c.path, c.body, c.headers...)
			if r.StatusCode != c.status {
				t.Errorf("answered with %d, want %d: %s", r.StatusCode, c.status, read(t, r))
			} else if c.code != "" && problem(t, r).Code != c.code {
				t.Errorf("the reason is another than %s", c.code)
			}
			if c.status != 200 && len(h.home.Orders()) != 0 {
				t.Error("the order reached the agent")
			}
		})
	}
}

func TestNothingIsReadOrChangedWithoutALogin(t *testing.T) {
	h := newHouse(t)
	h.setUp()
	for _, p := range paths {
		for _, method := range append(strings.Fields(p.changes), "GET", "HEAD", "OPTIONS", "TRACE", "BREW") {
			got := problem(t, h.ask(laptop, method, p.path, "{}"))
			if got.Code != "login-required" || got.Setup == nil || *got.Setup {
				t.Errorf("%s %s: %+v", method, p.path, got)
			}
		}
	}
}

// TestNoWritingOfAPathGetsPast: some servers compare the path before they clean it.
func TestNoWritingOfAPathGetsPast(t *testing.T) {
	h := newHouse(t)
	h.setUp()
	for _, path := range []string{
		"//api/v1/status", "/api//v1/status", "/api/v1/./status", "/x/../api/v1/status", "/%61pi/v1/status", "/api%2fv1%2fstatus",
		"/API/v1/status", "/api/v1/status/", "/api/v1/status?x=/session", "/api/v1/session/../status", "/api/v1/status#/session", "/assets/..%2f..%2fapi/v1/status",
	} {
		for _, method := range []string{"GET", "CONNECT", "PUT"} {
			r := h.ask(laptop, method, path, "{}")
			if body := read(t, r); strings.Contains(body, `"level"`) {
				t.Errorf("%s %s is answered: %s", method, path, body)
			}
		}
	}
	if len(h.home.Orders()) != 0 {
		t.Error("an order reached the agent")
	}
}

func TestAViewerMayLookAndNotChange(t *testing.T) {
	for _, how := range []string{"a password", "a ticket", "a token"} {
		h := newHouse(t)
		owner := h.setUp()
		h.setViewer()
		viewer := map[string]func() string{
			"a password": func() string { return h.logIn(phone, "viewer", "only looking") },
			"a ticket":   func() string { return h.ticket(phone, auth.Viewer) },
			"a token":    func() string { return h.token(owner) },
		}[how]()
		for _, p := range paths {
			if p.reads && p.path != "nothing" {
				status := h.ask(phone, "GET", p.path, "", viewer).StatusCode
				if want := map[bool]int{true: 403, false: 200}[p.owners]; status != want {
					t.Errorf("with %s GET %s: %d, want %d", how, p.path, status, want)
				}
			}
			for _, method := range strings.Fields(p.changes) {
				if got := problem(t, h.ask(phone, method, p.path, "{}", viewer)); got.Code != "not-allowed" {
					t.Errorf("with %s %s %s: %+v", how, method, p.path, got)
				}
			}
		}
		if len(h.home.Orders())+len(h.home.Edits()) != 0 {
			t.Errorf("with %s a change reached the agent", how)
		}
	}
}

func TestACookieIsWorthlessAfterLogOut(t *testing.T) {
	h := newHouse(t)
	here := h.setUp()
	there := h.logIn(phone, "owner", password)
	r := h.ask(laptop, "DELETE", "session", "", here)
	if r.StatusCode != http.StatusNoContent || r.Cookies()[0].MaxAge >= 0 || r.Cookies()[0].Name != "spinneret" {
		t.Errorf("log-out: %d %v", r.StatusCode, r.Cookies())
	}
	if got := problem(t, h.ask(laptop, "GET", "status", "", here)).Code; got != "login-required" {
		t.Errorf("after it: %s", got)
	}
	if got := h.ask(phone, "GET", "status", "", there).StatusCode; got != 200 {
		t.Errorf("the other session: %d", got)
	}
	here = h.logIn(laptop, "owner", password)
	if got := h.ask(phone, "DELETE", "session?all=1", "", there).StatusCode; got != 204 {
		t.Errorf("log-out everywhere: %d", got)
	}
	if got := h.ask(laptop, "GET", "status", "", here).StatusCode; got != 401 {
		t.Errorf("a session elsewhere, after log-out everywhere: %d", got)
	}
	if got := problem(t, h.ask(phone, "DELETE", "session", "", there)).Code; got != "login-required" {
		t.Errorf("log out of nothing: %s", got)
	}
}

func TestAHundredWrongPasswords(t *testing.T) {
	h := newHouse(t)
	owner := h.setUp()
	answers := map[int]int{}
	for range 100 {
		r := h.ask(bad, "POST", "session", `{"user":"owner","password":"guess guess"}`)
		answers[r.StatusCode]++
		if wait := r.Header.Get("Retry-After"); r.StatusCode == 429 && (wait == "" || wait == "0") {
			t.Fatalf("too many, to try again after %q", wait)
		}
	}
	if answers[401] > 10 || answers[401]+answers[429] != 100 {
		t.Errorf("they were answered with %v", answers)
	}
	if got := h.ask(laptop, "GET", "status", "", owner).StatusCode; got != 200 {
		t.Errorf("the owner's session meanwhile: %d", got)
	}
	h.logIn(phone, "owner", password)
	h.ticket(bad, auth.Owner)
	if got := h.through(ui.Unix, "@", "PUT", "session/password", `{"password":"another one"}`).StatusCode; got != 204 {
		t.Errorf("on the router: %d", got)
	}
}

func TestCookiesAreOnlyOurPages(t *testing.T) {
	h := newHouse(t)
	r := h.ask(laptop, "POST", "session/setup", `{"password":"`+password+`"}`)
	for _, c := range r.Cookies() {
		if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Domain != "" || c.MaxAge <= 0 || c.Secure {
			t.Errorf("over HTTP: %v", c)
		}
	}
	if c := r.Cookies()[0]; c.Name != "spinneret" || c.Path != "/" || len(c.Value) != 43 {
		t.Errorf("the session's is %v", c)
	}
	if got := r.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("the answer may be kept: %s", got)
	}
}

func TestSignsOfACutOffDevice(t *testing.T) {
	h := newHouse(t)
	r := h.ask(cut, "GET", "/", "")
	if r.Header.Get("Connection") != "close" || !strings.Contains(problem(t, r).Detail, "cut off") {
		t.Errorf("it is told %v", r.Header)
	}
}
