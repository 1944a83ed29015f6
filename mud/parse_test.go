package mud

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"spinneret/openwrt/lab/expect"
)

// wrap is a file whose only ACL has the given entries, for what the device sends.
func wrap(entries string) []byte {
	return fmt.Appendf(nil, `{"ietf-mud:mud":{"mud-version":1,"mud-url":"https://m.example/a","last-update":"2026-01-31T12:00:00Z",
"is-supported":true,"from-device-policy":{"access-lists":{"access-list":[{"name":"a"}]}}},
"ietf-access-control-list:acls":{"acl":[{"name":"a","type":"ipv4-acl-type","aces":{"ace":[%s]}}]}}`, entries)
}

func entry(matches, action string) string {
	return fmt.Sprintf(`{"name":"e","matches":{%s},"actions":{"forwarding":%q}}`, matches, action)
}

func TestParseReadsTheContainer(t *testing.T) {
	data, err := os.ReadFile("testdata/all.json")
	if err != nil {
		t.Fatal(err)
	}
	f, _ := Parse(data)
	if f == nil {
		t.Fatal("the file is refused")
	}
	if got := f.URL.String(); got != "https://things.example.com/lamp~1.json" {
		t.Errorf("URL is %s", got)
	}
	if f.CacheValidity != 24*time.Hour || !f.Supported || f.Signature != "lamp~1.p7s" || f.Model != "Lamp 1" {
		t.Errorf("container is %+v", f)
	}
	if !f.LastUpdate.Equal(time.Date(2026, 1, 31, 11, 0, 0, 0, time.UTC)) {
		t.Errorf("last update is %s", f.LastUpdate)
	}
}

// What is not understood makes an accept void and a drop wider: a policy never allows more than was written.
func TestUnknownMatchesNeverWiden(t *testing.T) {
	const party = `"ietf-mud:mud":{"local-networks":[null]}`
	for _, matches := range []string{
		party + `,"l7":{}`,
		party + `,"actions":{"forwarding":"accept"}`,
		party + `,"eth":{"ethertype":"0x0800"}`,
		party + `,"ingress-interface":"eth0"`,
		party + `,"ipv4":{"colour":1}`,
		party + `,"ipv4":{"protocol":"6"}`,
		party + `,"ipv4":{"protocol":256}`,
		party + `,"ipv4":{"protocol":6.5}`,
		party + `,"ipv4":{"protocol":17},"tcp":{}`,
		party + `,"ipv4":{"destination-ipv4-network":"192.0.2.0/33"}`,
		party + `,"ipv4":{"ietf-acldns:src-dnsname":"own.example"}`,
		party + `,"ipv6":{}`,
		party + `,"tcp":{"destination-port":{"operator":"eq","port":"443"}}`,
		party + `,"tcp":{"destination-port":{"operator":"about","port":443}}`,
		party + `,"tcp":{"destination-port":{"lower-port":9}}`,
		party + `,"tcp":{"destination-port":{"lower-port":9,"upper-port":8}}`,
		party + `,"tcp":{"destination-port":443}`,
		party + `,"tcp":{"ietf-mud:direction-initiated":"sideways"}`,
		party + `,"udp":{"ietf-mud:direction-initiated":"from-device"}`,
		party + `,"tcp":{},"udp":{}`,
		party + `,"tcp":{"flags":"syn sin"}`,
		party + `,"icmp":{"rest-of-header":"AAA="}`,
		`"ietf-mud:mud":{"local-networks":"no"}`,
		`"ietf-mud:mud":{"local-networks":[null,null]}`,
		`"ietf-mud:mud":{"local-networks":[null],"friends":[null]}`,
		`"ietf-mud:mud":{}`,
		`"ietf-mud:mud":{"manufacturer":""}`,
		`"ietf-mud:mud":{"model":"http://m.example/"}`,
		`"ietf-mud:same-manufacturer":[null]`,
		`"ipv4":{"ietf-acldns:dst-dnsname":"*.com"}`,
		`"ipv4":{"ietf-acldns:dst-dnsname":"2001:db8::1"}`,
		`"ipv4":{"ietf-acldns:dst-dnsname":"a..example"}`,
		`"ipv4":{"ietf-acldns:dst-dnsname":"127.1"}`,
	} {
		f, found := Parse(wrap(entry(matches, "accept")))
		if f == nil || len(f.From[0].ACEs) != 0 || !has(found, Warning, "the entry is left out") {
			t.Errorf("accept %s: got %+v, %v; want it left out with a warning", matches, f, found)
		}
		f, found = Parse(wrap(entry(matches, "drop")))
		if f == nil || len(f.From[0].ACEs) != 1 || !f.From[0].ACEs[0].Drop || !has(found, Warning, "applied without it") {
			t.Errorf("drop %s: got %+v, %v; want it applied without what is not understood", matches, f, found)
		}
	}
}

