package page

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func zipped(t *testing.T, text string) *fstest.MapFile {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return &fstest.MapFile{Data: b.Bytes()}
}

func build(t *testing.T) http.Handler {
	t.Helper()
	all, err := newFiles(fstest.MapFS{
		"index.html.gz":           zipped(t, "<!doctype html>hello"),
		"assets/index-4f2a.js.gz": zipped(t, "hello()"),
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func get(h http.Handler, method, path string, headers http.Header) *http.Response {
	r := httptest.NewRequest(method, path, nil)
	r.Header = headers
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func TestBrowsersGetGzipAndOthersPlainText(t *testing.T) {
	for accept, packed := range map[string]bool{
		"gzip, deflate, br": true, "br;q=1, GZIP;q=0.5": true, "*": true, "gzip;q=0": false, "gzip;q=0, *": false, "": false, "deflate": false, "gzip;q=x": false,
	} {
		r := get(build(t), "GET", "/", http.Header{"Accept-Encoding": {accept}})
		var body io.Reader = r.Body
		if got := r.Header.Get("Content-Encoding") == "gzip"; got != packed {
			t.Errorf("Accept-Encoding %q: gzip is %v", accept, got)
		} else if packed {
			z, err := gzip.NewReader(body)
			if err != nil {
				t.Fatal(err)
			}
			body = z
		}
		text, err := io.ReadAll(body)
		if err != nil || string(text) != "<!doctype html>hello" || r.Header.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("Accept-Encoding %q: %q %v %v", accept, text, err, r.Header)
		}
		if r.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("Accept-Encoding %q: a cache may mix the two up", accept)
		}
	}
}

func TestAssetsAreKeptAndTheIndexIsAskedFor(t *testing.T) {
	for path, want := range map[string]string{
		"/": "no-cache", "/index.html": "no-cache", "/assets/index-4f2a.js": "public, max-age=31536000, immutable",
	} {
		first := get(build(t), "GET", path, http.Header{"Accept-Encoding": {"gzip"}})
		if got := first.Header.Get("Cache-Control"); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
		again := get(build(t), "GET", path, http.Header{"Accept-Encoding": {"gzip"}, "If-None-Match": {`"x", W/` + first.Header.Get("ETag")}})
		if again.StatusCode != http.StatusNotModified || again.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s asked for again: %d", path, again.StatusCode)
		}
		plain := get(build(t), "GET", path, http.Header{"If-None-Match": {first.Header.Get("ETag")}})
		if plain.StatusCode != http.StatusOK {
			t.Errorf("%s: the plain form has the tag of the gzip form", path)
		}
	}
}

func TestOnlyThePageIsServed(t *testing.T) {
	for path, want := range map[string]int{
		"/": 200, "/nothing": 404, "/assets/": 404, "/index.html.gz": 404, "/assets/../index.html": 404, "//": 404,
	} {
		if got := get(build(t), "GET", path, nil).StatusCode; got != want {
			t.Errorf("%s: %d, want %d", path, got, want)
		}
	}
	r := get(build(t), "POST", "/", nil)
	if r.StatusCode != http.StatusMethodNotAllowed || r.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %d %q", r.StatusCode, r.Header.Get("Allow"))
	}
	r = get(build(t), "HEAD", "/", nil)
	if body, err := io.ReadAll(r.Body); err != nil || len(body) != 0 || r.ContentLength == 0 {
		t.Errorf("HEAD has %d bytes and says %d: %v", len(body), r.ContentLength, err)
	}
}

func TestABrokenBuildIsFoundAtStart(t *testing.T) {
	for name, dist := range map[string]fstest.MapFS{
		"no index":        {"assets/a.js.gz": zipped(t, "")},
		"not gzip":        {"index.html.gz": {Data: []byte("<!doctype html>")}},
		"cut":             {"index.html.gz": {Data: zipped(t, strings.Repeat("x", 100)).Data[:12]}},
		"unknown to us":   {"index.html.gz": zipped(t, ""), "assets/a.exe.gz": zipped(t, "")},
		"plain form only": {"index.html": {Data: []byte("<!doctype html>")}},
	} {
		if _, err := newFiles(dist); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestTheEmbeddedPageIsServed(t *testing.T) {
	h, err := Handler()
	if err != nil {
		t.Fatal(err)
	}
	r := get(h, "GET", "/", nil)
	text, err := io.ReadAll(r.Body)
	if err != nil || !strings.Contains(strings.ToLower(string(text)), "<!doctype html>") {
		t.Errorf("the index is %q, %v", text, err)
	}
}
