// Package names learns from DNS and mDNS answers which name each device knows an address by.
package names

import (
	"container/list"
	"net/netip"
	"sync"
	"time"

	"spinneret/capture"
	"spinneret/capture/packet"
)

// Source says how a name was learned.
type Source string

// The sources of names.
const (
	DNS  Source = "dns"  // an answer to the device's own question
	MDNS Source = "mdns" // what the device calls itself (RFC 6762)
)

// Name is what one device calls one address.
type Name struct {
	Device packet.MAC // zero where the link type has no MACs
	Addr   netip.Addr
	Name   string // as Clean returns it: for DNS the question asked, at the head of a chain of aliases
	Source Source
	At     time.Time // of the answer
}

// Limits bound a Store.
type Limits struct {
	Names     int // in all
	PerDevice int
}

// DefaultLimits hold a day of a busy home's names in 2 to 3 MB.
var DefaultLimits = Limits{Names: 8192, PerDevice: 1024}

// Store holds the names that each device knows addresses by, the most recent where there are several. Any
// goroutine may call it. When it is full, the device with the most names loses the one used least recently, so
// a device that asks for names without end displaces only its own.
type Store struct {
	limits Limits

	mu      sync.Mutex
	byKey   map[key]*list.Element
	shelves map[packet.MAC]*list.List // of *Name, most recently used first
	evicted uint64

	wire wire
	tell func(Answer) // nil: nobody wants to know
}

type key struct {
	device packet.MAC
	addr   netip.Addr
}

// NewStore makes an empty store with the default limits.
func NewStore() *Store { return NewStoreWith(DefaultLimits) }

// NewStoreWith makes an empty store.
func NewStoreWith(l Limits) *Store {
	return &Store{
		limits:  Limits{Names: max(l.Names, 1), PerDevice: max(l.PerDevice, 1)},
		byKey:   map[key]*list.Element{},
		shelves: map[packet.MAC]*list.List{},
		wire:    newWire(),
	}
}

// Learn puts a name in the store in place of an earlier one of the same device and address.
func (s *Store) Learn(n Name) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.learnLocked(n)
}

func (s *Store) learnLocked(n Name) {
	k := key{n.Device, n.Addr}
	if e, ok := s.byKey[k]; ok {
		*e.Value.(*Name) = n
		s.shelves[n.Device].MoveToFront(e)
		return
	}
	if shelf := s.shelves[n.Device]; shelf != nil && shelf.Len() >= s.limits.PerDevice {
		s.evictLocked(shelf)
	}
	if len(s.byKey) >= s.limits.Names {
		s.evictLocked(s.fullestLocked())
	}
	shelf := s.shelves[n.Device]
	if shelf == nil {
		shelf = list.New()
		s.shelves[n.Device] = shelf
	}
	s.byKey[k] = shelf.PushFront(&n)
}

func (s *Store) fullestLocked() *list.List {
	var fullest *list.List
	for _, shelf := range s.shelves {
		if fullest == nil || shelf.Len() > fullest.Len() {
			fullest = shelf
		}
	}
	return fullest
}

func (s *Store) evictLocked(shelf *list.List) {
	n := shelf.Remove(shelf.Back()).(*Name)
	delete(s.byKey, key{n.Device, n.Addr})
	if shelf.Len() == 0 {
		delete(s.shelves, n.Device)
	}
	s.evicted++
}

// Lookup gives the name that a device knows an address by.
func (s *Store) Lookup(device packet.MAC, addr netip.Addr) (Name, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.byKey[key{device, addr}]
	if !ok {
		return Name{}, false
	}
	s.shelves[device].MoveToFront(e)
	return *e.Value.(*Name), true
}

// Announced gives the name that a device announced for itself by mDNS, the latest of several.
func (s *Store) Announced(device packet.MAC) (Name, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var latest *Name
	if shelf := s.shelves[device]; shelf != nil {
		for e := shelf.Front(); e != nil; e = e.Next() {
			n := e.Value.(*Name)
			if n.Source == MDNS && (latest == nil || n.At.After(latest.At)) {
				latest = n
			}
		}
	}
	if latest == nil {
		return Name{}, false
	}
	return *latest, true
}

// Append appends all names, in no order.
func (s *Store) Append(dst []Name) []Name {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.byKey {
		dst = append(dst, *e.Value.(*Name))
	}
	return dst
}

// Stores tells how full the store is, and what it keeps to match answers to questions.
func (s *Store) Stores() []capture.Store {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]capture.Store{
		{Name: "names", Used: len(s.byKey), Limit: s.limits.Names, Evicted: s.evicted},
	}, s.wire.stores()...)
}

// Losses tells what could not be used.
func (s *Store) Losses() []capture.Loss {
	s.mu.Lock()
	defer s.mu.Unlock()
	return []capture.Loss{
		{Where: "DNS messages that could not be read", Lost: s.wire.bad},
		{Where: "DNS answers that nobody asked for", Lost: s.wire.unasked},
	}
}

// Of returns what one device calls addresses, the most recently used first.
func (s *Store) Of(device packet.MAC) (list []Name) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if shelf := s.shelves[device]; shelf != nil {
		for e := shelf.Front(); e != nil; e = e.Next() {
			list = append(list, *e.Value.(*Name))
		}
	}
	return list
}

// Forget forgets the names that one device knows.
func (s *Store) Forget(device packet.MAC) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if shelf := s.shelves[device]; shelf != nil {
		for e := shelf.Front(); e != nil; e = e.Next() {
			delete(s.byKey, key{device, e.Value.(*Name).Addr})
		}
	}
	delete(s.shelves, device)
}
