package isp_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spinneret/dots/isp"
)

func TestABadRequestIsToldWhatToDo(t *testing.T) {
	p := startProvider(t, t.TempDir(), 0)
	p.enrol("h")
	for _, c := range []struct {
		method, path, body string
		status             int
		hint               string
	}{
		{"POST", "requests", `{"home":"h","target":"198.51.100.7"}`, 422, "give the source"},
		{"POST", "requests", `{"home":"h","source":"203.0.113.20"}`, 422, `"member":"target"`},
		{"POST", "requests", `{"home":"nobody",` + attack + `}`, 422, `"member":"home"`},
		{"POST", "requests", `{` + attack + `,"lifetime":"8d","home":"h"}`, 422, `"member":"lifetime"`},
		{"POST", "requests", `{` + attack + `,"lifetime":"-1s","home":"h"}`, 422, `"member":"lifetime"`},
		{"POST", "requests", `{"home":"h","source":"203.0.113.20","target":["198.51.100.7:53","192.0.2.1:54"]}`, 422, "a request of each"},
		{"POST", "requests", `{"home":"h","level":"full"}`, 400, `"member":"level"`},
		{"GET", "requests?home=h&level=full", ``, 400, `"member":"level"`},
		{"GET", "homes?home=h", ``, 400, `"member":"home"`},
		{"POST", "requests", `{"home":7}`, 400, "JSON"},
		{"POST", "requests", `[]`, 400, "JSON"},
		{"POST", "requests", `{} {}`, 400, "follows"},
		{"POST", "requests", `"` + strings.Repeat("x", 70000) + `"`, 413, "64 kB"},
		{"POST", "homes", `{"id":"../h"}`, 422, "letters"},
		{"POST", "homes", `{"id":"h","prefixes":["203.0.113.20"]}`, 422, `"member":"prefixes"`},
		{"POST", "homes", `{"id":"h","auth":"none"}`, 422, `"member":"auth"`},
		{"POST", "homes/h/redirect", `{"name":"a b"}`, 422, `"member":"name"`},
		{"POST", "homes/h/redirect", `{"name":"a.example","addresses":["fe80::1%eth0"]}`, 422, `"member":"addresses"`},
		{"POST", "homes/x/redirect", `{"name":"a.example"}`, 404, "GET /api/v1/homes"},
		{"DELETE", "homes/x", ``, 404, "not-found"},
		{"GET", "homes/x", ``, 404, "GET /api/v1/homes"},
		{"GET", "requests/h-99", ``, 404, "not-found"},
		{"DELETE", "requests/h-99", ``, 404, "not-found"},
		{"PUT", "requests", ``, 405, "use GET or POST"},
		{"GET", "nothing", ``, 404, "/api/v1/homes"},
	} {
		if got := p.call(c.method, c.path, c.body, c.status, nil); !strings.Contains(got, c.hint) || !strings.Contains(got, "urn:spinneret:") {
			t.Errorf("%s %s %.60s: %s, want a word of %q", c.method, c.path, c.body, got, c.hint)
		}
	}
	if got := p.call("GET", "requests", "", 200, nil); got != "{\"requests\":[]}\n" {
		t.Errorf("after all that there are %s", got)
	}
}

// TestAMailboxHasABound: requests for a home that is away are not taken without end. What was withdrawn makes room, as
// does what a later letter about the same request tells.
func TestAMailboxHasABound(t *testing.T) {
	p := startProvider(t, t.TempDir(), 0)
	p.enrol("h")
	body := func(i int, lifetime string) string {
		return fmt.Sprintf(`{"home":"h","source":"203.0.113.20:%d","target":"198.51.100.7","lifetime":%q}`, 1000+i, lifetime)
	}
	var waiting []answer
	for i := range 64 {
		waiting = append(waiting, p.ask(body(i, "1h")))
	}
	if got := p.call("POST", "requests", `{"home":"h",`+attack+`}`, 429, nil); !strings.Contains(got, "withdraw some") {
		t.Errorf("one too many is told %s", got)
	}
	p.call("POST", "requests", body(0, "3h"), 429, nil)
	if got := p.becomes(waiting[0].ID, "waiting"); got.Lifetime != "1h" {
		t.Errorf("a request that got no more time has %+v", got)
	}
	p.call("DELETE", "requests/"+waiting[1].ID, "", 200, nil)
	p.call("POST", "homes/h/redirect", `{"name":"dots2.isp.example"}`, 202, nil)
	p.call("DELETE", "requests/"+waiting[2].ID, "", 200, nil)
	for _, lifetime := range []string{"3h", "5h", "7h"} {
		p.call("POST", "requests", body(0, lifetime), 200, nil)
	}
}

