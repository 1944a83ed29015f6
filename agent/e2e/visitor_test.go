package e2e

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"spinneret/openwrt/lab"
)

// visitor is a browser somewhere, with its cookies.
type visitor struct {
	t       *testing.T
	client  http.Client
	page    string
	cookies map[string]string
}

// visit opens a browser in a namespace.
func visit(t *testing.T, from *lab.NS, page netip.AddrPort) *visitor {
	return &visitor{
		t: t, page: "http://" + page.String(), cookies: map[string]string{},
		client: http.Client{Timeout: answerLimit, Transport: &http.Transport{DialContext: byTCP(from, page).dial, DisableKeepAlives: true}},
	}
}

// said is an answer: its status, and the code of the problem if it is one.
type said struct {
	status int
	code   string
}

// ask sends a request as this browser; headers are "Name: value". Cookies in the answer are kept.
func (v *visitor) ask(method, path, body string, headers ...string) said {
	v.t.Helper()
	answer, err := v.try(method, path, body, headers...)
	if err != nil {
		v.t.Fatalf("%s %s: %v", method, path, err)
	}
	return answer
}

func (v *visitor) try(method, path, body string, headers ...string) (said, error) {
	r, err := http.NewRequestWithContext(context.Background(), method, v.page+path, strings.NewReader(body))
	if err != nil {
		return said{}, err
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for name, value := range v.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
		if name == "Host" {
			r.Host = value
		}
	}
	response, err := v.client.Do(r)
	if err != nil {
		return said{}, err
	}
	defer response.Body.Close()
	for _, c := range response.Cookies() {
		v.cookies[c.Name] = c.Value
		if c.MaxAge < 0 {
			delete(v.cookies, c.Name)
		}
	}
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return said{}, err
	}
	var p struct{ Type string }
	_ = json.Unmarshal(text, &p) // a page is no JSON
	return said{response.StatusCode, strings.TrimPrefix(p.Type, "urn:spinneret:")}, nil
}

// logIn lets the visitor in by password.
func (v *visitor) logIn(user, password string) said {
	v.t.Helper()
	return v.ask("POST", session, `{"user":"`+user+`","password":"`+password+`"}`)
}

// enter lets the visitor in by a ticket.
func (v *visitor) enter(ticket string) said {
	v.t.Helper()
	return v.ask("POST", session, `{"ticket":"`+ticket+`"}`)
}

// copy is a visitor elsewhere that has stolen the cookies.
func (v *visitor) copy(from *lab.NS, page netip.AddrPort) *visitor {
	thief := visit(v.t, from, page)
	for name, value := range v.cookies {
		thief.cookies[name] = value
	}
	return thief
}

// want compares answers.
func want(t *testing.T, what string, got, want said) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %d %s, want %d %s", what, got.status, got.code, want.status, want.code)
	}
}

// unreachable wants that nothing answers.
func (v *visitor) unreachable(what string) {
	v.t.Helper()
	v.client.Timeout = 300 * time.Millisecond
	if answer, err := v.try("GET", "/", ""); err == nil {
		v.t.Errorf("%s: the page answers %d %s", what, answer.status, answer.code)
	}
}

const session = "/api/v1/session"
