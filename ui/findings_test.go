package ui_test

import (
	"net/http"
	"strings"
	"testing"

	"spinneret/ui"
	"spinneret/ui/uitest"
)

// TestTheOwnerJudgesFindings looks, calls one fine, and takes it back.
func TestTheOwnerJudgesFindings(t *testing.T) {
	s := newServer(&uitest.Home{Found: []ui.Finding{
		{ID: 5, Device: cam, Kind: "scan", Severity: "alarm", Party: "telnet", Text: "it tried 3 addresses", Flows: []ui.Flow{}, State: "open"},
		{ID: 6, Device: "02:00:00:00:00:09", Kind: "peak", Severity: "note", Flows: []ui.Flow{}, State: "over"},
	}}, nil).Handler(ui.TCP)
	answer := do(s, "GET", "/api/v1/findings?device="+cam, "")
	if body := read(t, answer); answer.StatusCode != http.StatusOK || !strings.HasPrefix(body, `{"findings":[{"id":5,`) || strings.Contains(body, `"id":6`) {
		t.Fatalf("the camera's are %d %s", answer.StatusCode, body)
	}
	checkStates(t, s, "/api/v1/findings", []question{
		{"GET", "", "", 200, ""},
		{"GET", "/5", "", 200, "open"},
		{"POST", "/5", `{"state":"fine"}`, 200, "fine"},
		{"POST", "/5", `{"state":"open"}`, 200, "open"},
		{"POST", "/5", `{"state":"fine"}`, 200, "fine"},
		{"DELETE", "/5", "", 200, "open"},
		{"GET", "/7", "", 404, "there is no finding 7"},
		{"GET", "/x", "", 404, "there is no finding"},
		{"POST", "/7", `{"state":"fine"}`, 404, "there is no finding 7"},
		{"POST", "/5", `{"state":"over"}`, 422, "give fine or open"},
		{"POST", "/5", `{"verdict":"fine"}`, 400, "state"},
		{"PUT", "/5", `{"state":"fine"}`, 405, "DELETE, GET, HEAD, POST"},
		{"GET", "?device=camera", "", 422, "is not a MAC"},
		{"GET", "?x=1", "", 400, "device"},
	})
}

// TestHabitsOfADevice are shown, and what is known goes over to a new MAC on the owner's word.
func TestHabitsOfADevice(t *testing.T) {
	s := newServer(uitest.New(), nil).Handler(ui.TCP)
	for _, c := range []struct {
		request, body string
		status        int
		want          string
	}{
		{"GET " + cam + "/habits", "", 200, `"text":"learning, 3 h seen"`},
		{"GET 02:00:00:00:00:99/habits", "", 404, "unknown-device"},
		{"POST " + cam + "/habits", `{}`, 405, "GET, HEAD"},
		{"POST " + cam + "/inherit", `{"from":"02-00-00-00-00-02"}`, 200, `"name":"front-door-cam"`},
		{"POST " + cam + "/inherit", `{"from":"02:00:00:00:00:02","acknowledge":"yes"}`, 422, "acknowledge"},
		{"POST " + cam + "/inherit", `{"from":"the old one"}`, 422, "is not a MAC"},
		{"POST " + cam + "/inherit", `{"of":"02:00:00:00:00:09"}`, 400, "from"},
		{"GET " + cam + "/inherit", "", 405, "POST"},
	} {
		method, path, _ := strings.Cut(c.request, " ")
		answer := do(s, method, "/api/v1/devices/"+path, c.body)
		if body := read(t, answer); answer.StatusCode != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s %s: %d %s, want %d with %q", c.request, c.body, answer.StatusCode, body, c.status, c.want)
		}
	}
}
