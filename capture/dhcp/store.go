// Package dhcp reads from DHCPv4 and DHCPv6 what each device says about itself.
package dhcp

import (
	"container/list"
	"sync"
	"time"

	"spinneret/capture"
	"spinneret/capture/packet"
)

// Client is what one device says about itself, the latest of each. All of it is the device's own word.
type Client struct {
	MAC         packet.MAC
	Fingerprint string // of DHCPv4, else of DHCPv6; "" where it said nothing that tells
	Hostname    string // fit to be shown; "" where it said none

	// MUD URLs (RFC 8520 section 10) by DHCPv4, DHCPv6, and what a relay says of it; "" where none was named. They are as
	// they came, so neither URLs for sure nor such as may be fetched unseen.
	MUDURL, MUDURLv6, MUDURLRelayed string

	Last time.Time
}

// Store holds what the devices say. Any goroutine may call it. When it is full, the device that was silent for
// longest makes room.
type Store struct {
	limit int

	mu      sync.Mutex
	byMAC   map[packet.MAC]*list.Element
	order   *list.List // of *record, the latest first
	evicted uint64
	bad     uint64
	foreign uint64
}

// record is a client with what is not for others.
type record struct {
	Client
	fromV4 bool // the fingerprint
}

// NewStore makes an empty store for at most limit clients.
func NewStore(limit int) *Store {
	return &Store{limit: max(limit, 1), byMAC: map[packet.MAC]*list.Element{}, order: list.New()}
}

// Get gives what a device said.
func (s *Store) Get(mac packet.MAC) (Client, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.byMAC[mac]
	if !ok {
		return Client{}, false
	}
	return e.Value.(*record).Client, true
}

// Append appends all clients, the latest first.
func (s *Store) Append(dst []Client) []Client {
	s.mu.Lock()
	defer s.mu.Unlock()
	for e := s.order.Front(); e != nil; e = e.Next() {
		dst = append(dst, e.Value.(*record).Client)
	}
	return dst
}

// Forget forgets what a device said.
func (s *Store) Forget(mac packet.MAC) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e, ok := s.byMAC[mac]; ok {
		s.order.Remove(e)
		delete(s.byMAC, mac)
	}
}

// touchLocked finds or makes the record of a device that speaks now.
func (s *Store) touchLocked(mac packet.MAC, now time.Time) *record {
	e, ok := s.byMAC[mac]
	if !ok {
		if len(s.byMAC) >= s.limit {
			oldest := s.order.Remove(s.order.Back()).(*record)
			delete(s.byMAC, oldest.MAC)
			s.evicted++
		}
		e = s.order.PushFront(&record{Client: Client{MAC: mac}})
		s.byMAC[mac] = e
	}
	s.order.MoveToFront(e)
	rec := e.Value.(*record)
	rec.Last = now
	return rec
}

// Stores tells how full the store is.
func (s *Store) Stores() []capture.Store {
	s.mu.Lock()
	defer s.mu.Unlock()
	return []capture.Store{{Name: "dhcp", Used: len(s.byMAC), Limit: s.limit, Evicted: s.evicted}}
}

// Losses tells what could not be used.
func (s *Store) Losses() []capture.Loss {
	s.mu.Lock()
	defer s.mu.Unlock()
	return []capture.Loss{
		{Where: "DHCP messages that could not be read", Lost: s.bad},
		{Where: "DHCP messages in another's name", Lost: s.foreign},
	}
}
