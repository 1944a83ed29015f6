package isp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/net/netutil"
	"golang.org/x/sync/errgroup"
)

// listenAPI opens the unix socket, and the addresses that are set.
func (n *Node) listenAPI(ctx context.Context) (map[net.Listener]http.Handler, error) {
	unix, err := listenUnix(ctx, n.o.Config.Socket)
	if err != nil {
		return nil, err
	}
	listeners := map[net.Listener]http.Handler{unix: n.handler(onSocket)}
	if err := n.listenTCP(ctx, listeners); err != nil {
		for l := range listeners {
			err = errors.Join(err, l.Close())
		}
		return nil, err
	}
	return listeners, nil
}

// listenTCP adds the API's address, by TLS where others can reach it, and that of the metrics.
func (n *Node) listenTCP(ctx context.Context, to map[net.Listener]http.Handler) error {
	var lc net.ListenConfig
	if at := n.o.Config.API; at.IsValid() {
		who := known(byAddress)
		if file := tokenFile(n.o.Config.TokenFile); file != "" {
			if _, err := file.read(); err != nil {
				return err
			}
			who = file.known
		}
		l, err := lc.Listen(ctx, "tcp", at.String())
		if err != nil {
			return fmt.Errorf("listen for the API: %w", err)
		}
		if !at.Addr().IsLoopback() {
			l = tls.NewListener(l, &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
				return n.authority.certificate()
			}})
		}
		to[l] = ofThisMachine(at, n.handler(who))
	}
	if at := n.o.Config.Metrics; at.IsValid() {
		l, err := lc.Listen(ctx, "tcp", at.String())
		if err != nil {
			return fmt.Errorf("listen for the metrics: %w", err)
		}
		to[l] = ofThisMachine(at, n.onlyMetrics())
	}
	return nil
}

// ofThisMachine refuses the names of other hosts at a loopback address: a page elsewhere may have its name resolve to it.
func ofThisMachine(at netip.AddrPort, next http.Handler) http.Handler {
	if !at.Addr().IsLoopback() {
		return next
	}
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
