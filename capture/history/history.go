// Package history keeps finished flows within a budget of bytes: the latest whole, older ones as sums per hour or
// day, device, owner and port. It has no clock, no goroutine and no file of its own.
package history

import (
	"time"

	"spinneret/capture"
)

const (
	// DefaultBudget holds about 100,000 flows.
	DefaultBudget = 8 << 20
	// leastBudget leaves room for the smallest pieces that memory is taken in.
	leastBudget = 512 << 10
	// sumsShare is the part of the budget that sums may take.
	sumsShare = 8
)

// Flow is a finished flow with what was known of its far end.
type Flow struct {
	capture.Flow

	Name, NameSource   string // "" where not known
	Owner, OwnerSource string

	// Sure is false where the clock was not set when the flow was seen: its times are those of a router that
	// does not know the day. See Store.Correct.
	Sure bool
}

// Store holds flows. It is for one goroutine at a time.
type Store struct {
	budget int

	flows  ring
	macs   interner[mac]
	addrs  interner[addr]
	labels interner[label]
	sums   sums

	matched []bool // by address: scratch of Find, a byte an address

	folded uint64 // flows that are left only in sums
}

// New returns an empty Store that takes about budget bytes at most, DefaultBudget for 0.
func New(budget int) *Store {
	if budget == 0 {
		budget = DefaultBudget
	}
	return &Store{
		budget: max(budget, leastBudget),
		macs:   newInterner(macCost),
		addrs:  newInterner(addrCost),
		labels: newInterner(labelCost),
		sums:   newSums(),
	}
}

// Add keeps a flow. Where there is no room the oldest flows, by the order of Add, go into the sums.
func (s *Store) Add(f *Flow) {
	s.makeRoom()
	s.keep(s.pack(f))
}

func (s *Store) makeRoom() {
	for s.flows.len() > 0 && s.used() >= s.flowsLimit() {
		s.fold()
	}
	for s.macs.full(maxMACs) && (s.flows.len() > 0 || len(s.sums.amounts) > 0) {
		if s.flows.len() > 0 {
			s.fold()
		} else {
			s.sums.shrink(s)
		}
	}
}

// keep takes over the references of a record.
func (s *Store) keep(r record) { *s.flows.push() = r }

// fold puts the oldest flow into the sums.
func (s *Store) fold() {
	r := s.flows.pop()
	s.sum(&r)
	s.unref(&r)
	s.folded++
}

// used is about how many bytes flows and what they refer to take.
func (s *Store) used() int {
	return s.flows.bytes() + s.macs.bytes + s.addrs.bytes + s.labels.bytes
}

// flowsLimit is what sums leave, with room for the next piece of memory.
func (s *Store) flowsLimit() int { return s.budget - s.sums.bytes() - chunk*recordSize }

func (s *Store) sumsLimit() int { return s.budget / sumsShare }

// Stores tells how full it is, in bytes: all of it, and the sums in it. Evicted are flows that went into sums, and
// sums that were given up.
func (s *Store) Stores() []capture.Store {
	return []capture.Store{
		{Name: "history", Used: s.used() + s.sums.bytes(), Limit: s.budget, Evicted: s.folded},
		{Name: "history sums", Used: s.sums.bytes(), Limit: s.sumsLimit(), Evicted: s.sums.dropped},
	}
}

// Len returns how many flows are kept whole.
func (s *Store) Len() int { return s.flows.len() }

// Correct adds shift to the times of all flows that were not sure when they were added: a router starts in 1970, or
// with the time of its newest file, and when its clock is set it knows how far it was off. With sure, the clock is
// believed from now on, and nothing corrects those flows any more.
func (s *Store) Correct(shift time.Duration, sure bool) {
	for r := range s.flows.newestFirst() {
		if r.flags&pending != 0 {
			r.first += shift.Milliseconds()
			r.flags = r.flags.believed(sure)
		}
	}
	s.sums.correct(s, shift.Milliseconds(), sure)
}

// believed is the flags of what was pending, once its time is sure.
func (f flags) believed(is bool) flags {
	if is {
		return f&^pending | sure
	}
	return f
}
