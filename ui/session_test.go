package ui_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spinneret/ui"
	"spinneret/ui/auth"
	"spinneret/ui/uitest"
)

func TestSessionSaysWhoIsIn(t *testing.T) {
	h := newHouse(t)
	first := problem(t, h.ask(laptop, "GET", "session", ""))
	if first.Status != 401 || first.Setup == nil || !*first.Setup {
		t.Errorf("before the first run: %+v", first)
	}
	luci := h.ticket(phone, auth.Owner)
	check := func(from, cookies, want string) {
		t.Helper()
		if got := read(t, h.ask(from, "GET", "session", "", cookies)); got != want+"\n" {
			t.Errorf("got %s want %s", got, want)
		}
	}
	check(phone, luci, `{"user":"luci","role":"owner","setup":true,"login":true}`)
	check(laptop, h.setUp(), `{"user":"owner","role":"owner","setup":false,"login":true}`)
	check(phone, h.ticket(phone, auth.Viewer), `{"user":"luci","role":"viewer","setup":false,"login":true}`)
	if got := read(t, h.through(ui.Unix, "@", "GET", "session", "")); got != `{"user":"owner","role":"owner","setup":false,"login":false}`+"\n" {
		t.Errorf("on the router: %s", got)
	}
	open := newServer(uitest.New(), nil).Handler(ui.TCP)
	if got := read(t, do(open, "GET", "/api/v1/session", "")); got != `{"user":"owner","role":"owner","setup":false,"login":false}`+"\n" {
		t.Errorf("where no login is wanted: %s", got)
	}
	if got := problem(t, do(open, "POST", "/api/v1/session", "{}")); got.Status != 405 {
		t.Errorf("log in where nobody keeps logins: %+v", got)
	}
}

func TestBadLoginRequests(t *testing.T) {
	for _, c := range []struct {
		method, path, body string
		status             int
		member             string
	}{
		{"POST", "session", `{}`, 422, "user"},
		{"POST", "session", `{"user":"owner"}`, 422, "password"},
		{"POST", "session", `{"user":"owner","password":null}`, 422, "password"},
		{"POST", "session", `{"user":1,"password":"x"}`, 422, "user"},
		{"POST", "session", `{"user":"owner","password":"x","ticket":"y"}`, 422, "ticket"},
		{"POST", "session", `{"user":"owner","pasword":"x"}`, 400, "pasword"},
		{"DELETE", "session?all=yes", ``, 422, "all"},
		{"DELETE", "session?every=1", ``, 400, "every"},
		{"POST", "session/setup", `{}`, 422, "password"},
		{"POST", "session/setup", `{"password":"short"}`, 422, "password"},
		{"POST", "session/setup", `{"password":"aaaaaaaa"}`, 422, "password"},
		{"PUT", "session/password", `{"user":"root","password":"another one"}`, 422, "user"},
		{"PUT", "session/password", `{"user":"owner"}`, 422, "password"},
		{"PUT", "session/password", `{"password":"another one"}`, 422, "current"},
		{"PUT", "session/password", `{"password":"another one","current":"wrong"}`, 422, "current"},
		{"POST", "tokens", `{}`, 422, "name"},
		{"POST", "tokens", `{"name":"a\u202eb"}`, 422, "name"},
		{"GET", "tokens?x=1", ``, 400, "x"},
		{"DELETE", "tokens/t9", ``, 404, ""},
		{"PATCH", "session", `{}`, 405, ""},
	} {
		t.Run(c.method+" "+c.path+" "+c.body, func(t *testing.T) {
			h := newHouse(t)
			got := problem(t, h.ask(laptop, c.method, c.path, c.body, h.setUp()))
			if got.Status != c.status || got.Member != c.member {
				t.Errorf("got %d %q (%s), want %d %q", got.Status, got.Member, got.Detail, c.status, c.member)
			}
		})
	}
}

func TestTokensAreShownOnce(t *testing.T) {
	h := newHouse(t)
	owner := h.setUp()
	token := h.token(owner)
	var list struct{ Tokens []map[string]any }
	if err := json.Unmarshal([]byte(read(t, h.ask(laptop, "GET", "tokens", "", owner))), &list); err != nil {
		t.Fatal(err)
	}
	if len(list.Tokens) != 1 || list.Tokens[0]["name"] != "Home Assistant" || list.Tokens[0]["token"] != nil {
		t.Fatalf("the list has %v", list.Tokens)
	}
	id := list.Tokens[0]["id"].(string)
	if got := read(t, h.ask(phone, "GET", "session", "", token)); got != `{"user":"Home Assistant","role":"viewer","setup":false,"login":true}`+"\n" {
		t.Errorf("the program is %s", got)
	}
	if got := h.ask(laptop, "DELETE", "tokens/"+id, "", owner).StatusCode; got != http.StatusNoContent {
		t.Errorf("revoke: %d", got)
	}
	if got := h.ask(phone, "GET", "status", "", token).StatusCode; got != 401 {
		t.Errorf("a revoked token: %d", got)
	}
	for range auth.MaxTokens {
		h.token(owner)
	}
	if got := problem(t, h.ask(laptop, "POST", "tokens", `{"name":"x"}`, owner)); got.Status != 409 || got.Code != "full" {
		t.Errorf("one too many: %+v", got)
	}
}

// TestTicketsComeFromTheRouter is LuCI's way: its plugin asks on the socket, the browser shows what it got.
func TestTicketsComeFromTheRouter(t *testing.T) {
	h := newHouse(t)
	for role, want := range map[string]int{"owner": 200, "viewer": 403} {
		var made struct{ Ticket, For string }
		r := h.through(ui.Unix, "@", "POST", "tickets", `{"role":"`+role+`"}`)
		if err := json.Unmarshal([]byte(read(t, r)), &made); err != nil || r.StatusCode != http.StatusCreated || made.For != "1m0s" {
			t.Fatalf("%d %+v %v", r.StatusCode, made, err)
		}
		body := `{"ticket":"` + made.Ticket + `"}`
		session := h.cookies(h.ask(laptop, "POST", "session", body))
		if got := h.ask(laptop, "PUT", "devices/"+cam+"/quarantine", "{}", session).StatusCode; got != want {
			t.Errorf("with a ticket of the %s a change gets %d, want %d", role, got, want)
		}
		if got := h.ask(laptop, "POST", "session", body).StatusCode; got != 401 {
			t.Errorf("a ticket twice: %d", got)
		}
	}
	if got := problem(t, h.through(ui.Unix, "@", "POST", "tickets", `{"role":"root"}`)); got.Member != "role" {
		t.Errorf("a ticket for root: %+v", got)
	}
}

func TestTheFirstPasswordComesFromTheLAN(t *testing.T) {
	h := newHouse(t)
	body := `{"password":"` + password + `"}`
	if got := problem(t, h.ask("198.51.100.7:1", "POST", "session/setup", body)); got.Code != "not-allowed" {
		t.Errorf("from outside: %+v", got)
	}
	if diff := cmp.Diff(204, h.through(ui.Unix, "@", "POST", "session/setup", body).StatusCode); diff != "" {
		t.Errorf("on the router: %s", diff)
	}
}
