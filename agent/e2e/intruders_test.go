package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

// intruders are the rows of the table in the README's section on security, each with who tries it. They come one
// after the other to the same running agent.
var intruders = []struct {
	what string
	try  func(t *testing.T, h *doorHouse)
}{
	{"no cookie, or a made-up one", noCookie},
	{"a cookie that was stolen before log-out", stolenCookie},
	{"a session from another device", otherDevice},
	{"another site's page: form, fetch, Origin", otherSite},
	{"another site's name for the router (DNS rebinding)", reboundName},
	{"a WebSocket without a session, or from another site", webSockets},
	{"a viewer who asks for what is the owner's", viewer},
	{"a ticket twice", usedTicket},
	{"a device that is cut off", quarantined},
	{"the guests' network", guests},
	{"100 wrong passwords", guesses},
	{"bodies and headers without end", floods},
	{"1,000 connections", connections},
	{"another user at the unix socket", func(t *testing.T, h *doorHouse) { strangerAtTheSocket(t, h.agent) }},
}

// TestIntrudersStayOutside, and the owner does not notice.
func TestIntrudersStayOutside(t *testing.T) {
	h := newDoorHouse(t)
	slow := slowHeaders(t, h) // it takes its time: it runs beside the others
	for _, i := range intruders {
		t.Run(i.what, func(t *testing.T) {
			h.t, h.owner.t = t, t
			i.try(t, h)
			want(t, "the owner afterwards", h.owner.ask("GET", "/api/v1/status", ""), ok)
		})
	}
	h.t, h.owner.t = t, t
	t.Run("headers that never end", slow)
	h.toldTheOwner()
}

func noCookie(t *testing.T, h *doorHouse) {
	for _, cookies := range []map[string]string{{}, {"spinneret": "AAAA"}, {"spinneret": strings.Repeat("A", 43)}} {
		stranger := h.at("tv")
		stranger.cookies = cookies
		for _, path := range []string{"status", "devices", "flows", "events", "session", "stream", "tokens", "devices/../status"} {
			want(t, path, stranger.ask("GET", "/api/v1/"+path, ""), noLogin)
		}
		want(t, "to cut off", stranger.ask("PUT", "/api/v1/"+quarantineOf(h.home.Device("lamp")), "{}"), noLogin)
		want(t, "another first run", stranger.ask("POST", session+"/setup", `{"password":"mine all mine"}`), noOwner)
		want(t, "the page, which holds no data", stranger.ask("GET", "/", ""), ok)
	}
}

func stolenCookie(t *testing.T, h *doorHouse) {
	here := h.at("laptop")
	want(t, "log in", here.logIn("owner", ownersPassword), done)
	thief := here.copy(h.home.Device("laptop").NS, h.lan) // on the same device: only the log-out is in its way
	want(t, "before", thief.ask("GET", "/api/v1/status", ""), ok)
	want(t, "log out", here.ask("DELETE", session, ""), done)
	want(t, "after", thief.ask("GET", "/api/v1/status", ""), noLogin)
}

func otherDevice(t *testing.T, h *doorHouse) {
	here := h.at("laptop")
	want(t, "log in", here.logIn("owner", ownersPassword), done)
	thief := here.copy(h.home.Device("tv").NS, h.lan)
	want(t, "from another MAC", thief.ask("GET", "/api/v1/status", ""), noLogin)
	want(t, "the session that was stolen", here.ask("GET", "/api/v1/status", ""), noLogin)
}

func otherSite(t *testing.T, h *doorHouse) {
	cut := "/api/v1/" + quarantineOf(h.home.Device("lamp"))
	for what, headers := range map[string][]string{
		"Origin":              {"Origin: http://evil.example"},
		"no origin to name":   {"Origin: null"},
		"cross-site fetch":    {"Sec-Fetch-Site: cross-site"},
		"same-site fetch":     {"Sec-Fetch-Site: same-site"},
		"form":                {"Sec-Fetch-Site: cross-site", "Content-Type: application/x-www-form-urlencoded"},
		"form without header": {"Origin: http://evil.example", "Content-Type: text/plain"},
	} {
		want(t, what, h.owner.ask("PUT", cut, "{}", headers...), noSite)
		want(t, what+" to log out", h.owner.ask("DELETE", session+"?all=1", "", headers...), noSite)
	}
	if h.device(h.home.Device("lamp")).Quarantine != nil {
		t.Error("it was done all the same")
	}
}

