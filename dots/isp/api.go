package isp

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/net/netutil"
	"golang.org/x/sync/errgroup"
)

// Bounds of the API.
const (
	maxBody     = 64 << 10
	maxAtOnce   = 64 // connections of each listener
	apiTime     = 15 * time.Second
	minToken    = 20 // characters
	maxHeader   = 16 << 10
	closeTime   = 3 * time.Second
	idleTime    = time.Minute
	tokenPrefix = "Bearer "
)

// handler is the API; token is empty where none is asked for.
func (n *Node) handler(token string) http.Handler {
	mux := http.NewServeMux()
	routes := map[string]map[string]func(http.ResponseWriter, *http.Request) error{
		"/api/v1/homes":               {"GET": n.getHomes, "POST": n.postHome},
		"/api/v1/homes/{id}":          {"GET": n.getHome, "DELETE": n.deleteHome},
		"/api/v1/homes/{id}/redirect": {"POST": n.postRedirect},
		"/api/v1/requests":            {"GET": n.getRequests, "POST": n.postRequest},
		"/api/v1/requests/{id}":       {"GET": n.getRequest, "DELETE": n.deleteRequest},
	}
	for path, methods := range routes {
		var allow []string
		for _, method := range []string{"GET", "POST", "DELETE"} {
			serve := methods[method]
			if serve == nil {
				continue
			}
			allow = append(allow, method)
			mux.HandleFunc(method+" "+path, func(w http.ResponseWriter, r *http.Request) {
				err := checkQuery(r)
				if err == nil {
					err = serve(w, r)
				}
				if err != nil {
					writeProblem(w, err)
				}
			})
		}
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Allow", strings.Replace(strings.Join(allow, ", "), "GET", "GET, HEAD", 1))
			writeProblem(w, refusal(http.StatusMethodNotAllowed, "method-not-allowed", "Wrong method", "use "+strings.Join(allow, " or ")))
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		writeProblem(w, notFound("nothing is here: there are /api/v1/homes and /api/v1/requests"))
	})
	return n.guard(token, mux)
}

// guard lets in who knows the token, and no page of another site that a browser here has open.
func (n *Node) guard(token string, next http.Handler) http.Handler {
	sites := http.NewCrossOriginProtection()
	sites.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		writeProblem(w, refusal(http.StatusForbidden, "bad-origin", "Not from here", "this came from another site's page"))
	}))
	return sites.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		given, _ := strings.CutPrefix(r.Header.Get("Authorization"), tokenPrefix)
		if token != "" && !same(token, given) {
			w.Header().Set("WWW-Authenticate", "Bearer")
			writeProblem(w, refusal(http.StatusUnauthorized, "login-required", "Who are you", "send the token: Authorization: Bearer TOKEN"))
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), apiTime)
		defer cancel()
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		next.ServeHTTP(w, r.WithContext(ctx))
	}))
}

func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// ofThisMachine refuses the names of other hosts: a page elsewhere may have its name resolve to loopback.
func ofThisMachine(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
		}
		a, err := netip.ParseAddr(strings.Trim(host, "[]"))
		if host != "localhost" && (err != nil || !a.IsLoopback()) {
			writeProblem(w, refusal(http.StatusForbidden, "bad-host", "Not this host", "call it by its address or localhost"))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// checkQuery refuses what no query here has: a mistyped filter must not list everything.
func checkQuery(r *http.Request) error {
	for name := range r.URL.Query() {
		if name != "home" || r.Pattern != "GET /api/v1/requests" {
			return unknownMember(name)
		}
	}
	return nil
}

// readJSON reads the body of a request into v; members that v lacks are refused by name.
func readJSON(r *http.Request, v any) error {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "" && kind != "application/json" {
		return refusal(http.StatusUnsupportedMediaType, "unsupported-media-type", "Not JSON", "send application/json")
	}
	data, err := io.ReadAll(r.Body)
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return refusal(http.StatusRequestEntityTooLarge, "too-large", "Too large", fmt.Sprintf("send at most %d kB", maxBody>>10))
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err == nil {
		err = decoder.Decode(v)
	}
	if err == nil && decoder.More() {
		err = errors.New("something follows the object")
	}
	if name, unknown := strings.CutPrefix(fmt.Sprint(err), "json: unknown field "); unknown { // encoding/json has no type for it
		return unknownMember(strings.Trim(name, `"`))
	}
	if err != nil {
		return refusal(http.StatusBadRequest, "bad-request", "Not understood", "send a JSON object: "+strings.TrimPrefix(err.Error(), "json: "))
	}
	return nil
}

// oneOrAll is a list of texts, or one text alone.
type oneOrAll []string

func (l *oneOrAll) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		if *l = nil; one != "" {
			*l = oneOrAll{one}
		}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(l))
}

