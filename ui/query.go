package ui

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Limits of a list, in entries.
const (
	defaultLimit = 1000
	maxLimit     = 10000
)

// query is the part after the question mark. The first problem stays in it.
type query struct {
	values  url.Values
	problem *Problem
}

// parseQuery wants each name known and given once: a mistyped filter must not list everything.
func parseQuery(raw string, known ...string) *query {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return &query{problem: badRequest("the query is broken: write name=value&name=value")}
	}
	q := &query{values: values}
	for name, given := range values {
		if !slices.Contains(known, name) {
			q.fail(unknownMember(name, "the query takes "+orNothing(known)))
		} else if len(given) > 1 {
			q.fail(invalid(name, name+" is given twice: give it once"))
		}
	}
	return q
}

func orNothing(known []string) string {
	if len(known) == 0 {
		return "nothing"
	}
	return strings.Join(known, ", ")
}

func (q *query) fail(p *Problem) {
	if q.problem == nil {
		q.problem = p
	}
}

func (q *query) mac(name string) string {
	text := q.values.Get(name)
	if text == "" {
		return ""
	}
	mac, ok := ParseMAC(text)
	if !ok {
		q.fail(invalid(name, name+" "+quote(text)+" is not a MAC: write it like 02:00:00:00:00:01"))
	}
	return mac
}

func (q *query) time(name string) time.Time {
	text := q.values.Get(name)
	if text == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		q.fail(invalid(name, name+" "+quote(text)+" is not a time: write it like 2026-11-21T12:00:00Z"))
	}
	return t.UTC()
}

// number reads a whole number from low to high; absent is otherwise.
func (q *query) number(name string, otherwise, low, high int64) int64 {
	text := q.values.Get(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < low || n > high {
		q.fail(invalid(name, name+" "+quote(text)+" is not a number from "+
			strconv.FormatInt(low, 10)+" to "+strconv.FormatInt(high, 10)))
	}
	return n
}

func (q *query) limit() int { return int(q.number("limit", defaultLimit, 1, maxLimit)) }

func (q *query) oneOf(name string, allowed ...string) string {
	text := q.values.Get(name)
	if text != "" && !slices.Contains(allowed, text) {
		q.fail(invalid(name, "there is no "+name+" "+quote(text)+": give "+strings.Join(allowed, ", ")))
	}
	return text
}
