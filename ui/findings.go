package ui

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
)

// The owner's words about a finding.
const (
	FindingOpen = "open" // it is as unusual as it was found
	FindingFine = "fine"
)

func (s *Server) getFindings(c call) (any, error) {
	q := parseQuery(c.r.URL.RawQuery, "device")
	device := q.mac("device")
	if q.problem != nil {
		return nil, q.problem
	}
	list, err := s.config.Backend.Findings(c)
	if err != nil {
		return nil, err
	}
	if device != "" {
		list = slices.DeleteFunc(list, func(f Finding) bool { return f.Device != device })
	}
	return map[string][]Finding{"findings": listed(list)}, nil
}

func (s *Server) getFinding(c call) (any, error) {
	id, p := findingID(c)
	if p != nil {
		return nil, p
	}
	list, err := s.config.Backend.Findings(c)
	if err != nil {
		return nil, err
	}
	if at := slices.IndexFunc(list, func(f Finding) bool { return f.ID == id }); at >= 0 {
		return list[at], nil
	}
	return nil, UnknownFinding(id)
}

func (s *Server) postFinding(c call) (any, error) {
	id, p := findingID(c)
	if p != nil {
		return nil, p
	}
	var state string
	if p := readObject(c.w, c.r, members{"state": func(value json.RawMessage) *Problem {
		return scalar("state", "text", value, &state)
	}}); p != nil {
		return nil, p
	}
	if state != FindingFine && state != FindingOpen {
		return nil, invalid("state", "a finding cannot be made "+quote(state)+": give fine or open")
	}
	return s.config.Backend.JudgeFinding(c, id, state == FindingFine)
}

// deleteFinding takes the owner's word back.
func (s *Server) deleteFinding(c call) (any, error) {
	id, p := findingID(c)
	if p != nil {
		return nil, p
	}
	return s.config.Backend.JudgeFinding(c, id, false)
}

func findingID(c call) (int64, *Problem) {
	text := c.r.PathValue("id")
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, unknownFinding(quote(text))
	}
	return id, nil
}

// UnknownFinding is what a Backend answers for a finding that it does not have.
func UnknownFinding(id int64) *Problem { return unknownFinding(strconv.FormatInt(id, 10)) }

func unknownFinding(id string) *Problem {
	return &Problem{
		Status: http.StatusNotFound, Code: "not-found", Title: "Unknown finding",
		Detail: "there is no finding " + id + ": GET /api/v1/findings lists them",
	}
}
