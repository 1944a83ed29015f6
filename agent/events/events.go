// Package events keeps the home's log: what happened, to which device, and how to take it back.
package events

import (
	"time"

	"spinneret/capture"
	"spinneret/capture/packet"
)

// Limit is how many events a Log keeps. The contract promises 500; twice that is 200 kB.
const Limit = 1000

// maxText bounds the text of one event in bytes: names in it come from the network.
const maxText = 400

// Kind is what an event is about.
type Kind = string

// The kinds of the contract.
const (
	Device     Kind = "device"
	Quarantine Kind = "quarantine"
	Release    Kind = "release"
	Finding    Kind = "finding"
	MUD        Kind = "mud"
	DOTS       Kind = "dots"
	Request    Kind = "request"
	Firewall   Kind = "firewall"
	Capability Kind = "capability"
	Config     Kind = "config"
	Login      Kind = "login"
	Audit      Kind = "audit"
)

// Severity is how much an event matters.
type Severity = string

// The severities of the contract.
const (
	Note    Severity = "note"
	Warning Severity = "warning"
	Alarm   Severity = "alarm"
)

// Event is one line of the log. Log.Add gives it its ID and its Time.
type Event struct {
	ID       int64 // from 1, without gaps
	Time     time.Time
	Kind     Kind
	Severity Severity
	Device   packet.MAC // zero where it is about none
	Text     string     // a sentence for the owner
	Cause    string     // who or what made it so, "" where nobody did
	Undo     *Undo      // nil where there is no way back
}

// Undo is the request to the API that takes an event back.
type Undo struct {
	Method string
	Path   string
}

// Log keeps the last Limit events. It has no lock: one goroutine, the agent's loop, owns it.
type Log struct {
	ring []Event // grows to Limit, then the oldest makes room: event id is at (id-1) % Limit
	last int64
}

// NewLog returns an empty log.
func NewLog() *Log { return &Log{} }

// Add keeps the event as the newest, with now as its time, and returns it with its ID.
func (l *Log) Add(now time.Time, e Event) Event {
	l.last++
	e.ID, e.Time, e.Text = l.last, now, cut(e.Text)
	if len(l.ring) < Limit {
		l.ring = append(l.ring, e)
	} else {
		l.ring[(e.ID-1)%Limit] = e
	}
	return e
}

// Last returns the ID of the newest event, 0 where there is none yet.
func (l *Log) Last() int64 { return l.last }

// Since returns a copy of the events after id, oldest first, at most limit of them, and the ID of the newest event
// in the log. What has left the ring is left out.
func (l *Log) Since(id int64, limit int) (events []Event, last int64) {
	first := max(id, l.last-int64(len(l.ring)), 0) + 1
	n := max(min(l.last-first+1, int64(limit)), 0)
	events = make([]Event, 0, n)
	for i := range n {
		events = append(events, l.ring[(first+i-1)%Limit])
	}
	return events, l.last
}

// Stores tells how full the log is.
func (l *Log) Stores() []capture.Store {
	return []capture.Store{{Name: "events", Used: len(l.ring), Limit: Limit, Evicted: uint64(l.last) - uint64(len(l.ring))}}
}
