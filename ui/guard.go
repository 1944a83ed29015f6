package ui

import (
	"context"
	"net/http"
	"strings"

	"spinneret/ui/auth"
)

// need is who may use a path of the API.
type need int

const (
	looks  need = iota // to read: all who are let in; to change: the owner
	owners             // the owner
	anyone             // it asks by itself
)

type loginKey struct{}

// loginOf is who sends a request that passed the guard.
func loginOf(r *http.Request) auth.Login {
	l, _ := r.Context().Value(loginKey{}).(auth.Login)
	return l
}

// guard lets in who may use a path. It stands around each path, not in front of all: so no way of writing a path
// gets past it.
func (s *Server) guard(who need, next http.Handler) http.Handler {
	if who == anyone && !s.locked() {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l, ok := s.login(r)
		if !ok {
			WriteProblem(w, s.loginRequired(loginHint))
			return
		}
		if !l.Owner() && (who == owners || !reads(r.Method)) {
			WriteProblem(w, notAllowed("this login may look, not change: log in as the owner"))
			return
		}
		ctx := context.WithValue(r.Context(), loginKey{}, l)
		if reads(r.Method) {
			// What is being read ends with the login. A change that was allowed when it came is carried out.
			watched, release := l.Watch(ctx)
			defer release()
			ctx = watched
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// locked reports whether a login is wanted and nobody can have one: then even the page is closed.
func (s *Server) locked() bool { return s.config.Auth && s.config.Keeper == nil }

// login is who sends a request. A broken token is refused: it does not fall back to the cookie.
func (s *Server) login(r *http.Request) (auth.Login, bool) {
	if !s.config.Auth || doorOfRequest(r) == Unix {
		return auth.Local(), true
	}
	if s.config.Keeper == nil {
		return auth.Login{}, false
	}
	if given := r.Header.Values("Authorization"); len(given) > 0 {
		scheme, token, _ := strings.Cut(given[0], " ")
		if len(given) > 1 || !strings.EqualFold(scheme, "Bearer") {
			return auth.Login{}, false
		}
		return s.config.Keeper.Bearer(strings.TrimSpace(token))
	}
	return s.config.Keeper.Session(client(r))
}

func reads(method string) bool { return method == http.MethodGet || method == http.MethodHead }

const loginHint = "log in first; on the router itself the spinneret command works without"

// loginRequired also tells the page whether the first password is still to be chosen.
func (s *Server) loginRequired(detail string) *Problem {
	first := s.config.Keeper != nil && s.config.Keeper.FirstRun()
	return &Problem{
		Status: http.StatusUnauthorized, Code: "login-required", Title: "Login needed", Detail: detail, Setup: &first,
	}
}

func notAllowed(detail string) *Problem {
	return &Problem{Status: http.StatusForbidden, Code: "not-allowed", Title: "Not allowed", Detail: detail}
}
