package ui

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"spinneret/ui/auth"
)

// The cookies. That of the browser is sent to the login only: it opens nothing.
const (
	sessionCookie = "spinneret"
	browserCookie = "spinneret-browser"

	// Under TLS they have other names, whose beginnings browsers hold us to (RFC 6265bis section 4.1.3). Cookies are
	// the host's on all ports: one from HTTPS by the same name could not be replaced over HTTP, where no login would
	// work any more; and one planted over HTTP would be taken for ours.
	sessionCookieTLS = "__Host-spinneret"
	browserCookieTLS = "__Secure-spinneret-browser"

	browserPath = apiRoot + "session"
	browserLife = 365 * 24 * time.Hour
	maxCookie   = 128 // bytes; ours are shorter
)

// cookieName is the name of a cookie on the connection of a request.
func cookieName(r *http.Request, name string) string {
	switch {
	case r.TLS == nil:
		return name
	case name == sessionCookie:
		return sessionCookieTLS
	}
	return browserCookieTLS
}

func cookie(r *http.Request, name string) string {
	c, err := r.Cookie(cookieName(r, name))
	if err != nil || len(c.Value) > maxCookie {
		return ""
	}
	return c.Value
}

// setCookie sets a cookie that no script reads and no other site sends; under TLS none goes over a plain connection.
// An empty value takes it away.
func (c call) setCookie(name, value, path string, life time.Duration) {
	kept := &http.Cookie{
		Name: cookieName(c.r, name), Value: value, Path: path, MaxAge: int(life.Seconds()),
		HttpOnly: true, Secure: c.r.TLS != nil, SameSite: http.SameSiteStrictMode,
	}
	if value == "" {
		kept.MaxAge = -1
	}
	http.SetCookie(c.w, kept)
}

func (c call) letIn(g auth.Grant) {
	c.setCookie(sessionCookie, g.Session, "/", auth.Absolute)
	c.setCookie(browserCookie, g.Browser, browserPath, browserLife)
}

func (s *Server) getSession(c call) (any, error) {
	l, ok := s.login(c.r)
	if !ok {
		return nil, s.loginRequired(loginHint)
	}
	first := s.config.Keeper != nil && s.config.Auth && s.config.Keeper.FirstRun()
	return struct {
		User  string    `json:"user"`
		Role  auth.Role `json:"role"`
		Setup bool      `json:"setup"`
		Login bool      `json:"login"` // one was needed: there is a session or a token to end
	}{l.User, l.Role, first, s.config.Auth && doorOfRequest(c.r) != Unix}, nil
}

// credentials are the body of POST session: user and password, or a ticket.
type credentials struct{ user, password, ticket *string }

func (c *credentials) members() members {
	return members{"user": text("user", &c.user), "password": text("password", &c.password), "ticket": text("ticket", &c.ticket)}
}

func (c *credentials) check() *Problem {
	switch {
	case c.ticket != nil && (c.user != nil || c.password != nil):
		return invalid("ticket", "ticket stands beside user or password: give one or the other")
	case c.ticket == nil && c.user == nil:
		return invalid("user", "user is missing: give user and password, or a ticket")
	case c.ticket == nil && c.password == nil:
		return invalid("password", "password is missing")
	}
	return nil
}

func (s *Server) postSession(c call) (any, error) {
	var given credentials
	if p := readObject(c.w, c.r, given.members()); p != nil {
		return nil, p
	}
	if p := given.check(); p != nil {
		return nil, p
	}
	var grant auth.Grant
	var err error
	if given.ticket != nil {
		grant, err = s.config.Keeper.Redeem(client(c.r), *given.ticket)
	} else {
		grant, err = s.config.Keeper.Login(c, client(c.r), *given.user, *given.password)
	}
	if err != nil {
		return nil, s.authProblem(err)
	}
	c.letIn(grant)
	return noContent{}, nil
}

func (s *Server) postSetup(c call) (any, error) {
	var password *string
	if p := readObject(c.w, c.r, members{"password": text("password", &password)}); p != nil {
		return nil, p
	}
	if p := passwordProblem(password); p != nil {
		return nil, p
	}
	grant, err := s.config.Keeper.Setup(c, client(c.r), *password)
	if err != nil {
		return nil, s.authProblem(err)
	}
	c.letIn(grant)
	return noContent{}, nil
}

func (s *Server) deleteSession(c call) (any, error) {
	q := parseQuery(c.r.URL.RawQuery, "all")
	all := q.oneOf("all", "1", "0") == "1"
	if q.problem != nil {
		return nil, q.problem
	}
	l, ok := s.login(c.r)
	switch {
	case !ok:
		return nil, s.loginRequired("there is no session to end")
	case l.IsToken():
		return nil, notAllowed("a token may look, not change: revoke it as the owner")
	}
	c.setCookie(sessionCookie, "", "/", 0)
	return noContent{}, s.config.Keeper.Logout(l, all)
}

func (s *Server) putPassword(c call) (any, error) {
	change, p := readChange(c)
	if p != nil {
		return nil, p
	}
	err := s.config.Keeper.SetPassword(c, client(c.r), loginOf(c.r), change)
	switch {
	case errors.Is(err, auth.ErrWrong): // a 401 would say that the session is over
		return nil, invalid("current", "current is not the owner's password")
	case err != nil:
		return nil, s.authProblem(err)
	}
	return noContent{}, nil
}

// readChange reads the body of PUT session/password. User is the owner where it is not given.
func readChange(c call) (auth.Change, *Problem) {
	var user, password, current *string
	change := auth.Change{User: auth.Owner}
	if p := readObject(c.w, c.r, members{
		"user": text("user", &user), "password": text("password", &password), "current": text("current", &current),
	}); p != nil {
		return change, p
	}
	if user != nil {
		change.User = auth.Role(*user)
	}
	if change.User != auth.Owner && change.User != auth.Viewer {
		return change, invalid("user", "user is not owner or viewer")
	}
	if current != nil {
		change.Current = *current
	}
	if password == nil && change.User == auth.Viewer {
		return change, nil
	}
	if p := passwordProblem(password); p != nil {
		return change, p
	}
	change.Password = *password
	return change, nil
}

func passwordProblem(password *string) *Problem {
	if password == nil {
		return invalid("password", "password is missing")
	}
	if err := auth.CheckPassword(*password); err != nil {
		return invalid("password", err.Error())
	}
	return nil
}

// text reads a member that is text; null is as if it were not there.
func text(member string, target **string) func(json.RawMessage) *Problem {
	return func(value json.RawMessage) *Problem { return scalar(member, "text", value, target) }
}
