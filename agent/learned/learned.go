// Package learned writes a description of a device (RFC 8520) from what it was seen to do. It is pure: connections come
// in, a MUD file and what to think of it come out.
package learned

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"spinneret/capture"
)

// Use is one connection of the device.
type Use struct {
	Protocol capture.Protocol
	Opened   bool   // by the device
	Port     uint16 // of the side that was called; 0 in protocols without ports
	Remote   netip.Addr
	Name     string       // by which the device knows the remote, "" where it knows none
	Inside   bool         // the remote is in the home: a device, the router, a group of them
	Router   bool         // it is the router
	ICMP     capture.ICMP // that was sent, where it is of that
}

// Watch is what was seen of a device, and for how long.
type Watch struct {
	MAC         [6]byte
	Device      string // what it is called
	Since, Till time.Time
	Uses        []Use
	More        bool // there was more than Uses hold
}

// Profile is what was learned.
type Profile struct {
	File     []byte // application/mud+json
	Entries  int
	Warnings []string // why it may refuse what is right, or allow what is not
}

// ErrNothing says that nothing was seen that a file could allow.
var ErrNothing = errors.New("nothing that this device did is known yet: use it for a while, then ask again")

// ErrTooMuch says that the device is none that a file can describe.
var ErrTooMuch = fmt.Errorf("it did more than %d kinds of things: such a file is for devices with one purpose, not for phones and computers", maxEntries)

// maxEntries bounds a file: each becomes four entries at most, one of each direction and family, of the 512 that a file
// may have.
const maxEntries = 120

// Learn writes the file. The times are for its date and its warnings.
func Learn(w Watch) (Profile, error) {
	s := sorter{watch: &w, seen: map[line]bool{}, ports: map[call]map[uint16]bool{}}
	for _, u := range w.Uses {
		s.survey(u)
	}
	for _, u := range w.Uses {
		s.take(u)
	}
	switch {
	case len(s.lines) > maxEntries:
		return Profile{}, ErrTooMuch
	case len(s.lines) == 0 && s.usual == 0:
		return Profile{}, ErrNothing
	}
	file, err := s.file()
	if err != nil {
		return Profile{}, err
	}
	return Profile{File: file, Entries: len(s.lines), Warnings: s.warnings()}, nil
}
