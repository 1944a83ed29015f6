package fetch

import (
	"context"
	"crypto/x509"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"spinneret/mud"
)

var loopback = netip.MustParseAddr("127.0.0.1")

// shop is a maker's server on the loopback, whose certificate is for example.com and the names below it.
type shop struct {
	*httptest.Server
	mux  *http.ServeMux
	port uint16
	c    Config
}

func newShop(t *testing.T) *shop {
	t.Helper()
	mux := http.NewServeMux()
	s := &shop{Server: httptest.NewTLSServer(mux), mux: mux}
	t.Cleanup(s.Close)
	at, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.ParseUint(at.Port(), 10, 16)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	s.port = uint16(port)
	s.c = Config{
		Lookup: func(context.Context, string) ([]netip.Addr, error) { return []netip.Addr{loopback}, nil },
		Allow:  func(_ string, a netip.Addr) bool { return a == loopback },
		Roots:  roots, UserAgent: "spinneret", Port: func(_ string, port uint16) bool { return port == s.port },
	}
	return s
}

func (s *shop) url(host, path string) string {
	return "https://" + host + ":" + strconv.Itoa(int(s.port)) + path
}

func (s *shop) get(t *testing.T, host, path string, have Version) (Answer, error) {
	t.Helper()
	u, err := mud.ParseURL(s.url(host, path))
	if err != nil {
		t.Fatal(err)
	}
	return New(s.c).Get(t.Context(), u, "application/mud+json", have)
}

func wantKind(t *testing.T, what string, err error, want Kind) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || e.Kind != want {
		t.Errorf("%s: %v, want it to be %s", what, err, want)
	}
}

