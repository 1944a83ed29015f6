package stream

import (
	"cmp"
	"slices"
	"time"

	"spinneret/ui"
)

// steadyEvery is how often rates and counters are taken over, however often the home is published. A publisher
// that ticks once a second may be early by as much as it was late before.
const steadyEvery = 900 * time.Millisecond

// maxEvents is how many events a client can have missed and still get.
const maxEvents = 500

// state is the home as clients know it, with the number of the last change in each part. It is pure: it has no
// clock, goroutine or lock.
type state struct {
	seq       uint64 // of the last change
	forgotten uint64 // changes up to this one cannot be told any more
	steadyAt  time.Time
	devices   table[int, device]
	owners    table[int, Owner]
	pairs     table[pairKey, Pair]
	events    []numbered // oldest first
}

type numbered struct {
	seq   uint64
	event ui.Event
}

func newState() *state {
	return &state{
		devices: newTable[int, device](), owners: newTable[int, Owner](), pairs: newTable[pairKey, Pair](),
	}
}

// apply takes in a view. It advances seq by one where anything is new.
func (s *state) apply(v *View) {
	age := v.Now.Sub(s.steadyAt)
	steady := age >= steadyEvery || age < 0 // a clock that was set back must not stop the rates
	if steady {
		s.steadyAt = v.Now
	}
	next := s.seq + 1
	news := s.applyDevices(v, next, steady)
	news = s.applyOwners(v, next) || news
	news = s.applyPairs(v, next, steady) || news
	if news {
		s.seq = next
	}
	s.forgotten = max(s.forgotten, s.devices.forget(v.Now), s.owners.forget(v.Now), s.pairs.forget(v.Now))
}

func (s *state) applyDevices(v *View, next uint64, steady bool) bool {
	news := false
	s.devices.begin()
	for i := range v.Devices {
		item, made := s.devices.touch(v.Devices[i].ID)
		if item.value.update(v.Devices[i].Device, next, made, steady) {
			item.changed, news = next, true
		}
	}
	return s.devices.sweep(next, v.Now) || news
}

func (s *state) applyOwners(v *View, next uint64) bool {
	news := false
	s.owners.begin()
	for _, o := range v.Owners {
		if item, made := s.owners.touch(o.ID); made || item.value != o {
			item.value, item.changed, news = o, next, true
		}
	}
	return s.owners.sweep(next, v.Now) || news
}

func (s *state) applyPairs(v *View, next uint64, steady bool) bool {
	news := false
	s.pairs.begin()
	for _, p := range v.Pairs {
		item, made := s.pairs.touch(pairKey{p.Device, p.Owner})
		if !made && !steady {
			continue
		}
		p.TxRate, p.RxRate = round(p.TxRate), round(p.RxRate)
		if made || stirred(item.value, p) {
			item.changed, news = next, true
		}
		item.value = p
	}
	return s.pairs.sweep(next, v.Now) || news
}

// stirred reports whether a client has to be told of a pair: its rates are others, or it spoke so little that they
// are zero all the same. Rates that stay the same say by themselves that it goes on speaking.
func stirred(was, is Pair) bool {
	if was.TxRate != is.TxRate || was.RxRate != is.RxRate {
		return true
	}
	return is.TxRate == 0 && is.RxRate == 0 && is.Last.Unix() > was.Last.Unix()
}

// forget gives up all but the events; no client can be told any more what changed.
func (s *state) forget() {
	if len(s.devices.items)+len(s.owners.items)+len(s.pairs.items) == 0 {
		return
	}
	seq, events := s.seq+1, s.events
	*s = *newState()
	s.seq, s.forgotten, s.events = seq, seq, events
}

// add takes in an event. Where there are too many, the kind with most loses its oldest: a device that makes events
// without end must not push out what the owner did.
func (s *state) add(e ui.Event) {
	s.seq++
	s.events = append(s.events, numbered{s.seq, e})
	if len(s.events) <= maxEvents {
		return
	}
	count := map[string]int{}
	for _, n := range s.events {
		count[n.event.Kind]++
	}
	drop := 0
	for i, n := range s.events {
		if count[n.event.Kind] > count[s.events[drop].event.Kind] {
			drop = i
		}
	}
	s.forgotten = max(s.forgotten, s.events[drop].seq)
	s.events = slices.Delete(s.events, drop, drop+1)
}

// retract forgets events. All clients begin anew: a delta cannot take back what they were told.
func (s *state) retract(ids []int64) {
	s.events = slices.DeleteFunc(s.events, func(n numbered) bool { return slices.Contains(ids, n.event.ID) })
	s.seq++
	s.forgotten = s.seq
}

// tells reports whether a client that has all up to seq can be told the rest as a delta.
func (s *state) tells(seq uint64) bool { return seq >= s.forgotten && seq <= s.seq }

// eventsSince lists the events after seq, oldest first.
func (s *state) eventsSince(seq uint64) []ui.Event {
	first, _ := slices.BinarySearchFunc(s.events, seq+1, func(n numbered, want uint64) int { return cmp.Compare(n.seq, want) })
	list := make([]ui.Event, 0, len(s.events)-first)
	for _, n := range s.events[first:] {
		list = append(list, n.event)
	}
	return list
}
