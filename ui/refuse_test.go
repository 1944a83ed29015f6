package ui_test

import (
	"strings"
	"testing"

	"spinneret/ui"
	"spinneret/ui/uitest"
)

const (
	device     = "/api/v1/devices/" + cam
	quarantine = device + "/quarantine"
)

var long = strings.Repeat("ä", 201)

var badRequests = []struct {
	name, method, target, body string
	status                     int
	code, member               string
}{
	{"history of a wrong name", "GET", "/api/v1/history?devcie=" + cam, "", 400, "bad-request", "devcie"},
	{"history of no MAC", "GET", "/api/v1/history?device=camera", "", 422, "invalid", "device"},
	{"history from no time", "GET", "/api/v1/history?from=yesterday", "", 422, "invalid", "from"},
	{"history to before from", "GET", "/api/v1/history?from=2026-11-21T12:00:00Z&to=2026-11-21T11:00:00Z", "", 422, "invalid", "to"},
	{"history of no prefix", "GET", "/api/v1/history?remote=example.net", "", 422, "invalid", "remote"},
	{"history of a mapped prefix", "GET", "/api/v1/history?remote=::ffff:198.51.100.7", "", 422, "invalid", "remote"},
	{"history of port 0", "GET", "/api/v1/history?port=0", "", 422, "invalid", "port"},
	{"history of no protocol", "GET", "/api/v1/history?protocol=http", "", 422, "invalid", "protocol"},
	{"history of a protocol above 255", "GET", "/api/v1/history?protocol=256", "", 422, "invalid", "protocol"},
	{"history of no outside address", "GET", "/api/v1/history?outside=40321", "", 422, "invalid", "outside"},
	{"history of an outside address in a zone", "GET", "/api/v1/history?outside=[fe80::1%25wan]:40321", "", 422, "invalid", "outside"},
	{"history of outside port 0", "GET", "/api/v1/history?outside=203.0.113.20:0", "", 422, "invalid", "outside"},
	{"history of too much", "GET", "/api/v1/history?limit=10001", "", 422, "invalid", "limit"},
	{"history in no steps", "GET", "/api/v1/history?step=0s", "", 422, "invalid", "step"},
	{"history in too many steps", "GET", "/api/v1/history?step=1s", "", 422, "invalid", "step"},
	{"history in steps of no time", "GET", "/api/v1/history?step=1m&from=2026-11-21T12:00:00Z&to=2026-11-21T12:00:00Z", "", 422, "invalid", "to"},
	{"path that leads nowhere", "GET", "/api/v1/nothing", "", 404, "not-found", ""},
	{"no page configured", "GET", "/", "", 404, "not-found", ""},
	{"no stream configured", "GET", "/api/v1/stream", "", 404, "not-found", ""},
	{"trailing slash", "GET", "/api/v1/devices/", "", 404, "not-found", ""},
	{"unknown MAC", "GET", "/api/v1/devices/02:00:00:00:00:99", "", 404, "unknown-device", ""},
	{"unknown MAC to cut off", "PUT", "/api/v1/devices/02:00:00:00:00:99/quarantine", "{}", 404, "unknown-device", ""},
	{"no MAC", "GET", "/api/v1/devices/camera", "", 400, "bad-request", ""},
	{"EUI-64", "GET", "/api/v1/devices/02:00:00:00:00:01:02:03", "", 400, "bad-request", ""},
	{"dotted MAC", "GET", "/api/v1/devices/0200.0000.0001", "", 400, "bad-request", ""},
	{"wrong method", "POST", "/api/v1/status", "", 405, "method-not-allowed", ""},
	{"preflight", "OPTIONS", quarantine, "", 405, "method-not-allowed", ""},
	{"the router", "PUT", "/api/v1/devices/02:00:00:00:00:ff/quarantine", "{}", 409, "router", ""},
	{"empty body", "PUT", quarantine, "", 400, "bad-request", ""},
	{"no object", "PUT", quarantine, "[]", 400, "bad-request", ""},
	{"cut body", "PUT", quarantine, `{"level":"full"`, 400, "bad-request", ""},
	{"cut value", "PUT", quarantine, `{"level":"fu`, 400, "bad-request", ""},
	{"name without quotes", "PUT", quarantine, `{level:"full"}`, 400, "bad-request", ""},
	{"trailing garbage", "PUT", quarantine, `{} x`, 400, "bad-request", ""},
	{"two objects", "PUT", quarantine, `{}{}`, 400, "bad-request", ""},
	{"trailing comma", "PUT", quarantine, `{"level":"full",}`, 400, "bad-request", ""},
	{"broken UTF-8", "PUT", quarantine, "{\"why\":\"\xff\"}", 400, "bad-request", ""},
	{"unknown member", "PUT", quarantine, `{"levle":"full"}`, 400, "bad-request", "levle"},
	{"member in wrong case", "PUT", quarantine, `{"Level":"full"}`, 400, "bad-request", "Level"},
	{"member twice", "PUT", quarantine, `{"level":"full","level":"flow"}`, 400, "bad-request", "level"},
	{"body of 64 KiB and one", "PUT", quarantine, `{"why":"` + strings.Repeat("x", 64<<10-9) + `"}`, 413, "too-large", ""},
	{"unknown level", "PUT", quarantine, `{"level":"half"}`, 422, "invalid", "level"},
	{"empty level", "PUT", quarantine, `{"level":""}`, 422, "invalid", "level"},
	{"level as a number", "PUT", quarantine, `{"level":3}`, 422, "invalid", "level"},
	{"past until", "PUT", quarantine, `{"until":"2025-01-01T00:00:00Z"}`, 422, "invalid", "until"},
	{"until now", "PUT", quarantine, `{"until":"2026-11-21T12:04:31Z"}`, 422, "invalid", "until"},
	{"until without zone", "PUT", quarantine, `{"until":"2027-01-01T00:00:00"}`, 422, "invalid", "until"},
	{"zero until", "PUT", quarantine, `{"until":"0001-01-01T00:00:00Z"}`, 422, "invalid", "until"},
	{"for and until", "PUT", quarantine, `{"for":"1h","until":"2027-01-01T00:00:00Z"}`, 422, "invalid", "until"},
	{"for nothing", "PUT", quarantine, `{"for":"0s"}`, 422, "invalid", "for"},
	{"for less than nothing", "PUT", quarantine, `{"for":"-1h"}`, 422, "invalid", "for"},
	{"for a word", "PUT", quarantine, `{"for":"tomorrow"}`, 422, "invalid", "for"},
	{"for ever", "PUT", quarantine, `{"for":"4000000000d"}`, 422, "invalid", "for"},
	{"for a number", "PUT", quarantine, `{"for":3600}`, 422, "invalid", "for"},
	{"long why", "PUT", quarantine, `{"why":"` + long + `"}`, 422, "invalid", "why"},
	{"why with a line end", "PUT", quarantine, `{"why":"a\nb"}`, 422, "invalid", "why"},
	{"flow without to", "PUT", quarantine, `{"level":"flow"}`, 422, "invalid", "to"},
	{"flow with an empty to", "PUT", quarantine, `{"level":"flow","to":[]}`, 422, "invalid", "to"},
	{"full with to", "PUT", quarantine, `{"to":["198.51.100.7"]}`, 422, "invalid", "to"},
	{"internet with to", "PUT", quarantine, `{"level":"internet","to":["198.51.100.7"]}`, 422, "invalid", "to"},
	{"to a name", "PUT", quarantine, `{"level":"flow","to":["example.net"]}`, 422, "invalid", "to"},
	{"to as a text", "PUT", quarantine, `{"level":"flow","to":"198.51.100.7"}`, 422, "invalid", "to"},
	{"to null in a list", "PUT", quarantine, `{"level":"flow","to":[null]}`, 422, "invalid", "to"},
	{"to too much", "PUT", quarantine, `{"level":"flow","to":[` + strings.Repeat(`"198.51.100.7",`, 64) + `"198.51.100.8"]}`, 422, "invalid", "to"},
	{"acknowledge as text", "PUT", quarantine, `{"acknowledge":"true"}`, 422, "invalid", "acknowledge"},
	{"release by nobody", "DELETE", quarantine + "?source=me", "", 422, "invalid", "source"},
	{"unknown filter of a release", "DELETE", quarantine + "?from=owner", "", 400, "bad-request", "from"},
	{"long name", "PATCH", device, `{"name":"` + long[:130] + `"}`, 422, "invalid", "name"},
	{"empty name", "PATCH", device, `{"name":" "}`, 422, "invalid", "name"},
	{"name that turns the text", "PATCH", device, `{"name":"cam\u202egpj"}`, 422, "invalid", "name"},
	{"name that moves the cursor", "PATCH", device, `{"name":"cam\u001b[2J"}`, 422, "invalid", "name"},
	{"kind with a control", "PATCH", device, `{"kind":"a\u0000"}`, 422, "invalid", "kind"},
	{"ignored as a number", "PATCH", device, `{"ignored":1}`, 422, "invalid", "ignored"},
	{"unknown member of a device", "PATCH", device, `{"mac":"02:00:00:00:00:02"}`, 400, "bad-request", "mac"},
	{"flows of no MAC", "GET", "/api/v1/flows?device=cam", "", 422, "invalid", "device"},
	{"flows since then", "GET", "/api/v1/flows?since=then", "", 422, "invalid", "since"},
	{"no flows", "GET", "/api/v1/flows?limit=0", "", 422, "invalid", "limit"},
	{"too many flows", "GET", "/api/v1/flows?limit=10001", "", 422, "invalid", "limit"},
	{"mistyped filter", "GET", "/api/v1/flows?devcie=" + cam, "", 400, "bad-request", "devcie"},
	{"filter twice", "GET", "/api/v1/flows?limit=1&limit=2", "", 422, "invalid", "limit"},
	{"broken query", "GET", "/api/v1/flows?%zz", "", 400, "bad-request", ""},
	{"filter of status", "GET", "/api/v1/status?x=1", "", 400, "bad-request", "x"},
	{"events before the first", "GET", "/api/v1/events?since=-1", "", 422, "invalid", "since"},
}

func TestBadRequestsSayWhatIsWrong(t *testing.T) {
	for _, c := range badRequests {
		t.Run(c.name, func(t *testing.T) {
			home := uitest.New()
			got := problem(t, do(newServer(home, nil).Handler(ui.TCP), c.method, c.target, c.body))
			if got.Status != c.status || got.Code != c.code || got.Member != c.member {
				t.Errorf("got %d %s %q (%s), want %d %s %q", got.Status, got.Code, got.Member, got.Detail, c.status, c.code, c.member)
			}
			if len(home.Orders())+len(home.Edits()) != 0 {
				t.Error("a bad request reached the agent")
			}
		})
	}
}