func TestGetsAFileOnce(t *testing.T) {
	s := newShop(t)
	s.mux.HandleFunc("/lamp", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept") != "application/mud+json" || r.Header.Get("Referer") != "" || r.Header.Get("User-Agent") != "spinneret" {
			t.Errorf("request is %v", r.Header)
		}
		w.Header().Set("ETag", `"1"`)
		if r.Header.Get("If-None-Match") == `"1"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Write([]byte("{}\r\n"))
	})
	s.mux.Handle("/old", http.RedirectHandler("/lamp", http.StatusMovedPermanently))
	s.mux.Handle("/elsewhere", http.RedirectHandler(s.url("www.example.com", "/lamp"), http.StatusFound))
	for _, path := range []string{"/lamp", "/old", "/elsewhere"} {
		a, err := s.get(t, "example.com", path, Version{})
		if err != nil || string(a.Body) != "{}\r\n" || a.Version.ETag != `"1"` {
			t.Errorf("%s: %+v, %v", path, a, err)
		}
		if a, err = s.get(t, "example.com", path, a.Version); err != nil || !a.Unchanged || a.Body != nil {
			t.Errorf("%s once more: %+v, %v", path, a, err)
		}
	}
}

func TestRedirectsThatAreNotFollowed(t *testing.T) {
	s := newShop(t)
	s.mux.Handle("/plain", http.RedirectHandler("http://example.com/lamp", http.StatusFound))
	s.mux.Handle("/address", http.RedirectHandler("https://127.0.0.1/lamp", http.StatusFound))
	s.mux.Handle("/user", http.RedirectHandler("https://me@example.com/lamp", http.StatusFound))
	s.mux.Handle("/port", http.RedirectHandler("https://example.com:22/", http.StatusFound))
	s.mux.Handle("/loop", http.RedirectHandler("/loop", http.StatusFound))
	s.mux.Handle("/moved", http.RedirectHandler(s.url("www.example.com", "/lamp"), http.StatusMovedPermanently))
	for _, path := range []string{"/plain", "/address", "/user", "/port", "/loop", "/moved"} {
		_, err := s.get(t, "example.com", path, Version{})
		wantKind(t, path, err, Refused)
	}
}

// A name that leads into the home, at first or after a redirect, is not called; nor is one whose answer changes.
func TestGuard(t *testing.T) {
	s := newShop(t)
	called := false
	s.mux.HandleFunc("/", func(http.ResponseWriter, *http.Request) { called = true })
	s.c.Allow = func(_ string, a netip.Addr) bool { return Public(a) }
	_, err := s.get(t, "example.com", "/", Version{})
	wantKind(t, "loopback", err, Refused)
	if called {
		t.Error("the server was called")
	}

	s = newShop(t)
	s.mux.Handle("/", http.RedirectHandler(s.url("home.example.com", "/"), http.StatusFound))
	router := netip.MustParseAddr("127.0.0.2")
	s.c.Lookup = func(_ context.Context, host string) ([]netip.Addr, error) {
		if host == "home.example.com" {
			return []netip.Addr{router}, nil
		}
		return []netip.Addr{loopback}, nil
	}
	_, err = s.get(t, "example.com", "/", Version{})
	wantKind(t, "a redirect into the home", err, Refused)
}

func TestFailures(t *testing.T) {
	s := newShop(t)
	s.mux.HandleFunc("/gone", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) })
	s.mux.HandleFunc("/broken", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	s.mux.HandleFunc("/bomb", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Encoding", "gzip") })
	s.mux.HandleFunc("/endless", func(w http.ResponseWriter, _ *http.Request) {
		for piece := []byte(strings.Repeat("x", 1<<16)); ; {
			if _, err := w.Write(piece); err != nil {
				return
			}
		}
	})
	for path, want := range map[string]Kind{"/none": Withdrawn, "/gone": Withdrawn, "/broken": Unreachable, "/bomb": Bad, "/endless": Bad} {
		_, err := s.get(t, "example.com", path, Version{})
		wantKind(t, path, err, want)
	}
	_, err := s.get(t, "another.test", "/", Version{})
	wantKind(t, "a certificate of another name", err, Untrusted)
	s.c.Port = nil
	_, err = s.get(t, "example.com", "/", Version{})
	wantKind(t, "a port that was not agreed to", err, Refused)
}

// A server that says nothing, or never ends, does not hold a fetch longer than its caller waits.
func TestSlowServer(t *testing.T) {
	s := newShop(t)
	s.mux.HandleFunc("/silent", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	s.mux.HandleFunc("/halting", func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte("{"))
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	for _, path := range []string{"/silent", "/halting"} {
		u, err := mud.ParseURL(s.url("example.com", path))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		_, err = New(s.c).Get(ctx, u, "*/*", Version{})
		cancel()
		wantKind(t, path, err, Unreachable)
	}
}

func TestHowLongAnAnswerHolds(t *testing.T) {
	const date = "Sat, 21 Nov 2026 12:00:00 GMT"
	for _, c := range []struct {
		control, expires string
		want             time.Duration
	}{
		{"", "", 0},
		{"max-age=3600", "", time.Hour},
		{"public, Max-Age=60", "Sat, 21 Nov 2026 13:00:00 GMT", time.Minute},
		{"no-cache", "Sat, 21 Nov 2026 13:00:00 GMT", time.Hour},
		{"", "Sat, 21 Nov 2026 11:00:00 GMT", 0},
		{"", "0", 0},
		{"max-age=-1", "", 0},
		{"max-age=99999999999999999999", "", 0},
	} {
		h := http.Header{"Date": {date}, "Cache-Control": {c.control}, "Expires": {c.expires}}
		if got := maxAge(h); got != c.want {
			t.Errorf("%q, %q holds for %v, want %v", c.control, c.expires, got, c.want)
		}
	}
}

func TestPublic(t *testing.T) {
	for _, a := range []string{"9.9.9.9", "172.15.0.1", "2620:fe::fe", "2a00:1450:4001:800::200e"} {
		if !Public(netip.MustParseAddr(a)) {
			t.Errorf("%s is held for private", a)
		}
	}
	for _, a := range []string{
		"0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1", "192.168.1.1", "192.0.2.1",
		"198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:9.9.9.9",
		"64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1", "fc00::1", "fd00::1", "fe80::1", "fe80::1%eth0", "ff02::1",
	} {
		if Public(netip.MustParseAddr(a)) {
			t.Errorf("%s is held for public", a)
		}
	}
}

// TestAServersOtherWords: what comes before the answer is passed over, to a limit; a header without end is not read on.
func TestAServersOtherWords(t *testing.T) {
	s := newShop(t)
	s.mux.HandleFunc("/hints", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusEarlyHints)
		w.Write([]byte("{}"))
	})
	s.mux.HandleFunc("/hinting", func(w http.ResponseWriter, _ *http.Request) {
		for range 10 {
			w.WriteHeader(http.StatusEarlyHints)
		}
	})
	s.mux.HandleFunc("/header", func(w http.ResponseWriter, _ *http.Request) {
		for i := range 100 {
			w.Header().Set("X-"+strconv.Itoa(i), strings.Repeat("x", 1000))
		}
	})
	s.mux.HandleFunc("/chunks", func(w http.ResponseWriter, _ *http.Request) {
		for range 1000 {
			w.Write([]byte("0123456789"))
			w.(http.Flusher).Flush()
		}
	})
	if a, err := s.get(t, "example.com", "/hints", Version{}); err != nil || string(a.Body) != "{}" {
		t.Errorf("hints: %q, %v", a.Body, err)
	}
	if a, err := s.get(t, "example.com", "/chunks", Version{}); err != nil || len(a.Body) != 10000 {
		t.Errorf("chunks: %d octets, %v", len(a.Body), err)
	}
	_, err := s.get(t, "example.com", "/hinting", Version{})
	wantKind(t, "hints without end", err, Bad)
	_, err = s.get(t, "example.com", "/header", Version{})
	wantKind(t, "a header of 100 kB", err, Unreachable)
}