// TestTheAPIOnAnAddress wants the right Host there, a token where some are set, and no other site's page. The metrics
// have an address of their own, with nothing else.
func TestTheAPIOnAnAddress(t *testing.T) {
	dir := t.TempDir()
	token, file := strings.Repeat("t0ken", 5), filepath.Join(dir, "tokens")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("# the desk's\nabuse-desk " + token + "\n" + strings.Repeat("other", 5) + "\n")
	at, numbers := freeAddress(t, "127.0.0.1"), freeAddress(t, "127.0.0.2")
	p := startProvider(t, dir, 0, func(c *isp.Config) { c.API, c.TokenFile, c.Metrics = at, file, numbers })
	api, metrics := "http://"+at.String()+"/api/v1/homes", "http://"+numbers.String()+"/metrics"
	bearer := "Bearer " + token
	for name, c := range map[string]struct {
		header      map[string]string
		method, url string
		want        int
	}{
		"the token":                 {map[string]string{"Authorization": bearer}, "GET", api, 200},
		"no token":                  {nil, "GET", api, 401},
		"a wrong token":             {map[string]string{"Authorization": "Bearer x"}, "GET", api, 401},
		"another host's name":       {map[string]string{"Authorization": bearer, "Host": "evil.example"}, "GET", api, 403},
		"another site's page":       {map[string]string{"Authorization": bearer, "Origin": "http://evil.example"}, "POST", api, 403},
		"numbers":                   {nil, "GET", metrics, 200},
		"numbers by another's name": {map[string]string{"Host": "evil.example"}, "GET", metrics, 403},
		"homes beside the numbers":  {nil, "GET", "http://" + numbers.String() + "/api/v1/homes", 404},
	} {
		if got, _ := visit(t, c.method, c.url, c.header, ""); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
	p.enrol("h")
	if _, got := visit(t, "POST", strings.Replace(api, "homes", "requests", 1), map[string]string{"Authorization": bearer}, `{"home":"h",`+attack+`}`); !strings.Contains(got, `"by":"abuse-desk at 127.0.0.1"`) {
		t.Errorf("who asked is not told: %s", got)
	}
	write("abuse-desk " + strings.Repeat("n3w", 10) + "\n")
	if got, _ := visit(t, "GET", api, map[string]string{"Authorization": bearer}, ""); got != http.StatusUnauthorized {
		t.Errorf("a token that was taken out gets %d", got)
	}
	write("abuse-desk short\n")
	if got, text := visit(t, "GET", api, nil, ""); got != http.StatusServiceUnavailable || !strings.Contains(text, "line 1: write NAME TOKEN") || strings.Contains(text, dir) {
		t.Errorf("with a file that cannot be used: %d %s", got, text)
	}
}

// freeAddress is one that nobody listens at.
func freeAddress(t *testing.T, host string) netip.AddrPort {
	t.Helper()
	l, err := net.Listen("tcp", host+":0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return netip.MustParseAddrPort(l.Addr().String())
}

// visit is one call over TCP.
func visit(t *testing.T, method, url string, header map[string]string, body string) (status int, text string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range header {
		r.Header.Set(k, v)
	}
	r.Host = header["Host"]
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(data)
}

// TestMetricsTellHowManyAndNotWho.
func TestMetricsTellHowManyAndNotWho(t *testing.T) {
	p := startProvider(t, t.TempDir(), 0)
	home := settle(t, p.enrol("secret-home"))
	p.enrol("away")
	p.enrol("gone")
	p.call("DELETE", "homes/gone", "", http.StatusOK, nil)
	home.up(t)
	p.homeIs("secret-home", "up")
	p.ask(`{"home":"away",` + attack + `}`)
	got := p.call("GET", "../../metrics", "", http.StatusOK, nil)
	for _, line := range []string{
		`spinneret_isp_homes{state="up"} 1`, `spinneret_isp_homes{state="away"} 1`, `spinneret_isp_homes{state="revoked"} 1`,
		`spinneret_isp_homes_limit 2000`, `spinneret_isp_homes_ending 0`, `spinneret_isp_sessions{transport="dtls"} 1`,
		`spinneret_isp_handshake_failures_total{transport="tls"} 0`, `spinneret_isp_sessions_total 1`,
		`spinneret_isp_requests{state="waiting"} 1`, `spinneret_isp_requests{state="active"} 0`,
		`spinneret_isp_store_entries{part="homes"} 3`, `spinneret_isp_store_entries{part="mailboxes"} 1`,
		`# TYPE spinneret_isp_handshake_failures_total counter`,
	} {
		if !strings.Contains(got, line+"\n") {
			t.Errorf("%s is not in\n%s", line, got)
		}
	}
	if strings.Contains(got, "secret-home") {
		t.Errorf("a home is named in\n%s", got)
	}
}
