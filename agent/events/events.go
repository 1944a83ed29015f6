// Package events keeps the home's log: what happened, to which device, and how to take it back.
package events

import (
	"cmp"
	"slices"
	"time"

	"spinneret/capture"
	"spinneret/capture/packet"
	"spinneret/capture/say"
)

// Limit is how many events a Log keeps, 200 kB of them. The newest 500 are always among them, as the contract
// promises; the room of the older ones is shared between the kinds.
const (
	Limit  = 1000
	newest = 500
)

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
	Text     say.Phrase // a sentence for the owner
	Cause    string     // who or what made it so, "" where nobody did
	Undo     *Undo      // nil where there is no way back
}

// Undo is the request to the API that takes an event back.
type Undo struct {
	Method string
	Path   string
}

// Log keeps Limit events. When it is full, the kind with most old events loses its oldest: any device can make events
// of its own arrival without end, by made-up MACs, and must not push out what the owner did. It has no lock: one
// goroutine, the agent's loop, owns it.
type Log struct {
	kept []Event // by ID
	last int64
}

// NewLog returns an empty log.
func NewLog() *Log { return &Log{} }

// Add keeps the event as the newest, with now as its time, and returns it with its ID.
func (l *Log) Add(now time.Time, e Event) Event {
	l.last++
	e.ID, e.Time, e.Text = l.last, now, e.Text.Within(maxText)
	if len(l.kept) == Limit {
		l.makeRoom()
	}
	l.kept = append(l.kept, e)
	return e
}

func (l *Log) makeRoom() {
	old := l.kept[:len(l.kept)-newest+1] // with the event to come there are newest behind these
	count := map[Kind]int{}
	for _, e := range old {
		count[e.Kind]++
	}
	drop := 0
	for i, e := range old {
		if count[e.Kind] > count[old[drop].Kind] {
			drop = i
		}
	}
	l.kept = slices.Delete(l.kept, drop, drop+1)
}

// Since returns a copy of the events after id, oldest first, at most limit of them, and the ID of the newest event
// in the log. What made room is left out.
func (l *Log) Since(id int64, limit int) (events []Event, last int64) {
	first, found := slices.BinarySearchFunc(l.kept, id, func(e Event, id int64) int { return cmp.Compare(e.ID, id) })
	if found {
		first++
	}
	n := min(len(l.kept)-first, max(limit, 0))
	return append(make([]Event, 0, n), l.kept[first:first+n]...), l.last
}

// Forget forgets what is told of a device, by its MAC, and returns the IDs of that.
func (l *Log) Forget(mac packet.MAC) (ids []int64) {
	l.kept = slices.DeleteFunc(l.kept, func(e Event) bool {
		about := e.Device == mac || e.Text.Mentions(mac.String())
		if about {
			ids = append(ids, e.ID)
		}
		return about
	})
	return ids
}

// Of returns what is told of a device, oldest first.
func (l *Log) Of(mac packet.MAC) []Event {
	return slices.DeleteFunc(slices.Clone(l.kept), func(e Event) bool { return e.Device != mac })
}

// Jump moves the times that a clock gave before it was set.
func (l *Log) Jump(j capture.Jump) {
	for i := range l.kept {
		l.kept[i].Time = j.Moved(l.kept[i].Time)
	}
}

// Stores tells how full the log is.
func (l *Log) Stores() []capture.Store {
	return []capture.Store{{Name: "events", Used: len(l.kept), Limit: Limit, Evicted: uint64(l.last) - uint64(len(l.kept))}}
}
