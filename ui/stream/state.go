package stream

import (
	"cmp"
	"iter"
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
	devices   table[number, *device]
	owners    table[number, party]
	pairs     table[pairKey, rates]
	events    []numbered // oldest first
}

type numbered struct {
	seq   uint64
	event ui.Event
}

// party is an Owner without its number.
type party struct{ name, source string }

// rates are a Pair's, as they are shown, with the Unix second of its last packet.
type rates struct{ tx, rx, last int64 }

func newState() *state {
	return &state{
		devices: newTable[number, *device](), owners: newTable[number, party](), pairs: newTable[pairKey, rates](),
	}
}

// apply takes in a view. It advances seq by one where anything is new.
func (s *state) apply(v View) {
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

func (s *state) applyDevices(v View, next uint64, steady bool) bool {
	news := false
	s.devices.begin()
	for d := range all(v.Devices) {
		item, made := s.devices.touch(number(d.ID))
		if made {
			item.value = newDevice()
		}
		if item.value.update(d.Device, next, made, steady) {
			item.changed, news = next, true
		}
	}
	return s.devices.sweep(next, v.Now) || news
}

func (s *state) applyOwners(v View, next uint64) bool {
	news := false
	s.owners.begin()
	for o := range all(v.Owners) {
		is := party{o.Name, o.Source}
		if item, made := s.owners.touch(number(o.ID)); made || item.value != is {
			item.value, item.changed, news = is, next, true
		}
	}
	return s.owners.sweep(next, v.Now) || news
}

func (s *state) applyPairs(v View, next uint64, steady bool) bool {
	news := false
	s.pairs.begin()
	for p := range all(v.Pairs) {
		item, made := s.pairs.touch(pairKey{number(p.Device), number(p.Owner)})
		if !made && !steady {
			continue
		}
		is := rates{round(p.TxRate), round(p.RxRate), p.Last.Unix()}
		if made || is.stirred(item.value) {
			item.changed, news = next, true
		}
		item.value = is
	}
	return s.pairs.sweep(next, v.Now) || news
}

// all is a list that may be nil.
func all[T any](list iter.Seq[T]) iter.Seq[T] {
	if list == nil {
		return func(func(T) bool) {}
	}
	return list
}

// stirred reports whether a client has to be told of a pair: its rates are others, or it spoke so little that they
// are zero all the same. Rates that stay the same say by themselves that it goes on speaking.
func (r rates) stirred(was rates) bool {
	if was.tx != r.tx || was.rx != r.rx {
		return true
	}
	return r.tx == 0 && r.rx == 0 && r.last > was.last
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