// serveAPI serves what listenAPI opened until ctx ends.
func (n *Node) serveAPI(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for l, handler := range n.api {
		server := &http.Server{
			Handler: handler, ReadHeaderTimeout: apiTime, ReadTimeout: apiTime, WriteTimeout: 2 * apiTime, IdleTimeout: idleTime,
			MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(n.o.Log.Handler(), slog.LevelDebug),
		}
		group.Go(func() error {
			if err := server.Serve(netutil.LimitListener(l, maxAtOnce)); !errors.Is(err, http.ErrServerClosed) {
				return fmt.Errorf("serve the API: %w", err)
			}
			return nil
		})
		group.Go(func() error {
			<-ctx.Done()
			end, cancel := context.WithTimeout(context.Background(), closeTime)
			defer cancel()
			if server.Shutdown(end) != nil {
				_ = server.Close()
			}
			return nil
		})
	}
	return group.Wait()
}

// listenAPI opens the unix socket, and the address that is set.
func (n *Node) listenAPI(ctx context.Context) (map[net.Listener]http.Handler, error) {
	listeners := map[net.Listener]http.Handler{}
	unix, err := listenUnix(ctx, n.o.Config.Socket)
	if err != nil {
		return nil, err
	}
	listeners[unix] = n.handler("")
	at := n.o.Config.API
	if !at.IsValid() {
		return listeners, nil
	}
	token, err := readToken(n.o.Config.TokenFile)
	if err != nil {
		return nil, errors.Join(err, unix.Close())
	}
	var lc net.ListenConfig
	tcp, err := lc.Listen(ctx, "tcp", at.String())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("listen for the API: %w", err), unix.Close())
	}
	if at.Addr().IsLoopback() {
		listeners[tcp] = ofThisMachine(n.handler(token))
		return listeners, nil
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		return n.authority.certificate()
	}}
	listeners[tls.NewListener(tcp, config)] = n.handler(token)
	return listeners, nil
}

func readToken(file string) (string, error) {
	if file == "" {
		return "", nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("read the API's token: %w", err)
	}
	token := strings.TrimSpace(string(data))
	if len(token) < minToken {
		return "", fmt.Errorf("%s holds no token of at least %d characters: write one, for example from: openssl rand -hex 20", file, minToken)
	}
	return token, nil
}

// listenUnix opens the socket for this user alone. A socket that nobody serves is of an earlier run.
func listenUnix(ctx context.Context, path string) (net.Listener, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, fmt.Errorf("make the socket's directory: %w", err)
	}
	if info, err := os.Lstat(path); err == nil && info.Mode().Type() == os.ModeSocket {
		var d net.Dialer
		if c, err := d.DialContext(ctx, "unix", path); err == nil {
			_ = c.Close()
			return nil, fmt.Errorf("another spinneret-isp serves %s: stop it, or set option socket", path)
		}
		if err := os.Remove(path); err != nil {
			return nil, fmt.Errorf("remove the socket of an earlier run: %w", err)
		}
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("listen for commands: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("close the socket to others: %w", err), l.Close())
	}
	return l, nil
}
