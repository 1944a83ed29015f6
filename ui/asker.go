package ui

import (
	"context"
	"net/http"
	"net/netip"

	"spinneret/ui/auth"
)

// Asker is the device behind a request.
type Asker struct {
	MAC         string // "" where no device of the home is behind it, or it is not known yet
	Quarantined bool   // at level full or internet: with flow a device keeps the page
	Guest       bool   // it is in a network that is not listed
}

type doorKey struct{}

type askerKey struct{}

// through marks the requests that came through a door.
func through(door Door, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), doorKey{}, door)))
	})
}

func doorOfRequest(r *http.Request) Door {
	door, _ := r.Context().Value(doorKey{}).(Door) // TCP, where there is none
	return door
}

// checkAsker gives nothing to a device that is cut off, nor to guests, not even the login page. The packet filter
// drops their packets before; this holds while its rules are being put back, and on connections that were open
// before. The answer has words, where closing the connection would have none: somebody may sit in front of the
// device and must not take the router for broken.
func (s *Server) checkAsker(next http.Handler) http.Handler {
	if s.config.Who == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asker := s.config.Who(r.RemoteAddr)
		switch {
		case asker.Guest:
			refuse(w, "the page is not open to this network: use the home's own")
		case asker.Quarantined:
			refuse(w, "this device is cut off: the owner can let it in again from another one")
		default:
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), askerKey{}, asker)))
		}
	})
}

func refuse(w http.ResponseWriter, detail string) {
	w.Header().Set("Connection", "close")
	WriteProblem(w, notAllowed(detail))
}

// client is who sends a request, as the keeper needs it.
func client(r *http.Request) auth.Client {
	asker, _ := r.Context().Value(askerKey{}).(Asker)
	c := auth.Client{
		MAC: asker.MAC, Session: cookie(r, sessionCookie), Browser: cookie(r, browserCookie),
		Trusted: doorOfRequest(r) == Unix,
	}
	if from, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		c.Addr = from.Addr()
	}
	return c
}
