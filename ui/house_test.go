package ui_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"spinneret/ui"
	"spinneret/ui/auth"
	"spinneret/ui/uitest"
)

// The devices of the house, by address.
const (
	laptop = "192.168.1.2:40000"
	phone  = "192.168.1.3:40000"
	bad    = "192.168.1.4:40000"
	cut    = "192.168.1.5:40000" // quarantined
	guest  = "10.9.0.2:40000"
)

var askers = map[string]ui.Asker{
	laptop: {MAC: "02:00:00:00:01:02"},
	phone:  {MAC: "02:00:00:00:01:03"},
	bad:    {MAC: "02:00:00:00:01:04"},
	cut:    {MAC: "02:00:00:00:01:05", Quarantined: true},
	guest:  {MAC: "02:00:00:00:01:06", Guest: true},
}

const password = "three small words"

// ram is a store without files.
type ram struct {
	mu   sync.Mutex
	data []byte
}

func (m *ram) Load() ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.data, nil
}

func (m *ram) Save(data []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.data = data
	return nil
}

// house is a server that wants a login, its page and stream included.
type house struct {
	*testing.T
	home   *uitest.Home
	keeper *auth.Keeper
	server *ui.Server
}

func newHouse(t *testing.T) *house {
	h := &house{T: t, home: uitest.New(), keeper: auth.New(auth.Config{Store: &ram{}})}
	answer := pageFunc(func(http.ResponseWriter, *http.Request) {})
	h.server = newServer(h.home, func(c *ui.Config) {
		c.Auth, c.Keeper, c.Stream, c.Page = true, h.keeper, answer, answer
		c.Who = func(remote string) ui.Asker { return askers[remote] }
	})
	return h
}

// setUp chooses the owner's password on the laptop and gives its cookies.
func (h *house) setUp() (cookies string) {
	h.Helper()
	return h.cookies(h.ask(laptop, "POST", "session/setup", `{"password":"`+password+`"}`))
}

func (h *house) logIn(from, user, password string) (cookies string) {
	h.Helper()
	return h.cookies(h.ask(from, "POST", "session", `{"user":"`+user+`","password":"`+password+`"}`))
}

func (h *house) ticket(from string, role auth.Role) (cookies string) {
	h.Helper()
	return h.cookies(h.ask(from, "POST", "session", `{"ticket":"`+h.keeper.Ticket(role)+`"}`))
}

// cookies is the header that a browser sends after this answer.
func (h *house) cookies(r *http.Response) string {
	h.Helper()
	if r.StatusCode != http.StatusNoContent {
		h.Fatalf("not let in: %d %s", r.StatusCode, read(h.T, r))
	}
	var all []string
	for _, c := range r.Cookies() {
		all = append(all, c.Name+"="+c.Value)
	}
	if len(all) != 2 {
		h.Fatalf("let in with cookies %v", all)
	}
	return "Cookie: " + strings.Join(all, "; ")
}

// ask sends a request through the TCP door. A path that starts with / is whole, another is one of the API.
func (h *house) ask(from, method, path, body string, headers ...string) *http.Response {
	return h.through(ui.TCP, from, method, path, body, headers...)
}

func (h *house) through(door ui.Door, from, method, path, body string, headers ...string) *http.Response {
	if !strings.HasPrefix(path, "/") {
		path = "/api/v1/" + path
	}
	r := httptest.NewRequest(method, asked+path, strings.NewReader(body))
	r.RemoteAddr = from
	r.Header.Set("Content-Type", "application/json")
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		if name == "Host" {
			r.Host = value
		}
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	h.server.Handler(door).ServeHTTP(w, r)
	return w.Result()
}

// token makes an API token and gives its header.
func (h *house) token(owner string) string {
	h.Helper()
	var made struct{ ID, Token string }
	r := h.ask(laptop, "POST", "tokens", `{"name":"Home Assistant"}`, owner)
	if err := json.Unmarshal([]byte(read(h.T, r)), &made); err != nil || r.StatusCode != http.StatusCreated || made.Token == "" {
		h.Fatalf("no token is made: %d %+v %v", r.StatusCode, made, err)
	}
	return "Authorization: Bearer " + made.Token
}

func (h *house) setViewer() {
	h.Helper()
	change := auth.Change{User: auth.Viewer, Password: "only looking"}
	if err := h.keeper.SetPassword(context.Background(), auth.Client{Trusted: true}, auth.Local(), change); err != nil {
		h.Fatal(err)
	}
}
