// Package hearsay keeps which addresses the names in makers' descriptions have: what the devices that are held to them
// were told by DNS, and no more. What no device was told in sight of the router, because it asks a resolver on the same
// bridge, or in secret, is for others to resolve: the book says what is due. It is pure: time and answers come in, what
// the firewall has to learn comes out.
package hearsay

import (
	"cmp"
	"net/netip"
	"sort"
	"strings"
	"sync"
	"time"

	"spinneret/capture"
	"spinneret/capture/names"
	"spinneret/capture/packet"
)

// How long an address may be used after it was last heard of. Devices keep answers for longer than they should, and a
// TTL of seconds is for steering, not for forgetting (RFC 9726 section 3).
const (
	least = 5 * time.Minute
	most  = 24 * time.Hour
	grace = 10 * time.Minute
	// resolved is for answers that we asked for ourselves: they are asked for again before it ends.
	resolved = 30 * time.Minute
)

// Limits of a Book. The largest public description has 38 names; pool.ntp.org has some thousand addresses.
const (
	maxNames     = 2048
	maxAddresses = 256 // of one name
	maxHeld      = 8192
)

// Lesson is what the firewall has to learn: until when a name has an address.
type Lesson struct {
	Name string
	Addr netip.Addr
	For  time.Duration
}

// Book keeps names and addresses. Any goroutine may call it.
type Book struct {
	mu      sync.Mutex
	wishes  map[packet.MAC]Wish
	home    Home
	earlier earlier
	entries map[string]*entry
	held    int    // addresses
	changes uint64 // of what Save gives
	evicted uint64
}

// entry is one name.
type entry struct {
	at    map[netip.Addr]span
	heard time.Time // when a device was last told of it; zero: never
	asked time.Time // when we asked for it ourselves

	wanted bool // by a device that is held to it
}

// span is since when, and until when, a name has an address.
type span struct{ since, until time.Time }

// NewBook makes an empty book.
func NewBook() *Book {
	return &Book{wishes: map[packet.MAC]Wish{}, entries: map[string]*entry{}, earlier: earlier{of: map[packet.MAC][]past{}}}
}

// Hear takes an answer that a device got, and returns what the firewall does not know yet.
func (b *Book) Hear(a names.Answer, now time.Time) (fresh []Lesson) {
	if !a.Router && !a.Asked {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if !a.Device.IsZero() {
		b.earlier.add(a, now)
	}
	w, ok := b.wishes[a.Device]
	if !ok || !b.countsLocked(w, whose(a)) {
		return nil
	}
	for _, name := range w.Names {
		e := b.entries[name]
		if e == nil || !covers(name, a.Name) {
			continue
		}
		e.heard = now
		for _, h := range a.Hosts {
			fresh = b.learnLocked(fresh, name, h.Addr, lasts(h.TTL), now)
		}
	}
	return fresh
}

// lasts is how long an address may be used after an answer.
func lasts(ttl time.Duration) time.Duration { return min(max(ttl, least), most) + grace }

// Erase forgets what one device was told.
func (b *Book) Erase(device packet.MAC) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.earlier.forget(device)
}

// Resolved takes what we were told ourselves.
func (b *Book) Resolved(name string, addrs []netip.Addr, now time.Time) (fresh []Lesson) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.entries[name] == nil {
		return nil
	}
	for _, a := range addrs {
		fresh = b.learnLocked(fresh, name, a, resolved, now)
	}
	return fresh
}

// learnLocked enters an address. What is known for as long but for the grace needs no lesson: names are asked for all the
// time.
func (b *Book) learnLocked(fresh []Lesson, name string, addr netip.Addr, d time.Duration, now time.Time) []Lesson {
	addr = addr.Unmap().WithZone("")
	if special(addr) || within(b.home.Inside, addr) {
		return fresh
	}
	e := b.entries[name]
	before, known := e.at[addr]
	left := before.until.Sub(now)
	if left > 0 && left >= d-grace {
		return fresh
	}
	if !known {
		b.makeRoomLocked(e)
		b.held++
	}
	if left <= 0 {
		before.since = now
	}
	e.at[addr] = span{before.since, now.Add(d)}
	b.changes++
	return append(fresh, Lesson{name, addr, d})
}

