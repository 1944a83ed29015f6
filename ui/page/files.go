package page

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"

	"spinneret/ui"
)

// Caching of the page's files. A built asset has the hash of its content in its name; the index names the assets
// and is asked for again each time, which its ETag makes cheap.
const (
	forever = "public, max-age=31536000, immutable"
	ask     = "no-cache"
)

const packed = ".gz"

// kinds has the files that a page is made of. It is not left to mime.TypeByExtension, which reads the system's
// tables and answers differently from router to router.
var kinds = map[string]string{
	".html":        "text/html; charset=utf-8",
	".js":          "text/javascript; charset=utf-8",
	".css":         "text/css; charset=utf-8",
	".svg":         "image/svg+xml",
	".png":         "image/png",
	".woff2":       "font/woff2",
	".json":        "application/json",
	".webmanifest": "application/manifest+json",
}

type file struct {
	gzip []byte
	etag string
	kind string
	age  string
}

// files serves the files of one build by their path.
type files map[string]file

// newFiles reads all gzip files of a build. A file that a browser would refuse later is an error now.
func newFiles(dist fs.FS) (files, error) {
	all := files{}
	err := fs.WalkDir(dist, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != packed {
			return err
		}
		f, err := readFile(dist, name)
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		all["/"+strings.TrimSuffix(name, packed)] = f
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the built page: %w", err)
	}
	index, ok := all["/index.html"]
	if !ok {
		return nil, errors.New("read the built page: it has no index.html.gz: run npm run build in ui/page")
	}
	all["/"] = index
	return all, nil
}

func readFile(dist fs.FS, name string) (file, error) {
	data, err := fs.ReadFile(dist, name)
	if err != nil {
		return file{}, err
	}
	if err := inflate(io.Discard, data); err != nil {
		return file{}, fmt.Errorf("inflate: %w", err)
	}
	plain := strings.TrimSuffix(name, packed)
	kind, ok := kinds[path.Ext(plain)]
	if !ok {
		return file{}, fmt.Errorf("files of type %q are not served: add it to the table", path.Ext(plain))
	}
	sum := sha256.Sum256(data)
	f := file{gzip: data, etag: hex.EncodeToString(sum[:8]), kind: kind, age: ask}
	if strings.HasPrefix(plain, "assets/") {
		f.age = forever
	}
	return f, nil
}

func inflate(w io.Writer, data []byte) error {
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	return err
}

// Has implements ui.Page.
func (all files) Has(path string) bool {
	_, ok := all[path]
	return ok
}

func (all files) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := all[r.URL.Path]
	if !ok {
		ui.WriteProblem(w, ui.NotFound())
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		ui.WriteProblem(w, ui.WrongMethod(r.Method, "GET, HEAD"))
		return
	}
	f.serve(w, r)
}

func (f file) serve(w http.ResponseWriter, r *http.Request) {
	body, etag := f.gzip, `"`+f.etag+`-gzip"`
	if !takesGzip(r.Header.Values("Accept-Encoding")) {
		var plain bytes.Buffer
		// readFile inflated it once already.
		_ = inflate(&plain, f.gzip)
		body, etag = plain.Bytes(), `"`+f.etag+`"`
	} else {
		w.Header().Set("Content-Encoding", "gzip")
	}
	h := w.Header()
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cache-Control", f.age)
	h.Set("ETag", etag)
	if matches(r.Header.Get("If-None-Match"), etag) {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", f.kind)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodHead {
		return
	}
	// The browser may be gone; there is nobody left to tell.
	_, _ = w.Write(body)
}

// matches reports whether If-None-Match has the tag, compared weakly (RFC 9110 section 13.1.2).
func matches(header, etag string) bool {
	for tag := range strings.SplitSeq(header, ",") {
		tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
		if tag == etag || tag == "*" {
			return true
		}
	}
	return false
}

// takesGzip reports whether Accept-Encoding names gzip, or anything, with a weight above 0 (RFC 9110 section 12.5.3).
func takesGzip(headers []string) bool {
	takes := false
	for coding := range strings.SplitSeq(strings.Join(headers, ","), ",") {
		name, weight, _ := strings.Cut(coding, ";")
		wanted := wants(weight)
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "gzip", "x-gzip":
			return wanted
		case "*":
			takes = wanted
		}
	}
	return takes
}

func wants(weight string) bool {
	value, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(weight)), "q=")
	if !ok {
		return true
	}
	q, err := strconv.ParseFloat(value, 64)
	return err == nil && q > 0
}
