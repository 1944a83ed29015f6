package ui_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"spinneret/ui"
	"spinneret/ui/auth"
	"spinneret/ui/uitest"
)

func TestAnExportIsOneDocument(t *testing.T) {
	home := uitest.New()
	server := newServer(home, nil).Handler(ui.TCP)
	r := do(server, "GET", "/api/v1/devices/"+cam+"/export", "")
	if got := r.Header.Get("Content-Disposition"); r.StatusCode != 200 || got != `attachment; filename="spinneret-02-00-00-00-00-01-20261121T120431Z.json"` {
		t.Errorf("status %d, called %s", r.StatusCode, got)
	}
	text := read(t, r)
	if !json.Valid([]byte(text)) {
		t.Errorf("this is no JSON: %s", text)
	}
	golden(t, "testdata/export.json", text)
	home.Traffic, home.Past = nil, nil
	if text := read(t, do(server, "GET", "/api/v1/devices/"+cam+"/export", "")); !json.Valid([]byte(text)) {
		t.Errorf("without flows it is no JSON: %s", text)
	}
	if r := do(server, "HEAD", "/api/v1/devices/"+cam+"/export", ""); r.StatusCode != 200 || read(t, r) != "" {
		t.Errorf("HEAD answers %d", r.StatusCode)
	}
}

func TestErasedMeansUnknown(t *testing.T) {
	server := newServer(uitest.New(), nil).Handler(ui.TCP)
	for _, want := range []int{http.StatusNoContent, http.StatusNotFound} {
		if got := do(server, "DELETE", "/api/v1/devices/"+cam, "").StatusCode; got != want {
			t.Errorf("it answers %d, want %d", got, want)
		}
	}
	for target, want := range map[string]int{"GET /export": 404, "GET /export?x=1": 400, "DELETE ?x=1": 400, "POST /export": 405} {
		method, path, _ := strings.Cut(target, " ")
		if got := do(server, method, "/api/v1/devices/"+cam+path, "").StatusCode; got != want {
			t.Errorf("%s answers %d, want %d", target, got, want)
		}
	}
}

func TestOnlyTheOwnerExportsAndErases(t *testing.T) {
	h := newHouse(t)
	owner := h.setUp()
	for _, who := range []string{h.token(owner), h.ticket(laptop, auth.Viewer)} {
		for method, path := range map[string]string{"GET": "/export", "DELETE": ""} {
			if got := h.ask(laptop, method, "devices/"+cam+path, "", who).StatusCode; got != 403 {
				t.Errorf("%s%s answers %d to %.20s…, want 403", method, path, got, who)
			}
		}
	}
	if got := h.ask(laptop, "GET", "devices/"+cam+"/export", "", owner).StatusCode; got != 200 {
		t.Errorf("the owner gets %d", got)
	}
}
