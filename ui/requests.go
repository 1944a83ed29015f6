package ui

import (
	"encoding/json"
	"net/http"
	"slices"
)

// The owner's answers to a request of a provider.
const (
	DecisionAllow      = "allow"
	DecisionRefuse     = "refuse"
	DecisionLegitimate = "legitimate"
)

func (s *Server) getRequests(c call) (any, error) {
	list, err := s.config.Backend.Requests(c)
	if err != nil {
		return nil, err
	}
	return map[string][]Request{"requests": listed(list)}, nil
}

func (s *Server) getRequest(c call) (any, error) {
	return s.config.Backend.Request(c, c.r.PathValue("id"))
}

func (s *Server) postRequest(c call) (any, error) {
	var decision string
	if p := readObject(c.w, c.r, members{"decision": func(value json.RawMessage) *Problem {
		return scalar("decision", "text", value, &decision)
	}}); p != nil {
		return nil, p
	}
	if !slices.Contains([]string{DecisionAllow, DecisionRefuse, DecisionLegitimate}, decision) {
		return nil, invalid("decision", "there is no decision "+quote(decision)+": give allow, refuse or legitimate")
	}
	return s.config.Backend.Decide(c, c.r.PathValue("id"), decision)
}

func (s *Server) deleteRequest(c call) (any, error) {
	return s.config.Backend.TakeBack(c, c.r.PathValue("id"))
}

// UnknownRequest is what a Backend answers for a request that it does not have.
func UnknownRequest(id string) *Problem {
	return &Problem{
		Status: http.StatusNotFound, Code: "not-found", Title: "Unknown request",
		Detail: "there is no request " + quote(id) + ": GET /api/v1/requests lists them",
	}
}

// RequestOver is what a Backend answers to a decision that comes too late, or changes nothing.
func RequestOver(id, state string) *Problem {
	return &Problem{
		Status: http.StatusConflict, Code: "unsupported", Title: "Nothing to decide",
		Detail: "request " + id + " is " + state + ": GET /api/v1/requests says which wait for a decision",
	}
}
