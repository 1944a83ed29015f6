package ui_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"spinneret/ui"
	"spinneret/ui/uitest"
)

// question is a request with what it is to be answered.
type question struct {
	method, path, body string
	status             int
	want               string // the state, or a part of the problem
}

// checkStates asks about what has a state.
func checkStates(t *testing.T, s http.Handler, root string, list []question) {
	t.Helper()
	for _, c := range list {
		answer := do(s, c.method, root+c.path, c.body)
		body := read(t, answer)
		var got struct{ State string }
		if c.status == 200 && json.Unmarshal([]byte(body), &got) != nil || answer.StatusCode != c.status || c.status == 200 && got.State != c.want || !strings.Contains(body, c.want) {
			t.Errorf("%s %s %s: %d %s, want %d with %q", c.method, c.path, c.body, answer.StatusCode, body, c.status, c.want)
		}
	}
}

// TestTheOwnerDecidesAboutRequests looks, allows, calls legitimate and takes back.
func TestTheOwnerDecidesAboutRequests(t *testing.T) {
	s := newServer(&uitest.Home{Wishes: []ui.Request{{
		ID: "r3", Provider: "isp", MID: 56, State: "asking", Policy: "ask", Source: []string{"203.0.113.20:40321"},
		Target: []string{"198.51.100.7:53/udp"}, Devices: []string{cam},
	}}}, nil).Handler(ui.TCP)
	answer := do(s, "GET", "/api/v1/requests", "")
	if body := read(t, answer); answer.StatusCode != http.StatusOK || !strings.Contains(body, `{"requests":[{"id":"r3","provider":"isp","mid":56,"received":null,"ends":null,"state":"asking"`) {
		t.Fatalf("the list is %d %s", answer.StatusCode, body)
	}
	checkStates(t, s, "/api/v1/requests/", []question{
		{"GET", "r3", "", 200, "asking"},
		{"POST", "r3", `{"decision":"allow"}`, 200, "active"},
		{"POST", "r3", `{"decision":"refuse"}`, 200, "refused"},
		{"POST", "r3", `{"decision":"legitimate"}`, 200, "refused"},
		{"DELETE", "r3", "", 200, "released"},
		{"GET", "r4", "", 404, "there is no request"},
		{"POST", "r4", `{"decision":"allow"}`, 404, "there is no request"},
		{"POST", "r3", `{"decision":"perhaps"}`, 422, "give allow, refuse or legitimate"},
		{"POST", "r3", `{}`, 422, "give allow, refuse or legitimate"},
		{"POST", "r3", `{"verdict":"allow"}`, 400, "decision"},
		{"PUT", "r3", `{"decision":"allow"}`, 405, "DELETE, GET, HEAD, POST"},
		{"GET", "r3?x=1", "", 400, "x"},
	})
	if answer := do(s, "POST", "/api/v1/requests/r3", `{"decision":"allow"}`, "Origin: http://evil.example", "Sec-Fetch-Site: cross-site"); answer.StatusCode != http.StatusForbidden {
		t.Errorf("another site may decide: %d", answer.StatusCode)
	}
}