func reboundName(t *testing.T, h *doorHouse) {
	for _, host := range []string{"evil.example", "evil.example:8484", "203.0.113.9:8484"} {
		for _, path := range []string{"/", "/api/v1/status"} {
			want(t, host+path, h.owner.ask("GET", path, "", "Host: "+host, "Sec-Fetch-Site: same-origin"), said{http.StatusForbidden, "bad-host"})
		}
	}
}

func webSockets(t *testing.T, h *doorHouse) {
	dialer := websocket.Dialer{
		NetDialContext: byTCP(h.home.Device("laptop").NS, h.lan).dial, Subprotocols: []string{"spinneret.v1"}, HandshakeTimeout: answerLimit,
	}
	for what, c := range map[string]struct {
		header http.Header
		status int
	}{
		"without a session": {http.Header{}, http.StatusUnauthorized},
		"from another site": {http.Header{"Cookie": {"spinneret=" + h.owner.cookies["spinneret"]}, "Origin": {"http://evil.example"}}, http.StatusForbidden},
		"the owner's":       {http.Header{"Cookie": {"spinneret=" + h.owner.cookies["spinneret"]}, "Origin": {h.owner.page}}, http.StatusSwitchingProtocols},
	} {
		conn, response, err := dialer.Dial("ws://"+h.lan.String()+"/api/v1/stream", c.header)
		if response == nil || response.StatusCode != c.status {
			t.Errorf("%s: %v, %v, want %d", what, response, err, c.status)
		}
		if err == nil {
			conn.Close()
		}
	}
}

// ticket has the plugin make one, run as rpcd runs it.
func (h *doorHouse) ticket(method string) string {
	h.t.Helper()
	cmd := h.router.Command(context.Background(), program, "rpcd", "call", method, "-socket", h.socket)
	cmd.Stdin = strings.NewReader(`{"ubus_rpc_session":"0123456789abcdef0123456789abcdef"}`)
	out, err := h.router.Run(cmd)
	var answer struct{ Ticket string }
	if err := errors.Join(err, json.Unmarshal(out, &answer)); err != nil {
		h.t.Fatalf("%s: %v", out, err)
	}
	return answer.Ticket
}

func viewer(t *testing.T, h *doorHouse) {
	child := h.at("tv")
	want(t, "in from LuCI", child.enter(h.ticket("ticket")), done)
	want(t, "to look", child.ask("GET", "/api/v1/devices", ""), ok)
	lamp := "/api/v1/" + quarantineOf(h.home.Device("lamp"))
	for _, request := range []struct{ method, path, body string }{
		{"PUT", lamp, "{}"},
		{"DELETE", lamp, ""},
		{"PATCH", strings.TrimSuffix(lamp, "/quarantine"), `{"name":"mine"}`},
		{"GET", "/api/v1/tokens", ""},
		{"POST", "/api/v1/tokens", `{"name":"mine"}`},
		{"DELETE", "/api/v1/tokens/t1", ""},
		{"POST", "/api/v1/tickets", `{"role":"owner"}`},
		{"PUT", session + "/password", `{"password":"mine all mine"}`},
	} {
		want(t, request.method+" "+request.path, child.ask(request.method, request.path, request.body), noOwner)
	}
	want(t, "tickets are for the socket alone", h.owner.ask("POST", "/api/v1/tickets", `{"role":"owner"}`), noOwner)
}

func usedTicket(t *testing.T, h *doorHouse) {
	text := h.ticket("ticket_owner")
	first := h.at("tv")
	want(t, "first", first.enter(text), done)
	want(t, "it is an owner's", first.ask("GET", "/api/v1/tokens", ""), ok)
	want(t, "second", h.at("lamp").enter(text), noLogin)
	want(t, "made up", h.at("lamp").enter(strings.Repeat("A", 43)), noLogin)
}

func quarantined(t *testing.T, h *doorHouse) {
	cam := h.home.Device("cam")
	want(t, "before", h.at("cam").ask("GET", "/", ""), ok)
	for _, level := range []string{"internet", "full"} {
		h.cutOff(cam, `{"level":"`+level+`"}`)
		h.at("cam").unreachable("at level " + level)
	}
	h.release(cam)
	want(t, "released", h.at("cam").ask("GET", "/", ""), ok)
}

