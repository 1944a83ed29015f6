package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"spinneret/ui"
)

const lamp = `{"ietf-mud:mud":{"mud-version":1,"mud-url":"https://m.example/lamp","last-update":"2026-01-31T12:00:00Z",
"cache-validity":14400,"is-supported":true,"systeminfo":"A lamp\u001b[2J","from-device-policy":{"access-lists":{"access-list":[{"name":"a"}]}}},
"ietf-access-control-list:acls":{"acl":[{"name":"a","type":"ipv4-acl-type","aces":{"ace":[
{"name":"e","matches":{"ipv4":{"ietf-acldns:dst-dnsname":"m.example"},"tcp":{"destination-port":{"port":443}}},"actions":{"forwarding":"accept"}}]}}]}}`

// checkFile runs `spinneret mud` on a file with the given contents.
func checkFile(t *testing.T, contents string, args ...string) (code int, out, errors string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "lamp.json")
	if err := os.WriteFile(path, []byte(contents), 0o600); err != nil {
		t.Fatal(err)
	}
	p := Program{Name: "spinneret", Commands: []Command{MUDCommand(time.Now)}}
	var stdout, stderr bytes.Buffer
	code = p.Main(t.Context(), append(append([]string{"mud"}, args...), path), IO{Out: &stdout, Err: &stderr})
	return code, stdout.String(), stderr.String()
}

func TestMUDCheckSaysWhatAFileAllows(t *testing.T) {
	code, out, errors := checkFile(t, lamp, "check")
	if code != 0 || errors != "" {
		t.Fatalf("exit %d, %s", code, errors)
	}
	for _, want := range []string{
		"/ietf-mud:mud/cache-validity: warning: this must be 1 to 168 hours: read as 168\n", "https://m.example/lamp, A lamp",
		"  it may open TCP connections to m.example, port 443 (IPv4 only)\n", "  everything else is refused\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	if strings.Contains(out, "\x1b") {
		t.Error("the file's words reach the terminal as they are")
	}
}

func TestMUDCheckAsJSON(t *testing.T) {
	code, out, _ := checkFile(t, lamp, "check", "-json")
	var r mudReport
	if err := json.Unmarshal([]byte(out), &r); err != nil || code != 0 {
		t.Fatalf("exit %d, %v: %s", code, err, out)
	}
	if !r.Usable || *r.URL != "https://m.example/lamp" || len(r.Diagnostics) != 1 || len(r.Policy) != 5 {
		t.Errorf("report is %+v", r)
	}
	_, out, _ = checkFile(t, strings.Replace(lamp, "14400", "48", 1), "check", "-json")
	if !strings.Contains(out, `"diagnostics":[],`) {
		t.Errorf("nothing is wrong, and it says %s", out)
	}
}

func TestMUDCheckRefuses(t *testing.T) {
	code, out, errors := checkFile(t, "{}", "check")
	if code != 1 || !strings.Contains(out, "refusal") || !strings.Contains(errors, "cannot be used") {
		t.Errorf("no MUD file: exit %d, %q, %q", code, out, errors)
	}
	for _, args := range [][]string{{}, {"lint"}, {"check", "another.json"}} {
		if code, _, errors := checkFile(t, lamp, args...); code != 2 || !strings.Contains(errors, "spinneret mud -h") {
			t.Errorf("%q: exit %d, %q", args, code, errors)
		}
	}
	p := Program{Name: "spinneret", Commands: []Command{MUDCommand(time.Now)}}
	var stderr bytes.Buffer
	if code := p.Main(t.Context(), []string{"mud", "check", filepath.Join(t.TempDir(), "none")}, IO{Err: &stderr}); code != 1 {
		t.Errorf("a file that is not there: exit %d", code)
	}
}

// TestMUDShowTellsOwnWordsFromOthers: who asks for a lease may ask in another's name.
func TestMUDShowTellsOwnWordsFromOthers(t *testing.T) {
	for by, want := range map[string]string{
		"lldp": "named by the device itself (lldp)", "relay": "named in a request for its lease (relay)",
		"dnsmasq": "named in a request for its lease (dnsmasq)", "owner": "assigned by you",
	} {
		if got := mudOrigin(ui.MUD{Source: &by}, time.Time{}); got != want {
			t.Errorf("of %s it says %q, want %q", by, got, want)
		}
	}
}
