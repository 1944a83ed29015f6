package isp_test

import (
	"bytes"
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

// TestAMailboxHasABound: requests for a home that is away are not taken without end.
func TestAMailboxHasABound(t *testing.T) {
	p := startProvider(t, t.TempDir(), 0)
	p.enrol("h")
	for i := range 64 {
		p.ask(fmt.Sprintf(`{"home":"h","source":"203.0.113.20:%d","target":"198.51.100.7"}`, 1000+i))
	}
	if got := p.call("POST", "requests", `{"home":"h",`+attack+`}`, 429, nil); !strings.Contains(got, "withdraw some") {
		t.Errorf("one too many is told %s", got)
	}
}

// TestTheAPIOnAnAddress wants the right Host there, the token where one is set, and no other site's page.
func TestTheAPIOnAnAddress(t *testing.T) {
	dir := t.TempDir()
	token := strings.Repeat("t0ken", 5)
	file := filepath.Join(dir, "token")
	if err := os.WriteFile(file, []byte(token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := netip.MustParseAddrPort(l.Addr().String())
	_ = l.Close()
	startProvider(t, dir, 0, func(c *isp.Config) { c.API, c.TokenFile = at, file })
	for name, c := range map[string]struct {
		header map[string]string
		method string
		want   int
	}{
		"the token":           {map[string]string{"Authorization": "Bearer " + token}, "GET", 200},
		"no token":            {nil, "GET", 401},
		"a wrong token":       {map[string]string{"Authorization": "Bearer x"}, "GET", 401},
		"another host's name": {map[string]string{"Authorization": "Bearer " + token, "Host": "evil.example"}, "GET", 403},
		"another site's page": {map[string]string{"Authorization": "Bearer " + token, "Origin": "http://evil.example"}, "POST", 403},
	} {
		r, err := http.NewRequestWithContext(t.Context(), c.method, "http://"+at.String()+"/api/v1/homes", bytes.NewReader(nil))
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range c.header {
			r.Header.Set(k, v)
		}
		r.Host = c.header["Host"]
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
		if answer.StatusCode != c.want {
			t.Errorf("%s: %d, want %d", name, answer.StatusCode, c.want)
		}
	}
}
