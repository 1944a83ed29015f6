package ui

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
)

// backendTimeout is how long a request waits for the agent.
const backendTimeout = 10 * time.Second

const apiRoot = "/api/v1/"

func (s *Server) newRoutes() http.Handler {
	mux := http.NewServeMux()
	for path, m := range map[string]methods{
		"status":                   {http.MethodGet: s.api(s.getStatus)},
		"devices":                  {http.MethodGet: s.api(s.getDevices)},
		"devices/{mac}":            {http.MethodGet: s.api(s.getDevice), http.MethodPatch: s.api(s.patchDevice)},
		"devices/{mac}/quarantine": {http.MethodPut: s.api(s.putQuarantine), http.MethodDelete: s.api(s.deleteQuarantine)},
		"flows":                    {http.MethodGet: s.api(s.getFlows)},
		"events":                   {http.MethodGet: s.api(s.getEvents)},
		"stream":                   {http.MethodGet: orNotFound(s.config.Stream)},
	} {
		mux.Handle(apiRoot+path, m)
	}
	mux.Handle("/api/", orNotFound(nil))
	mux.Handle("/", orNotFound(s.config.Page))
	return mux
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

// api answers a request with what h returns: JSON, or the problem in its error.
func (s *Server) api(h func(call) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), backendTimeout)
		defer cancel()
		answer, err := h(call{Context: ctx, w: w, r: r})
		if err != nil {
			WriteProblem(w, s.problem(r, err))
			return
		}
		writeJSON(w, http.StatusOK, "application/json", answer)
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
