package ui_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"spinneret/ui"
	"spinneret/ui/uitest"
)

const camMUD = "devices/02:00:00:00:00:01/mud"

// TestADescriptionIsAssignedAndTakenBack over the API.
func TestADescriptionIsAssignedAndTakenBack(t *testing.T) {
	h := newHouse(t)
	owner := h.setUp()
	ask := func(method, body string) (m ui.MUD) {
		t.Helper()
		r := h.ask(laptop, method, camMUD, body, owner)
		text := read(t, r)
		if err := json.Unmarshal([]byte(text), &m); err != nil || r.StatusCode != http.StatusOK {
			t.Fatalf("%s %s: %d %s", method, body, r.StatusCode, text)
		}
		return m
	}
	if m := ask("GET", ""); m.State != "none" || m.URL != nil {
		t.Errorf("before it is %+v", m)
	}
	if m := ask("PUT", `{"url":"https://lamps.example/one","mode":"watch"}`); *m.URL != "https://lamps.example/one" || m.Mode != "watch" {
		t.Errorf("assigned it is %+v", m)
	}
	large := `{"file":{"x":"` + strings.Repeat("y", 200<<10) + `"},"acknowledge":true}`
	if m := ask("PUT", large); !m.File || m.Mode != "enforce" {
		t.Errorf("by file it is %+v", m)
	}
	if o := h.home.MUDOrders(); len(o) != 2 || o[0].Acknowledge || !o[1].Acknowledge || o[1].Asker == "" || !strings.HasPrefix(large[8:], string(o[1].File)+",") {
		t.Errorf("the file did not come as it was sent: %d orders", len(o))
	}
	if m := ask("DELETE", ""); m.State != "none" {
		t.Errorf("removed it is %+v", m)
	}
}

func TestWhatWaitsIsAnswered(t *testing.T) {
	h := newHouse(t)
	owner := h.setUp()
	h.home.List[0].MUD = &ui.MUD{State: "held", Approvals: []ui.Approval{{ID: "file-1"}, {ID: "url-2"}}}
	for _, c := range []struct {
		body string
		want int
		left int
	}{
		{`{"approve":"file-1"}`, http.StatusOK, 1},
		{`{"approve":"file-1"}`, http.StatusConflict, 1},
		{`{"refuse":"url-2","acknowledge":true}`, http.StatusOK, 0},
	} {
		if r := h.ask(laptop, "POST", camMUD, c.body, owner); r.StatusCode != c.want || len(h.home.List[0].MUD.Approvals) != c.left {
			t.Errorf("%s: %d, left are %+v", c.body, r.StatusCode, h.home.List[0].MUD.Approvals)
		}
	}
}

func TestWrongOrdersOfDescriptions(t *testing.T) {
	server := newServer(uitest.New(), nil)
	for _, c := range []struct {
		method, path, body, want string
	}{
		{"PUT", camMUD, `{}`, "url"},
		{"PUT", camMUD, `{"url":"https://a.example/","file":{}}`, "file"},
		{"PUT", camMUD, `{"file":"https://a.example/"}`, "file"},
		{"PUT", camMUD, `{"file":[]}`, "file"},
		{"PUT", camMUD, `{"url":7}`, "url"},
		{"PUT", camMUD, `{"mode":"strict"}`, "mode"},
		{"PUT", camMUD, `{"level":"full"}`, "level"},
		{"POST", camMUD, `{}`, "approve"},
		{"POST", camMUD, `{"approve":"a","refuse":"b"}`, "approve"},
	} {
		p := problem(t, do(server.Handler(ui.TCP), c.method, "/api/v1/"+c.path, c.body))
		status := p.Status
		if status/100 != 4 || p.Member != c.want || p.Detail == "" {
			t.Errorf("%s %s: %d, member %q, %s", c.method, c.body, status, p.Member, p.Detail)
		}
	}
	body := `{"file":{"x":"` + strings.Repeat("y", 300<<10) + `"}}`
	if p := problem(t, do(server.Handler(ui.TCP), "PUT", "/api/v1/"+camMUD, body)); p.Status != http.StatusRequestEntityTooLarge {
		t.Errorf("300 kB: %d", p.Status)
	}
}

func TestADescriptionIsLearned(t *testing.T) {
	server := newServer(uitest.New(), nil)
	r := do(server.Handler(ui.TCP), "GET", "/api/v1/"+camMUD+"/learned", "")
	if kind, name := r.Header.Get("Content-Type"), r.Header.Get("Content-Disposition"); kind != "application/mud+json" ||
		name != `attachment; filename="learned-02-00-00-00-00-01.json"` {
		t.Errorf("the download is %q, %q", kind, name)
	}
	if text := read(t, r); text != `{"ietf-mud:mud":{}}` {
		t.Errorf("it holds %s", text)
	}
	var l ui.LearnedMUD
	if err := json.Unmarshal([]byte(read(t, do(server.Handler(ui.TCP), "GET", "/api/v1/"+camMUD+"/learned?report=1", ""))), &l); err != nil || len(l.Warnings) != 1 {
		t.Errorf("the report is %+v, %v", l, err)
	}
	if p := problem(t, do(server.Handler(ui.TCP), "GET", "/api/v1/"+camMUD+"/learned?report=2", "")); p.Member != "report" {
		t.Errorf("report=2: %+v", p)
	}
}

// TestWhatADHCPServerWasToldComesFromTheRouter: its own script says it, as root, of a device that may be new.
func TestWhatADHCPServerWasToldComesFromTheRouter(t *testing.T) {
	h := newHouse(t)
	for body, want := range map[string]int{
		`{"mac":"02:00:00:00:00:AA","url":"https://lamps.example/one"}`:                                http.StatusNoContent,
		`{"mac":"lamp","url":"https://lamps.example/one"}`:                                             http.StatusUnprocessableEntity,
		`{"mac":"02:00:00:00:00:aa","uri":"https://lamps.example/one"}`:                                http.StatusBadRequest,
		`{"mac":"02:00:00:00:00:aa","url":"https://lamps.example/` + strings.Repeat("x", 1<<17) + `"}`: http.StatusRequestEntityTooLarge,
	} {
		if r := h.through(ui.Unix, "@", "POST", "mud/heard", body); r.StatusCode != want {
			t.Errorf("%.80s: %d, want %d", body, r.StatusCode, want)
		}
	}
	if got := h.home.MUDOrders(); len(got) != 1 || got[0].URL != "02:00:00:00:00:aa https://lamps.example/one" {
		t.Errorf("heard is %+v", got)
	}
}
