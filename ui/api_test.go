package ui_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spinneret/openwrt/lab/expect"
	"spinneret/ui"
	"spinneret/ui/uitest"
)

var golden = expect.Golden

const (
	cam   = "02:00:00:00:00:01"
	asked = "http://localhost:8484"
)

func newServer(home *uitest.Home, change func(*ui.Config)) *ui.Server {
	config := ui.Config{
		Backend: home, Log: slog.New(slog.DiscardHandler), Hosts: []string{"router.example", "192.168.1.1", "fd00:1::1"},
		Now: func() time.Time { return home.Now },
	}
	if change != nil {
		change(&config)
	}
	return ui.New(config)
}

// pageFunc is a page of two files.
type pageFunc http.HandlerFunc

func (f pageFunc) ServeHTTP(w http.ResponseWriter, r *http.Request) { f(w, r) }

func (pageFunc) Has(path string) bool { return path == "/" || path == "/assets/index.js" }

// do sends a JSON request through the TCP door. A header is "Name: value".
func do(h http.Handler, method, target, body string, headers ...string) *http.Response {
	r := httptest.NewRequest(method, asked+target, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		if name == "Host" {
			r.Host = value
			continue
		}
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func read(t *testing.T, r *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func problem(t *testing.T, r *http.Response) ui.Problem {
	t.Helper()
	if got := r.Header.Get("Content-Type"); got != "application/problem+json" {
		t.Fatalf("status %d is %s, want a problem", r.StatusCode, got)
	}
	var p ui.Problem
	if err := json.Unmarshal([]byte(read(t, r)), &p); err != nil {
		t.Fatal(err)
	}
	if p.Status != r.StatusCode || p.Title == "" || p.Detail == "" {
		t.Errorf("problem with status %d says %+v", r.StatusCode, p)
	}
	return p
}

// TestAnswersAreTheContracts compares whole bodies with testdata: a member renamed here breaks people's scripts.
func TestAnswersAreTheContracts(t *testing.T) {
	var text strings.Builder
	h := newServer(uitest.New(), nil).Handler(ui.TCP)
	for _, c := range []struct{ method, target, body string }{
		{"GET", "/api/v1/status", ""},
		{"GET", "/api/v1/devices", ""},
		{"GET", "/api/v1/devices/02-00-00-00-00-01", ""},
		{"GET", "/api/v1/flows?device=" + cam, ""},
		{"GET", "/api/v1/flows?device=02:00:00:00:00:02", ""},
		{"GET", "/api/v1/history?limit=1", ""},
		{"GET", "/api/v1/history?step=60s", ""},
		{"GET", "/api/v1/history?port=https", ""},
		{"GET", "/api/v1/events?since=1840", ""},
		{"GET", "/api/v1/events?since=1841", ""},
		{"PATCH", device, `{"name":"Front door <b>"}`},
		{"PUT", quarantine, `{"level":"full","for":"1d12h","why":"too chatty"}`},
		{"DELETE", quarantine, ""},
		{"PUT", quarantine, `{"until":"2025-01-01T00:00:00Z"}`},
		{"GET", "/api/v1/devices/02:00:00:00:00:99", ""},
		{"PUT", device + "/mud", `{"url":"https://maker.example/cam","mode":"watch"}`},
		{"GET", device + "/mud", ""},
		{"POST", device + "/mud", `{"approve":"file-1a2b3c4d"}`},
		{"DELETE", device + "/mud", ""},
	} {
		r := do(h, c.method, c.target, c.body)
		text.WriteString(c.method + " " + c.target + " " + c.body + "\n" + r.Status + " " + r.Header.Get("Content-Type") + "\n")
		text.WriteString(read(t, r) + "\n")
	}
	golden(t, "testdata/answers.txt", text.String())
}

func TestOrdersReachTheAgentAsMeant(t *testing.T) {
	for _, c := range []struct {
		body string
		want ui.QuarantineOrder
	}{
		{`{}`, ui.QuarantineOrder{Level: "full"}},
		{`{"level":null,"for":null,"until":null,"why":null,"to":null,"acknowledge":null}`, ui.QuarantineOrder{Level: "full"}},
		{`{"level":"internet","for":"7d"}`, ui.QuarantineOrder{Level: "internet", For: 7 * 24 * time.Hour}},
		{`{"until":"2026-11-22T08:00:00+01:00","acknowledge":true}`, ui.QuarantineOrder{
			Level: "full", Until: time.Date(2026, 11, 22, 7, 0, 0, 0, time.UTC), Acknowledge: true,
		}},
		{`{"level":"flow","to":["198.51.100.0/24:53/udp"],"why":"` + strings.Repeat("ä", 200) + `"}`, ui.QuarantineOrder{
			Level: "flow", To: []string{"198.51.100.0/24:53/udp"}, Why: strings.Repeat("ä", 200),
		}},
	} {
		home := uitest.New()
		r := do(newServer(home, nil).Handler(ui.TCP), "PUT", "/api/v1/devices/02-00-00-00-00-01/quarantine", c.body)
		if r.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s", c.body, read(t, r))
		}
		c.want.Asker = "192.0.2.1:1234" // of httptest
		if diff := cmp.Diff([]ui.QuarantineOrder{c.want}, home.Orders()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.body, diff)
		}
	}
}

func TestEditsReachTheAgentAsMeant(t *testing.T) {
	name, kind, none, yes, no := strings.Repeat("ü", 64), "camera", "", true, false
	for _, c := range []struct {
		body string
		want ui.DeviceEdit
	}{
		{`{}`, ui.DeviceEdit{}},
		{`{"name":"` + name + `","kind":"camera"}`, ui.DeviceEdit{Name: &name, Kind: &kind}},
		{`{"name":null,"kind":null}`, ui.DeviceEdit{ClearName: true, Kind: &none}},
		{`{"ignored":true,"trusted":false}`, ui.DeviceEdit{Ignored: &yes, Trusted: &no}},
	} {
		home := uitest.New()
		r := do(newServer(home, nil).Handler(ui.TCP), "PATCH", device, c.body)
		if r.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s", c.body, read(t, r))
		}
		if diff := cmp.Diff([]ui.DeviceEdit{c.want}, home.Edits()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.body, diff)
		}
	}
}

