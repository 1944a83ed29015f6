package ui

import (
	"context"
	"net/http"
)

// maxAtOnce bounds the requests that are worked on at once, since an answer can have megabytes: so many for the
// owner and so many for all others, who thus cannot stand in the owner's way. The unix socket needs no turn.
const maxAtOnce = 8

// turns are the places of the owner and of all others.
type turns struct{ owner, other, streams chan struct{} }

// maxStreams bounds the streams of all but the owner, which are fewer than the hub has places.
const maxStreams = 4

func newTurns() turns {
	return turns{make(chan struct{}, maxAtOnce), make(chan struct{}, maxAtOnce), make(chan struct{}, maxStreams)}
}

// stream answers GET stream: viewers and programs may not fill all places.
func (s *Server) stream() http.Handler {
	if s.config.Stream == nil {
		return orNotFound(nil)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p := parseQuery(r.URL.RawQuery).problem; p != nil {
			WriteProblem(w, p)
			return
		}
		if !loginOf(r).Owner() {
			select {
			case s.turns.streams <- struct{}{}:
				defer func() { <-s.turns.streams }()
			default:
				WriteProblem(w, &Problem{
					Status: http.StatusServiceUnavailable, Code: "busy", Title: "Busy",
					Detail: "four viewers look on already: close one page and try again",
				})
				return
			}
		}
		s.config.Stream.ServeHTTP(w, r)
	})
}

// wait waits for a place, and gives back how to leave it. Who is not let in yet needs none: the answers of the login
// are short, and eight strangers with slow bodies would close it.
func (t turns) wait(ctx context.Context, r *http.Request) (leave func(), err error) {
	l := loginOf(r)
	if doorOfRequest(r) == Unix || l.Role == "" {
		return func() {}, nil
	}
	places := t.other
	if l.Owner() {
		places = t.owner
	}
	select {
	case places <- struct{}{}:
		return func() { <-places }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