func TestUnknownActionVoidsTheEntry(t *testing.T) {
	for action, kept := range map[string]int{"accept": 1, "drop": 1, "reject": 1, "deny": 1, "permit": 0, "": 0} {
		f, found := Parse(wrap(entry(`"ietf-mud:mud":{"local-networks":[null]}`, action)))
		if f == nil || len(f.From[0].ACEs) != kept {
			t.Fatalf("%q: %+v, %v", action, f, found)
		}
		if kept == 1 && f.From[0].ACEs[0].Drop != (action != "accept") {
			t.Errorf("%q is read as drop %v", action, f.From[0].ACEs[0].Drop)
		}
	}
}

func TestHeldForTheOwner(t *testing.T) {
	for matches, why := range map[string]string{
		``: "all the world",
		`"tcp":{"destination-port":{"port":443}}`:                                                            "all the world",
		`"ipv4":{"destination-ipv4-network":"0.0.0.0/0"}`:                                                    "every address",
		`"ipv4":{"destination-ipv4-network":"8.8.8.8"}`:                                                      "names addresses",
		`"ipv4":{"ietf-acldns:dst-dnsname":"8.8.8.8"}`:                                                       "names addresses",
		`"ipv4":{"ietf-acldns:dst-dnsname":"*.m.example"}`:                                                   "no wildcards",
		`"ietf-mud:mud":{"controller":"urn:ietf:params:mud:gateway"}`:                                        "the router itself",
		`"ietf-mud:mud":{"controller":"urn:ietf:params:mud:gateway"},"tcp":{"destination-port":{"port":80}}`: "the router itself",
		`"ietf-mud:mud":{"controller":"urn:ietf:params:mud:gateway"},"udp":{"destination-port":{"port":53}}`: "",
		`"ietf-mud:mud":{"local-networks":[null]},"ipv4":{"destination-ipv4-network":"224.0.0.251/32"}`:      "",
		`"ietf-mud:mud":{"local-networks":[null]},"ipv4":{"destination-ipv4-network":"255.255.255.255/32"}`:  "",
	} {
		f, found := Parse(wrap(entry(matches, "accept")))
		if f == nil || len(f.From[0].ACEs) != 1 {
			t.Fatalf("%s: %+v, %v", matches, f, found)
		}
		held := f.From[0].ACEs[0].Held
		if why == "" && held != "" || !strings.Contains(held, why) || has(found, Hold, "") != (why != "") {
			t.Errorf("%s: held %q, want %q; %v", matches, held, why, found)
		}
	}
}

func TestAFileWithoutVersionWaits(t *testing.T) {
	data := strings.Replace(string(wrap("")), `"mud-version":1,`, "", 1)
	if f, found := Parse([]byte(data)); f == nil || f.Held == "" {
		t.Errorf("%+v, %v; want it held", f, found)
	}
	if f, found := Parse(wrap("")); f == nil || f.Held != "" {
		t.Errorf("%+v, %v; want it not held", f, found)
	}
}

