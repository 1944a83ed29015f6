package ui

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	stdlog "log"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"spinneret/ui/auth"
)

// Page serves the files of the page, and answers its own 404.
type Page interface {
	http.Handler
	Has(path string) bool // a file of it
}

// Config is what a Server needs. Backend and Log are required.
type Config struct {
	Backend Backend
	Stream  http.Handler // of GET /api/v1/stream
	Page    Page         // of everything outside /api
	Log     *slog.Logger
	Auth    bool         // TCP wants a login
	Keeper  *auth.Keeper // of the logins; without one nobody can log in, and with Auth all of TCP answers 401
	// Who knows the device behind a remote address ("IP:port"). It is asked for each connection and each request,
	// so it answers from memory. nil: no device is known.
	Who     func(remoteAddr string) Asker
	Metrics bool             // GET /metrics answers
	Hosts   []string         // names and addresses that the router is called by, without port
	Now     func() time.Time // nil: time.Now
}

// Server answers HTTP on TCP listeners, with every check, and on the unix socket, where the file system checked.
type Server struct {
	config Config
	hosts  map[string]bool
	turns  turns
	routes http.Handler
}

// New makes a server; Serve opens its doors.
func New(c Config) *Server {
	if c.Now == nil {
		c.Now = time.Now
	}
	s := &Server{config: c, hosts: map[string]bool{"localhost": true}, turns: newTurns()}
	for _, host := range c.Hosts {
		s.hosts[hostKey(host)] = true
	}
	s.routes = s.newRoutes()
	return s
}

// Door is the kind of listener that a request came through.
type Door int

// The two doors.
const (
	TCP Door = iota
	Unix
)

// Handler answers the requests that come through one kind of door.
func (s *Server) Handler(door Door) http.Handler {
	if door == Unix {
		return secured(through(Unix, withoutOrigin(s.routes)))
	}
	return secured(through(TCP, s.checkAsker(s.checkHost(s.checkOrigin(s.routes)))))
}

// Limits of a connection. A page is small and so is a request: who needs longer is gone or means harm. The stream
// takes its connection over and has deadlines of its own.
const (
	headerTimeout = 5 * time.Second
	readTimeout   = 10 * time.Second
	writeTimeout  = 30 * time.Second
	idleTimeout   = 60 * time.Second
	maxHeader     = 16 << 10 // bytes
	maxConns      = 128      // open TCP connections on one listener, beside those of the owner's devices
	perClient     = 24       // of them from one device, or from all unknown ones; a browser opens seven
	endTimeout    = 2 * time.Second
)

// Serve answers on the listeners until ctx ends, then lets running requests finish for two seconds. It closes the
// listeners, and returns nil when ctx ended.
func (s *Server) Serve(ctx context.Context, listeners ...net.Listener) error {
	return s.serve(ctx, nil, listeners)
}

// ServeTLS is Serve with TLS on each listener.
func (s *Server) ServeTLS(ctx context.Context, c *Certificate, listeners ...net.Listener) error {
	return s.serve(ctx, c.config(), listeners)
}

func (s *Server) serve(ctx context.Context, secret *tls.Config, listeners []net.Listener) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, l := range listeners {
		server := s.newHTTPServer(ctx, l)
		if doorOf(l) == TCP {
			l = limit(l, maxConns, perClient, s.config.Who, s.heldOwner)
		}
		if secret != nil {
			l = tls.NewListener(l, secret)
		}
		group.Go(func() error {
			if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
				return fmt.Errorf("serve %s: %w", l.Addr(), err)
			}
			return nil
		})
		group.Go(func() error {
			<-ctx.Done()
			return end(ctx, server)
		})
	}
	return group.Wait()
}

// heldOwner reports whether the owner came from a device lately.
func (s *Server) heldOwner(mac string) bool {
	return s.config.Keeper != nil && s.config.Keeper.HeldOwner(mac)
}

func (s *Server) newHTTPServer(ctx context.Context, l net.Listener) *http.Server {
	log := s.config.Log.With("listener", l.Addr().String())
	// HTTP/2 carries hundreds of requests in one connection: the limits on connections would bound nothing.
	var versions http.Protocols
	versions.SetHTTP1(true)
	return &http.Server{
		Handler:           s.Handler(doorOf(l)),
		Protocols:         &versions,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		// OPTIONS * comes through our doors like all else.
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     stdlog.New(complaints{log}, "", 0),
		// A request that runs when ctx ends may finish: end cuts it off.
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
	}
}

// complaints are what net/http has to say. A browser that does not trust the router's own certificate hangs up in
// the handshake each time: that is no news.
type complaints struct{ log *slog.Logger }

func (c complaints) Write(line []byte) (int, error) {
	level := slog.LevelWarn
	if bytes.HasPrefix(line, []byte("http: TLS handshake error")) {
		level = slog.LevelDebug
	}
	c.log.Log(context.Background(), level, string(bytes.TrimSpace(line)))
	return len(line), nil
}

func end(ctx context.Context, server *http.Server) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTimeout)
	defer cancel()
	if server.Shutdown(ctx) != nil {
		return server.Close()
	}
	return nil
}

func doorOf(l net.Listener) Door {
	if l.Addr().Network() == "unix" {
		return Unix
	}
	return TCP
}
