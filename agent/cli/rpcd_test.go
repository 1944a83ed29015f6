package cli

import (
	"bytes"
	"encoding/json"
	"maps"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"spinneret/ui"
	"spinneret/ui/auth"
	"spinneret/ui/uitest"
)

// pluginHome is a home with logins, that LuCI's plugin and a browser reach.
type pluginHome struct {
	*testing.T
	socket, page string
	late         atomic.Int64 // by how much the clock is put forward, in nanoseconds
}

func newPluginHome(t *testing.T) *pluginHome {
	h := &pluginHome{T: t}
	now := func() time.Time { return time.Now().Add(time.Duration(h.late.Load())) }
	keeper := auth.New(auth.Config{Store: noStore{}, Now: now})
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h.page = "http://" + tcp.Addr().String()
	h.socket = listening(t, ui.Config{Backend: uitest.New(), Keeper: keeper, Now: now}, tcp)
	return h
}

// call runs the plugin as rpcd does: the arguments come through a pipe that stays open.
func (h *pluginHome) call(method, args string) (answer map[string]any) {
	h.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		h.Fatal(err)
	}
	defer read.Close()
	defer write.Close()
	if _, err := write.WriteString(args); err != nil {
		h.Fatal(err)
	}
	var out, said bytes.Buffer
	p := Program{Name: "spinneret", Commands: []Command{RPCDCommand(time.Now)}}
	code := p.Main(h.Context(), []string{"rpcd", "call", method, "-socket", h.socket}, IO{In: read, Out: &out, Err: &said})
	if err := json.Unmarshal(out.Bytes(), &answer); err != nil {
		h.Fatalf("%s %s prints %q, which is no object: %v", method, args, &out, err)
	}
	if _, failed := answer["error"]; failed != (code == 1) || failed != (said.Len() > 0) {
		h.Errorf("%s %s: exit %d, %q, said %q", method, args, code, &out, &said)
	}
	return answer
}

// enter shows a ticket at the page and tells whom it lets in, or why it does not.
func (h *pluginHome) enter(ticket any) string {
	h.Helper()
	body, err := json.Marshal(map[string]any{"ticket": ticket})
	if err != nil {
		h.Fatal(err)
	}
	response, err := http.Post(h.page+"/api/v1/session", "application/json", bytes.NewReader(body))
	if err != nil {
		h.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusNoContent {
		return response.Status
	}
	asked, err := http.NewRequest(http.MethodGet, h.page+"/api/v1/session", nil)
	if err != nil {
		h.Fatal(err)
	}
	for _, c := range response.Cookies() {
		asked.AddCookie(c)
	}
	who, err := http.DefaultClient.Do(asked)
	if err != nil {
		h.Fatal(err)
	}
	defer who.Body.Close()
	var login struct{ Role string }
	if err := json.NewDecoder(who.Body).Decode(&login); err != nil {
		h.Fatal(err)
	}
	return login.Role
}

func TestATicketOfThePluginLetsInOnceWithItsRole(t *testing.T) {
	h := newPluginHome(t)
	const refused = "401 Unauthorized"
	for method, role := range map[string]string{"ticket": "viewer", "ticket_owner": "owner"} {
		ticket := h.call(method, `{"ubus_rpc_session":"0123456789abcdef0123456789abcdef"}`)["ticket"]
		if got := h.enter(ticket); got != role {
			t.Errorf("%s lets in as %s, want %s", method, got, role)
		}
		if got := h.enter(ticket); got != refused {
			t.Errorf("the same once more: %s", got)
		}
		late := h.call(method, "{}")["ticket"]
		h.late.Add(int64(61 * time.Second))
		if got := h.enter(late); got != refused {
			t.Errorf("after 61 seconds: %s", got)
		}
	}
}

func TestThePluginAnswersAsTheAgentDoes(t *testing.T) {
	h := newPluginHome(t)
	const camera = "02:00:00:00:00:01"
	if answer := h.call("status", "{}"); answer["version"] == nil {
		t.Errorf("status: %v", answer)
	}
	if list, _ := h.call("devices", "{}")["devices"].([]any); len(list) == 0 {
		t.Error("there are no devices")
	}
	for _, method := range []string{"flows", "events"} {
		if list, ok := h.call(method, `{"limit":5}`)[method].([]any); !ok || len(list) > 5 {
			t.Errorf("%s: %v", method, list)
		}
	}
	cut := h.call("quarantine", `{"device":"`+camera+`","level":"internet","for":"1h","why":"from LuCI"}`)
	if q, _ := cut["quarantine"].(map[string]any); q["level"] != "internet" || q["why"] != "from LuCI" {
		t.Errorf("quarantine: %v", cut["quarantine"])
	}
	if free := h.call("release", `{"device":"`+camera+`","source":"owner"}`); free["quarantine"] != nil {
		t.Errorf("release: %v", free)
	}
}

func TestWhatThePluginCannotDoItSaysInAnObject(t *testing.T) {
	h := newPluginHome(t)
	for _, c := range []struct{ method, args, code, words string }{
		{"reboot", "{}", "failed", "no method"},
		{"ticket", `{"role":"owner"}`, "failed", `unknown argument \"role\"`},
		{"status", "[]", "failed", "give a JSON object"},
		{"status", "nonsense", "failed", "one JSON object"},
		{"status", `{"x":"` + strings.Repeat("x", 60<<10) + `"}`, "failed", "unknown argument"},
		{"quarantine", "{}", "failed", "device is missing"},
		{"quarantine", `{"device":7}`, "failed", "argument device is not of its type"},
		{"quarantine", `{"device":"` + strings.Repeat("x", 300) + `"}`, "failed", "longer than 256 bytes"},
		{"quarantine", `{"device":"02:00:00:00:00:99"}`, "unknown-device", ""},
		{"quarantine", `{"device":"02:00:00:00:00:01","level":"some"}`, "invalid", ""},
		{"release", `{"device":"../../tickets"}`, "failed", "no device is called"},
		{"flows", `{"limit":-1}`, "invalid", ""},
		{"flows", `{"since":7}`, "failed", "since is a time"},
		{"events", `{"since":"x"}`, "failed", "since is the number"},
	} {
		answer, _ := h.call(c.method, c.args)["error"].(map[string]any)
		message, _ := json.Marshal(answer["message"])
		if answer["code"] != c.code || !strings.Contains(string(message), c.words) {
			t.Errorf("%s %.60s: %v, want %s, %s", c.method, c.args, answer, c.code, c.words)
		}
	}
}

// TestTheAccessFileNamesEveryMethodOnce: what changes something, and an owner's ticket, need write access.
func TestTheAccessFileNamesEveryMethodOnce(t *testing.T) {
	data, err := os.ReadFile("../../openwrt/package/files/usr/share/rpcd/acl.d/spinneret.json")
	if err != nil {
		t.Fatal(err)
	}
	type access struct {
		UBus map[string][]string `json:"ubus"`
	}
	var groups map[string]struct{ Read, Write access }
	if err := json.Unmarshal(data, &groups); err != nil {
		t.Fatal(err)
	}
	group := groups["spinneret"]
	read, write := group.Read.UBus["spinneret"], group.Write.UBus["spinneret"]
	named := slices.Sorted(slices.Values(slices.Concat(read, write)))
	if all := slices.Sorted(maps.Keys(signatures())); !slices.Equal(named, all) {
		t.Errorf("it names %v, the plugin has %v", named, all)
	}
	if want := []string{"quarantine", "release", "ticket_owner"}; !slices.Equal(write, want) {
		t.Errorf("write access is for %v, want %v", write, want)
	}
}
