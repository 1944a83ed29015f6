package isp

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"spinneret/dots/isp/store"
)

// problem is an error as the API tells it (RFC 9457), in the form that a home's API has.
type problem struct {
	Type   string  `json:"type"`
	Title  string  `json:"title"`
	Status int     `json:"status"`
	Detail string  `json:"detail"`
	Member *string `json:"member"`
}

func (p *problem) Error() string { return p.Detail }

func refusal(status int, code, title, detail string) *problem {
	return &problem{Type: "urn:spinneret:" + code, Title: title, Status: status, Detail: detail}
}

func invalid(member, detail string) *problem {
	p := refusal(http.StatusUnprocessableEntity, "invalid", "Not a valid request", detail)
	p.Member = &member
	return p
}

func unknownMember(name string) *problem {
	p := refusal(http.StatusBadRequest, "bad-request", "Not understood", fmt.Sprintf("there is no member %q here: take it out", name))
	p.Member = &name
	return p
}

func notFound(detail string) *problem {
	return refusal(http.StatusNotFound, "not-found", "Not found", detail)
}

// asProblem tells what a caller can do about an error of the store.
func asProblem(err error) *problem {
	var p *problem
	switch {
	case errors.As(err, &p):
		return p
	case errors.Is(err, store.ErrFull), errors.Is(err, store.ErrMailbox), errors.Is(err, errHomes):
		return refusal(http.StatusTooManyRequests, "too-many", "Too many", err.Error())
	}
	return refusal(http.StatusServiceUnavailable, "busy", "Not now", "what is kept cannot be reached, try again: "+err.Error())
}

func writeProblem(w http.ResponseWriter, err error) {
	p := asProblem(err)
	if p.Status == http.StatusTooManyRequests || p.Status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "5")
	}
	writeJSON(w, p.Status, "application/problem+json", p)
}

func writeJSON(w http.ResponseWriter, status int, kind string, v any) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the caller left, if that fails
}
