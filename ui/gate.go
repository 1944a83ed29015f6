package ui

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// policy lets the page load what it brought itself, and nothing else (CSP level 3).
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// secured sets the headers that every answer has, errors included.
func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store") // the page's files say otherwise for themselves
		next.ServeHTTP(w, r)
	})
}

// withoutOrigin is the unix socket's: what stands in front of it (a proxy of the owner's) has its own origin.
func withoutOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Del("Origin")
		next.ServeHTTP(w, r)
	})
}

// checkHost keeps out pages of other sites whose name was pointed at the router (DNS rebinding): their requests
// look same-origin to the browser, but still carry their name.
func (s *Server) checkHost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := hostKey(r.Host)
		if key != "" && (s.hosts[key] || key == reachedAt(r)) {
			next.ServeHTTP(w, r)
			return
		}
		WriteProblem(w, &Problem{
			Status: http.StatusForbidden, Code: "bad-host", Title: "Not our name",
			Detail: "this is not " + quote(r.Host) + ": open the page by the router's address, or add: list host to the configuration",
		})
	})
}

// hostKey is a name or address as it is compared: without port, brackets, zone and final dot, in lower case.
func hostKey(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.Unmap().WithZone("").String()
	}
	return strings.TrimSuffix(strings.ToLower(host), ".")
}

// reachedAt is the address that the request's connection came to: a listen address by nature.
func reachedAt(r *http.Request) string {
	addr, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	if !ok {
		return ""
	}
	return addr.AddrPort().Addr().Unmap().WithZone("").String()
}

// checkOrigin refuses changes that another site's page asks for (CSRF), and its WebSocket, to which browsers
// apply no same-origin rule.
func (s *Server) checkOrigin(next http.Handler) http.Handler {
	var protection http.CrossOriginProtection
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		upgrade := r.Header.Get("Upgrade") != ""
		if protection.Check(r) == nil && (!upgrade || sameOrigin(r)) {
			next.ServeHTTP(w, r)
			return
		}
		WriteProblem(w, &Problem{
			Status: http.StatusForbidden, Code: "bad-origin", Title: "Another site asked",
			Detail: "the request comes from a page of another site: use the router's own page",
		})
	})
}

// sameOrigin reports whether Origin, where present, names the host that was asked.
func sameOrigin(r *http.Request) bool {
	origins := r.Header["Origin"]
	if len(origins) == 0 {
		return true
	}
	u, err := url.Parse(origins[0])
	return err == nil && len(origins) == 1 && strings.EqualFold(u.Host, r.Host)
}