// makeRoomLocked gives up what ends first: of the name itself, or where all are too many of the one that has the most, first
// among those that nobody is held to.
func (b *Book) makeRoomLocked(e *entry) {
	if len(e.at) < maxAddresses {
		if b.held < maxHeld {
			return
		}
		for _, other := range b.entries {
			if other.yieldsBefore(e) {
				e = other
			}
		}
	}
	var first netip.Addr
	for a, s := range e.at {
		if !first.IsValid() || s.until.Before(e.at[first].until) {
			first = a
		}
	}
	b.dropLocked(e, first)
	b.evicted++
}

// yieldsBefore says whether e gives up an address before other does.
func (e *entry) yieldsBefore(other *entry) bool {
	if len(e.at) == 0 || len(other.at) == 0 || e.wanted == other.wanted {
		return len(e.at) > len(other.at)
	}
	return other.wanted
}

func (b *Book) dropLocked(e *entry, a netip.Addr) {
	if _, known := e.at[a]; known {
		delete(e.at, a)
		b.held--
	}
}

// Forget takes lessons back that the firewall did not learn: the next answer brings them again.
func (b *Book) Forget(lessons []Lesson) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, l := range lessons {
		if e := b.entries[l.Name]; e != nil {
			b.dropLocked(e, l.Addr)
		}
	}
}

// Known lists the addresses of a name with the time that each is left.
func (b *Book) Known(name string, now time.Time) (list []Lesson) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.entries[name]
	if e == nil {
		return nil
	}
	for a, s := range e.at {
		if left := s.until.Sub(now); left > 0 {
			list = append(list, Lesson{name, a, left})
		}
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Addr.Less(list[j].Addr) })
	return list
}

// Ending is how soon an address must end to be prolonged where it is in use. Whoever prolongs looks more often.
const Ending = 2 * time.Minute

// Prolong keeps addresses that a connection still uses, and forgets those that are over.
func (b *Book) Prolong(inUse func(netip.Addr) bool, now time.Time) (fresh []Lesson) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for name, e := range b.entries {
		for a, s := range e.at {
			switch left := s.until.Sub(now); {
			case left < Ending && inUse(a):
				fresh = b.learnLocked(fresh, name, a, least+grace, now)
			case left <= 0:
				b.dropLocked(e, a)
			}
		}
	}
	return fresh
}

// Due names at most n names that no device was told of and that we should ask for, those first that devices are held to,
// and of them those that wait for longest.
func (b *Book) Due(n int, now time.Time) (due []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for name, e := range b.entries {
		told := !e.heard.IsZero() && now.Sub(e.heard) < most
		if !told && isPublic(name) && now.Sub(e.asked) >= resolved/2 {
			due = append(due, name)
		}
	}
	sort.Slice(due, func(i, j int) bool {
		x, y := b.entries[due[i]], b.entries[due[j]]
		if x.wanted != y.wanted {
			return x.wanted
		}
		return cmp.Or(x.asked.Compare(y.asked), strings.Compare(due[i], due[j])) < 0
	})
	due = due[:min(n, len(due))]
	for _, name := range due {
		b.entries[name].asked = now
	}
	return due
}

// Changes counts what would be saved otherwise than before.
func (b *Book) Changes() uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.changes
}

// Late reports whether a packet to or from an address came about when one of the names was learned to have it, by at most
// so much: then it was refused only because the firewall had not learned yet.
func (b *Book) Late(names []string, addr netip.Addr, at time.Time, within time.Duration) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, name := range names {
		if e := b.entries[name]; e != nil {
			if s, known := e.at[addr]; known && s.since.Sub(at).Abs() <= within {
				return true
			}
		}
	}
	return false
}

// Stores tells how full the book is.
func (b *Book) Stores() []capture.Store {
	b.mu.Lock()
	defer b.mu.Unlock()
	return []capture.Store{{Name: "addresses of profiles", Used: b.held, Limit: maxHeld, Evicted: b.evicted}, b.earlier.store()}
}
