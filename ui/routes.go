package ui

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"
)

// backendTimeout is how long a request waits for the agent.
const backendTimeout = 10 * time.Second

const apiRoot = "/api/v1/"

// route is one path of the API.
type route struct {
	path    string
	who     need
	methods methods
}

func (s *Server) newRoutes() http.Handler {
	mux := http.NewServeMux()
	for _, r := range append(s.homeRoutes(), s.loginRoutes()...) {
		mux.Handle(apiRoot+r.path, s.guard(r.who, r.methods))
	}
	if s.config.Metrics {
		mux.Handle(metricsPath, s.guard(looks, methods{http.MethodGet: s.bare(s.getMetrics)}))
	}
	nowhere := s.guard(looks, orNotFound(nil))
	mux.Handle("/api", nowhere)
	mux.Handle("/api/", nowhere)
	mux.Handle("/", s.page())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !clean(r.URL.Path) { // the mux would lead on whoever asks
			nowhere.ServeHTTP(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// clean reports whether a path has no empty, . or .. elements.
func clean(p string) bool {
	c := path.Clean(p)
	return p == c || p == c+"/" && c != "/"
}

// page is what lies outside the API. The page's files hold no data, and it shows the login itself; what else there may
// be is told only to who has one.
func (s *Server) page() http.Handler {
	if s.config.Page == nil {
		return s.guard(looks, orNotFound(nil))
	}
	known, unknown := s.guard(anyone, s.config.Page), s.guard(looks, s.config.Page)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.config.Page.Has(r.URL.Path) {
			known.ServeHTTP(w, r)
			return
		}
		unknown.ServeHTTP(w, r)
	})
}

func (s *Server) homeRoutes() []route {
	return []route{
		{"status", looks, methods{http.MethodGet: s.bare(s.getStatus)}},
		{"devices", looks, methods{http.MethodGet: s.bare(s.getDevices)}},
		{"devices/{mac}", looks, methods{http.MethodGet: s.api(s.getDevice), http.MethodPatch: s.api(s.patchDevice), http.MethodDelete: s.api(s.deleteDevice)}},
		{"devices/{mac}/quarantine", looks, methods{http.MethodPut: s.api(s.putQuarantine), http.MethodDelete: s.api(s.deleteQuarantine)}},
		{"devices/{mac}/capture", owners, methods{http.MethodGet: http.HandlerFunc(s.getCapture)}},
		{"devices/{mac}/export", owners, methods{http.MethodGet: http.HandlerFunc(s.getExport)}},
		{"devices/{mac}/habits", looks, methods{http.MethodGet: s.api(s.getHabits)}},
		{"devices/{mac}/inherit", looks, methods{http.MethodPost: s.api(s.postInherit)}},
		{"devices/{mac}/mud", looks, methods{
			http.MethodGet: s.api(s.getMUD), http.MethodPut: s.api(s.putMUD), http.MethodPost: s.api(s.postMUD),
			http.MethodDelete: s.api(s.deleteMUD),
		}},
		{"devices/{mac}/mud/learned", looks, methods{http.MethodGet: s.api(s.getLearned)}},
		{"mud/heard", owners, methods{http.MethodPost: s.api(s.postHeardMUD)}},
		{"flows", looks, methods{http.MethodGet: s.api(s.getFlows)}},
		{"history", looks, methods{http.MethodGet: s.api(s.getHistory)}},
		{"past", looks, methods{http.MethodGet: s.api(s.getMoment)}},
		{"requests", looks, methods{http.MethodGet: s.bare(s.getRequests)}},
		{"requests/{id}", looks, methods{
			http.MethodGet: s.bare(s.getRequest), http.MethodPost: s.bare(s.postRequest), http.MethodDelete: s.bare(s.deleteRequest),
		}},
		{"findings", looks, methods{http.MethodGet: s.api(s.getFindings)}},
		{"findings/{id}", looks, methods{
			http.MethodGet: s.bare(s.getFinding), http.MethodPost: s.bare(s.postFinding), http.MethodDelete: s.bare(s.deleteFinding),
		}},
		{"events", looks, methods{http.MethodGet: s.api(s.getEvents)}},
		{"stream", looks, methods{http.MethodGet: s.stream()}},
	}
}

// loginRoutes are those of the keeper. Without one only GET session answers, for the page.
func (s *Server) loginRoutes() []route {
	session := methods{http.MethodGet: s.bare(s.getSession)}
	if s.config.Keeper == nil {
		return []route{{"session", anyone, session}}
	}
	session[http.MethodPost], session[http.MethodDelete] = s.bare(s.postSession), s.api(s.deleteSession)
	return []route{
		{"session", anyone, session},
		{"session/setup", anyone, methods{http.MethodPost: s.bare(s.postSetup)}},
		{"session/password", owners, methods{http.MethodPut: s.bare(s.putPassword)}},
		{"tokens", owners, methods{http.MethodGet: s.bare(s.getTokens), http.MethodPost: s.bare(s.postToken)}},
		{"tokens/{id}", owners, methods{http.MethodDelete: s.bare(s.deleteToken)}},
		{"tickets", owners, methods{http.MethodPost: s.bare(s.postTicket)}},
	}
}

func orNotFound(h http.Handler) http.Handler {
	if h != nil {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { WriteProblem(w, NotFound()) })
}

// methods answers one path by method; a GET answers HEAD too.
type methods map[string]http.Handler

func (m methods) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	if h := m[method]; h != nil {
		h.ServeHTTP(w, r)
		return
	}
	w.Header().Set("Allow", m.allow())
	WriteProblem(w, WrongMethod(r.Method, m.allow()))
}