func TestRefuses(t *testing.T) {
	good := string(wrap(entry(`"ietf-mud:mud":{"local-networks":[null]}`, "accept")))
	if f, found := Parse([]byte(good)); f == nil || len(found) > 0 {
		t.Fatalf("the good file: %v", found)
	}
	swap := func(old, by string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("%s is not in the good file", old)
		}
		return strings.Replace(good, old, by, 1)
	}
	for _, c := range []struct{ file, why string }{
		{"", "not JSON"},
		{good[:len(good)-1], "not JSON"},
		{good + "{}", "not JSON"},
		{"{\n\"a\": 1,}", "line 2"},
		{"[]", "no MUD file"},
		{strings.Repeat("[", 20) + strings.Repeat("]", 20), "nested"},
		{strings.Repeat(" ", MaxFile+1), "octets"},
		{"{\"\xff\":1}", "UTF-8"},
		{`{"a":"` + strings.Repeat("x", maxString+1) + `"}`, "string of 1025"},
		{swap(`"is-supported":true`, `"is-supported":true,"is-supported":true`), "twice"},
		{swap(`"is-supported":true`, `"is-supported":true,"ietf-mud:is-supported":true`), "twice"},
		{swap(`"mud-version":1`, `"mud-version":2`), "only version 1"},
		{swap(`"mud-version":1`, `"mud-version":"1"`), "only version 1"},
		{swap(`"mud-url":"https://m.example/a",`, ""), "no mud-url"},
		{swap("https://m.example/a", "http://m.example/a"), "https"},
		{swap("2026-01-31T12:00:00Z", "2026-01-31"), "no date"},
		{swap(`"last-update":"2026-01-31T12:00:00Z",`, ""), "no last-update"},
		{swap(`[{"name":"a"}]`, `[{"name":"b"}]`), `no ACL "b"`},
		{swap(`[{"name":"a"}]`, `{"name":"a"}`), "must be a list"},
		{swap(`{"acl":[`, `{"acl":[{"name":"a"},`), "name of its own"},
		{swap(`"type":"ipv4-acl-type"`, `"type":"ipx"`), "no type of ACL"},
		{swap(`"ietf-access-control-list:acls":`, `"ietf-access-control-list:access-lists":{},"ietf-access-control-list:acls":`), "which ones hold"},
		{string(wrap(strings.Repeat(`{},`, maxACEs) + `{}`)), "more than 512 entries"},
	} {
		f, found := Parse([]byte(c.file))
		if f != nil || !has(found, Refusal, c.why) {
			t.Errorf("%.200q: %v, want a refusal with %q", c.file, found, c.why)
		}
	}
}

func TestTheReasonForRefusalIsAlwaysThere(t *testing.T) {
	bad := strings.Repeat(entry(`"x":1`, "accept")+",", 400) + `7`
	f, found := Parse(wrap(bad))
	if f != nil || !has(found, Refusal, "must be an object") || len(found) > maxDiagnostics+1 {
		t.Errorf("%d diagnostics, the last two %v", len(found), found[len(found)-2:])
	}
}

func has(found []Diagnostic, s Severity, text string) bool {
	for _, d := range found {
		if d.Severity == s && strings.Contains(d.Text, text) {
			return true
		}
	}
	return false
}

// Every real file is read or refused for what is known to be wrong with it, and read in time.
func TestRealFiles(t *testing.T) {
	root := expect.ThirdParty(t, "mud")
	refused := map[string]string{
		"faucetsdn__daq/mud_files/default.json":                                          "no mud-url",
		"barmey__IoT_mud_files_locations/mi_bolb_us/bulb_ran_2021-04-03_085210.json":     "must begin with https",
		"iot-onboarding__mud-visualizer/sample_mud_files/tester_local_network3_udp.json": "name of its own",
	}
	read := 0
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".md") || strings.HasSuffix(path, ".pem") || strings.HasSuffix(path, ".p7s") {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		read++
		start := time.Now()
		f, found := Parse(data)
		if f != nil {
			f.Compile(false).Words()
		}
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("%s took %s", name, took)
		}
		if why := refused[name]; why != "" || f == nil {
			if f != nil || why == "" || !has(found, Refusal, why) {
				t.Errorf("%s: want refusal %q, got %v", name, why, found)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if read < 140 {
		t.Errorf("only %d files were there", read)
	}
}

// Each mistake that real files make has its diagnosis.
func TestRealMistakes(t *testing.T) {
	for name, want := range map[string]struct {
		severity Severity
		text     string
	}{
		"osmud__osmud/example/MUDFILE.NEST":                                                                {Hold, "it has no mud-version"},
		"osmud__osmud/test/lightbulb2000.json":                                                             {Note, "old draft's word"},
		"barmey__IoT_mud_files_locations/blink_camera_merged_uk/blink_camera_merged_ukMud.json":            {Note, "access-lists is an old draft's word"},
		"usnistgov__nist-mud/test/unittest/mud-dns-test/mudfile-dns-test.json":                             {Note, "not a node of RFC 8520"},
		"namib-project__mud-controller-enforcer/namib_controller/tests/mud_tests/MUD-Profile-example.json": {Warning, "without a zone"},
		"usnistgov__nist-mud/test/unittest/mud-quarantine-test/mudfile-quarantine-test.json":               {Note, "not a node of RFC 8520"},
		"barmey__IoT_mud_files_locations/echo_dot_merged_us/echo_dot_merged_usMud.json":                    {Hold, "only if you agree"},
	} {
		data, err := os.ReadFile(expect.ThirdParty(t, "mud", name))
		if err != nil {
			t.Fatal(err)
		}
		if _, found := Parse(data); !has(found, want.severity, want.text) {
			t.Errorf("%s: want %s %q, got %v", name, want.severity, want.text, found)
		}
	}
}
