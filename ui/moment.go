package ui

// Moment is how the home was at a time.
type Moment struct {
	Since       *Time            `json:"since"` // what ended before is not remembered
	Quarantines []PastQuarantine `json:"quarantines"`
	Findings    []PastFinding    `json:"findings"`
}

// PastQuarantine is one that was in force.
type PastQuarantine struct {
	Device string `json:"device"`
	Level  string `json:"level"`
	Source string `json:"source"`
	Since  *Time  `json:"since"`
	Until  *Time  `json:"until"` // when it really ended; null while it is in force
}

// PastFinding is one that went on.
type PastFinding struct {
	Device   string `json:"device"`
	ID       int64  `json:"id"`
	Kind     string `json:"kind"`
	Severity string `json:"severity"`
}

func (s *Server) getMoment(c call) (any, error) {
	q := parseQuery(c.r.URL.RawQuery, "at")
	at := q.time("at")
	switch {
	case q.problem != nil:
		return nil, q.problem
	case at.IsZero():
		return nil, invalid("at", "at is missing: give the time to look at, like 2026-11-21T12:00:00Z")
	}
	return s.config.Backend.Moment(c, at)
}