// guests reach the router, but not the page, unless they are listed.
func guests(t *testing.T, h *doorHouse) {
	pages := []netip.AddrPort{h.lan, h.lan6}
	for _, page := range pages {
		control := netip.AddrPortFrom(page.Addr(), 9999)
		listen(t, h.router, control.String())
		c, err := h.guest.Dial(t.Context(), "tcp", control)
		if err != nil {
			t.Fatalf("guests do not reach the router at all, which proves nothing: %v", err)
		}
		c.Close()
		visit(t, h.guest, page).unreachable("a guest at " + page.String())
		want(t, "the router itself", visit(t, h.router, page).ask("GET", "/", ""), ok)
	}
	o := h.settings(usual(h.home, filepath.Dir(h.config)))
	h.reload(append(o, "list page_from 'guest0'"), "the settings were read anew")
	for _, page := range pages {
		h.eventually("a listed network gets the page", func() bool {
			answer, err := visit(t, h.guest, page).try("GET", "/", "")
			return err == nil && answer == ok
		})
		want(t, "data still want a login", visit(t, h.guest, page).ask("GET", "/api/v1/status", ""), noLogin)
		want(t, "a first run is the home's", visit(t, h.guest, page).ask("POST", session+"/setup", `{"password":"mine all mine"}`), noOwner)
	}
	h.reload(o, "the settings were read anew")
	h.eventually("the rules are in force again", func() bool {
		return !strings.Contains(nftList(h.router, "table", "inet", "spinneret"), "guest0")
	})
	for _, page := range pages {
		visit(t, h.guest, page).unreachable("a guest that is no longer listed, at " + page.String())
	}
}

// guesses do not keep the owner out, who was here before with this browser; nor does a new browser need more than LuCI.
func guesses(t *testing.T, h *doorHouse) {
	tries := map[said]int{}
	for i := range 100 {
		thief := h.at([]string{"tv", "lamp"}[i%2])
		tries[thief.logIn("owner", "wrong horse battery")]++
	}
	wrong, late := tries[noLogin], tries[said{http.StatusTooManyRequests, "too-many"}]
	if wrong > 20 || wrong+late != 100 {
		t.Errorf("100 wrong passwords are answered with %v", tries)
	}
	again := h.owner.copy(h.home.Device("laptop").NS, h.lan)
	delete(again.cookies, "spinneret")
	want(t, "the owner's browser", again.logIn("owner", ownersPassword), done)
	fresh := h.at("laptop")
	want(t, "a new browser, from LuCI", fresh.enter(h.ticket("ticket_owner")), done)
}

// toldTheOwner wants every kind of what happened at the door among the events.
func (h *doorHouse) toldTheOwner() {
	h.t.Helper()
	want(h.t, "a token", h.owner.ask("POST", "/api/v1/tokens", `{"name":"Home Assistant"}`), said{http.StatusCreated, ""})
	want(h.t, "revoke it", h.owner.ask("DELETE", "/api/v1/tokens/t1", ""), done)
	want(h.t, "another password", h.owner.ask("PUT", session+"/password", `{"password":"four words of mine","current":"`+ownersPassword+`"}`), done)
	want(h.t, "log out everywhere", h.owner.ask("DELETE", session+"?all=1", ""), done)
	want(h.t, "after it", h.owner.ask("GET", "/api/v1/status", ""), noLogin)
	var text strings.Builder
	for _, e := range h.events(0) {
		text.WriteString(e.Kind + " " + e.Text + "\n")
	}
	for _, words := range []string{
		"audit the owner's password was set for the first time", "login the owner logged in", "login the owner logged out",
		"login wrong password for the owner", "login the viewer came in from LuCI", "login the owner came in from LuCI",
		"audit a session's cookie came from another device", `audit API token "Home Assistant" was made`,
		`audit API token "Home Assistant" was revoked`, "audit the owner's password was changed", "audit the owner logged out everywhere",
	} {
		if !strings.Contains(text.String(), words) {
			h.t.Errorf("no event says %q:\n%s", words, text.String())
		}
	}
}
