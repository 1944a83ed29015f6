package lab

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Served is what the internet counted for one server name.
type Served struct {
	Requests int
	Received int64 // bytes of request bodies
	Sent     int64 // bytes of response bodies
}

// web is every web server of the internet at once. PUT takes whatever comes; GET gives ?bytes=N, at ?rate=R
// bytes a second if that is given.
type web struct {
	mu     sync.Mutex
	served map[string]*Served
}

const (
	maxServed = 1024    // names counted; more are served and forgotten
	maxBytes  = 1 << 26 // one response
	chunk     = 16 << 10
)

// Served returns what was served under a name so far.
func (h *Home) Served(name string) Served {
	h.web.mu.Lock()
	defer h.web.mu.Unlock()
	if s := h.web.served[name]; s != nil {
		return *s
	}
	return Served{}
}

func (w *web) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	name := r.Host
	if host, _, err := net.SplitHostPort(name); err == nil {
		name = host
	}
	w.count(name, Served{Requests: 1})
	if r.Method == http.MethodGet {
		n, _ := strconv.ParseInt(r.URL.Query().Get("bytes"), 10, 64)
		rate, _ := strconv.ParseInt(r.URL.Query().Get("rate"), 10, 64)
		w.give(r.Context(), out, name, min(max(n, 0), maxBytes), rate)
		return
	}
	counted := readCounter{r.Body, func(n int) { w.count(name, Served{Received: int64(n)}) }}
	_, _ = io.Copy(io.Discard, counted) // the client broke off: what came is counted
	out.WriteHeader(http.StatusNoContent)
}

// give writes n bytes in chunks.
func (w *web) give(ctx context.Context, out http.ResponseWriter, name string, n, rate int64) {
	out.Header().Set("Content-Length", strconv.FormatInt(n, 10))
	flush := http.NewResponseController(out)
	for buf := make([]byte, chunk); n > 0; {
		part := buf[:min(n, chunk)]
		if _, err := out.Write(part); err != nil {
			return
		}
		n -= int64(len(part))
		w.count(name, Served{Sent: int64(len(part))})
		if rate > 0 {
			_ = flush.Flush()
			if !pause(ctx, time.Duration(len(part))*time.Second/time.Duration(rate)) {
				return
			}
		}
	}
}

func (w *web) count(name string, s Served) {
	w.mu.Lock()
	defer w.mu.Unlock()
	sum := w.served[name]
	if sum == nil {
		if len(w.served) == maxServed {
			return
		}
		sum = &Served{}
		w.served[name] = sum
	}
	sum.Requests += s.Requests
	sum.Received += s.Received
	sum.Sent += s.Sent
}

// readCounter reports what is read while it is read.
type readCounter struct {
	io.Reader
	count func(n int)
}

func (r readCounter) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.count(n)
	return n, err
}

// serveWeb serves HTTP or HTTPS on a listener as long as the home stands.
func (h *Home) serveWeb(l net.Listener, secure bool) {
	s := &http.Server{
		Handler:           h.web,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          log.New(io.Discard, "", 0), // clients of all kinds come and go
		BaseContext:       func(net.Listener) context.Context { return h.ctx },
	}
	serve := s.Serve
	if secure {
		s.TLSConfig = h.ca.serverConfig()
		serve = func(l net.Listener) error { return s.ServeTLS(l, "", "") }
	}
	defer closeWith(h.ctx, s)()
	if err := serve(l); !errors.Is(err, http.ErrServerClosed) {
		h.log.Warn("web server ended", "address", l.Addr().String(), "error", err)
	}
}