func TestOnlyJSONIsRead(t *testing.T) {
	h := newServer(uitest.New(), nil).Handler(ui.TCP)
	for kind, want := range map[string]int{
		"application/json": 200, "application/json; charset=utf-8": 200, "Application/JSON": 200,
		"": 415, "text/plain": 415, "application/x-www-form-urlencoded": 415, "application/json, text/html": 415,
	} {
		r := do(h, "PUT", quarantine, "{}", "Content-Type: "+kind)
		if r.StatusCode != want {
			t.Errorf("Content-Type %q: %d, want %d", kind, r.StatusCode, want)
		}
	}
}

func TestAWrongMethodIsToldTheRightOnes(t *testing.T) {
	h := newServer(uitest.New(), nil).Handler(ui.TCP)
	for target, want := range map[string]string{
		"/api/v1/status": "GET, HEAD",
		device:           "DELETE, GET, HEAD, PATCH",
		quarantine:       "DELETE, PUT",
	} {
		if got := do(h, "POST", target, "").Header.Get("Allow"); got != want {
			t.Errorf("%s allows %q, want %q", target, got, want)
		}
	}
}

func TestErrorsOfTheAgent(t *testing.T) {
	for _, c := range []struct {
		name   string
		err    error
		status int
		code   string
	}{
		{"problem", &ui.Problem{Status: 503, Code: "firewall", Title: "t", Detail: "d"}, 503, "firewall"},
		{"out of time", context.DeadlineExceeded, 503, "busy"},
		{"anything else stays inside", errors.New("open /etc/secret: no"), 500, "internal"},
	} {
		t.Run(c.name, func(t *testing.T) {
			home := uitest.New()
			home.Err = c.err
			for _, target := range []string{"status", "devices", "devices/" + cam, "flows", "events"} {
				r := do(newServer(home, nil).Handler(ui.TCP), "GET", "/api/v1/"+target, "")
				got := problem(t, r)
				if got.Status != c.status || got.Code != c.code || strings.Contains(got.Detail, "secret") {
					t.Errorf("%s: %+v", target, got)
				}
				if hasWait := r.Header.Get("Retry-After") != ""; hasWait != (c.code == "busy") {
					t.Errorf("%s: Retry-After is %q", target, r.Header.Get("Retry-After"))
				}
			}
		})
	}
}