func (m methods) allow() string {
	var names []string
	for name := range m {
		names = append(names, name)
		if name == http.MethodGet {
			names = append(names, http.MethodHead)
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// call is one request on its way through the API.
type call struct {
	context.Context
	w http.ResponseWriter
	r *http.Request
}

// noContent is the answer of a handler that has nothing to say; created holds what a POST made.
// A writer is no JSON, or too long to be made whole.
type (
	noContent struct{}
	created   struct{ value any }
	writer    interface{ write(w http.ResponseWriter) }
)

// api answers a request with what h returns: JSON, or the problem in its error.
func (s *Server) api(h func(call) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), backendTimeout)
		defer cancel()
		release, err := s.turns.wait(ctx, r)
		if err != nil {
			WriteProblem(w, s.problem(r, err))
			return
		}
		defer release()
		answer, err := h(call{Context: ctx, w: w, r: r})
		if err != nil {
			WriteProblem(w, s.problem(r, err))
			return
		}
		switch answer := answer.(type) {
		case noContent:
			w.WriteHeader(http.StatusNoContent)
		case writer:
			answer.write(w)
		case created:
			writeJSON(w, http.StatusCreated, "application/json", answer.value)
		default:
			writeJSON(w, http.StatusOK, "application/json", answer)
		}
	})
}

// bare is api for what takes no query.
func (s *Server) bare(h func(call) (any, error)) http.Handler {
	return s.api(func(c call) (any, error) {
		if p := parseQuery(c.r.URL.RawQuery).problem; p != nil {
			return nil, p
		}
		return h(c)
	})
}

// problem is what the caller may know of an error. The rest is for the log: it can hold paths and addresses.
func (s *Server) problem(r *http.Request, err error) *Problem {
	var p *Problem
	switch {
	case errors.As(err, &p):
		return p
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return &Problem{
			Status: http.StatusServiceUnavailable, Code: "busy", Title: "Busy",
			Detail: "the agent did not answer in time: try again in a few seconds",
		}
	}
	s.config.Log.Error("request failed", "method", r.Method, "path", r.URL.Path, "error", err)
	return &Problem{
		Status: http.StatusInternalServerError, Code: "internal", Title: "Something broke",
		Detail: "the agent could not do it: its log says why",
	}
}

func writeJSON(w http.ResponseWriter, status int, kind string, value any) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		// Only a value that JSON cannot hold gets here: a mistake of ours, not of the caller.
		http.Error(w, "answer cannot be written as JSON", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	// The caller may be gone; there is nobody left to tell.
	_, _ = w.Write(body.Bytes())
}
