package ui

import (
	"bufio"
	"bytes"
	"encoding/json"
	"iter"
	"math"
	"net/http"
	"runtime/debug"
	"strconv"
)

// flowList is an answer of flows: up to 10,000, some 5 MB, so it is written flow by flow.
type flowList struct {
	flows iter.Seq2[Flow, error]
	more  bool
}

// manyFlows take a megabyte while they are found and written.
const manyFlows = 2000

// write writes the answer. Where it cannot be finished, the connection breaks: half an answer must not look whole.
func (l flowList) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	var row bytes.Buffer
	encoder := json.NewEncoder(&row)
	encoder.SetEscapeHTML(false)
	out := bufio.NewWriter(w)
	out.WriteString(`{"flows":[`) // an error stays with out until Flush
	rows := 0
	for f, err := range l.flows {
		if rows++; rows == manyFlows {
			// What they were found in is garbage soon. Waiting for the collector's own time could add it to the heap for long.
			defer debug.FreeOSMemory()
		}
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		if rows > 1 {
			out.WriteByte(',')
		}
		row.Reset()
		_ = encoder.Encode(&f) // nothing in it that JSON cannot hold
		if _, err := out.Write(bytes.TrimSuffix(row.Bytes(), []byte("\n"))); err != nil {
			return // the caller is gone
		}
	}
	out.WriteString(`],"more":` + strconv.FormatBool(l.more) + "}\n")
	_ = out.Flush() // the caller may be gone; there is nobody left to tell
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
	return flowList{flows, more}, nil
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
