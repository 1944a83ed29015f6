package lldp

import (
	"sync"

	"spinneret/capture"
	"spinneret/capture/packet"
)

// Limit is how many devices a Store holds.
const Limit = 256

// Store holds the MUD URL that each device named last. Any goroutine may call it. When it is full it takes no more.
type Store struct {
	mu      sync.Mutex
	urls    map[packet.MAC]string
	evicted uint64
	bad     uint64
}

var _ capture.Observer = (*Store)(nil).Observe

// NewStore makes an empty store.
func NewStore() *Store { return &Store{urls: map[packet.MAC]string{}} }

// Observe learns from one packet, where it is an LLDP frame of a device. It allocates nothing for others.
func (s *Store) Observe(p *packet.Packet, from, _ packet.MAC) {
	if p.EtherType != packet.EtherTypeLLDP || from.IsZero() {
		return
	}
	m, err := Parse(p.Payload)
	s.mu.Lock()
	defer s.mu.Unlock()
	_, known := s.urls[from]
	switch {
	case err != nil:
		s.bad++
	case m.TTL == 0 || m.MUDURL == "": // one that says farewell stays what it is
	case !known && len(s.urls) >= Limit:
		s.evicted++
	default:
		s.urls[from] = m.MUDURL
	}
}

// All gives every device's URL.
func (s *Store) All(each func(packet.MAC, string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for mac, u := range s.urls {
		each(mac, u)
	}
}

// Stores tells how full the store is.
func (s *Store) Stores() []capture.Store {
	s.mu.Lock()
	defer s.mu.Unlock()
	return []capture.Store{{Name: "lldp", Used: len(s.urls), Limit: Limit, Evicted: s.evicted}}
}

// Losses tells what could not be used.
func (s *Store) Losses() []capture.Loss {
	s.mu.Lock()
	defer s.mu.Unlock()
	return []capture.Loss{{Where: "LLDP frames that could not be read", Lost: s.bad}}
}
