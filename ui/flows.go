package ui

import "math"

// flowList is an answer of flows.
type flowList struct {
	Flows []Flow `json:"flows"`
	More  bool   `json:"more"`
}

func (s *Server) getFlows(c call) (any, error) {
	q := parseQuery(c.r.URL.RawQuery, "device", "since", "limit")
	want := FlowQuery{Device: q.mac("device"), Since: q.time("since"), Limit: q.limit()}
	if q.problem != nil {
		return nil, q.problem
	}
	flows, more, err := s.config.Backend.Flows(c, want)
	if err != nil {
		return nil, err
	}
	return flowList{listed(flows), more}, nil
}

func (s *Server) getEvents(c call) (any, error) {
	q := parseQuery(c.r.URL.RawQuery, "since", "limit")
	since, limit := q.number("since", 0, 0, math.MaxInt64), q.limit()
	if q.problem != nil {
		return nil, q.problem
	}
	events, last, err := s.config.Backend.Events(c, since, limit)
	if err != nil {
		return nil, err
	}
	return struct {
		Events []Event `json:"events"`
		Last   int64   `json:"last"`
	}{listed(events), last}, nil
}
