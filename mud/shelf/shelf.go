// Package shelf is the life of makers' descriptions in a home: which one each device has, when to look for a newer one,
// and what waits for the owner. It is pure: the time, chance, and what a server gave are told to it.
package shelf

import (
	"errors"
	"time"

	"spinneret/mud"
)

// Bounds of a shelf. Flash does not fill: what a device names costs room once, and what nobody has goes first.
const (
	MaxTitles  = 64
	MaxOctets  = 4 << 20 // of all copies, without white space
	MaxHolders = 256

	perDevice = 3  // new URLs that one device may have looked up in a day
	perDay    = 32 // new URLs that all devices together may
	day       = 24 * time.Hour
)

// ErrFull is why a file was not taken.
var ErrFull = errors.New("there is no room for more makers' descriptions: remove those that are not needed")

// Title is one description, by whatever copies of it there are.
type Title struct {
	URL mud.URL
	Own bool // the owner gave it as a file: there is no server to ask

	Current *Copy // in force; nil where there is none
	Waiting *Copy // newer, and held until the owner agrees; nil where there is none

	Pin      *Pin            // who signed first; nil where nobody has
	Newest   time.Time       // the latest last-update that was in force: an older file is a step back
	Agreed   map[string]bool // entries that the owner agreed to, by mud.ACE.Key
	Declined string          // digest of the copy that the owner did not want

	Check
	policy [2]*mud.Policy // made of Current and Agreed; the second by the letter
	lost   [2]*Copy       // those that could not be read back in the places of Current and Waiting, until there is an answer
	reach  bool           // a fetch is under way
}

// Shelf holds the titles and who has which. It has no lock: one goroutine owns it.
type Shelf struct {
	jitter  func() float64 // of [0, 1)
	titles  map[string]*Title
	holders map[MAC]*Holder
	first   []time.Time // when each new URL of the last day was taken
	awake   bool        // Due was called

	evicted  uint64
	changes  uint64 // of what devices are held to
	revision uint64 // of anything
}

// New makes an empty shelf. jitter gives chance from [0, 1), so that homes do not all ask a maker's server at once.
func New(jitter func() float64) *Shelf {
	return &Shelf{jitter: jitter, titles: map[string]*Title{}, holders: map[MAC]*Holder{}}
}

// Changes counts what changed a policy, a mode, or what a device has.
func (s *Shelf) Changes() uint64 { return s.changes }

// Revision counts what changed at all.
func (s *Shelf) Revision() uint64 { return s.revision }

func (s *Shelf) changed() {
	s.changes++
	s.revision++
}

// Title is the one with a key, nil where there is none.
func (s *Shelf) Title(key string) *Title { return s.titles[key] }

// Full tells how many titles there are, and how many had to go.
func (s *Shelf) Full() (titles, holders int, evicted uint64) {
	return len(s.titles), len(s.holders), s.evicted
}

// Policy is what a title allows; false where no copy of it is in force. strict reads it by the letter (see mud.Compile).
func (t *Title) Policy(strict bool) (mud.Policy, bool) {
	if t == nil || t.Current == nil {
		return mud.Policy{}, false
	}
	made := &t.policy[0]
	if strict {
		made = &t.policy[1]
	}
	if *made == nil {
		p := t.Current.file.Compile(strict).Agree(func(key string) bool { return t.Own || t.Agreed[key] })
		*made = &p
	}
	return **made, true
}

// known says whether any copy of a title was ever received, and be it lost since.
func (t *Title) known() bool {
	return t != nil && (t.Current != nil || t.Waiting != nil || t.lost != [2]*Copy{})
}

// add puts a new title on the shelf, where there is room.
func (s *Shelf) add(key string, t *Title) error {
	for len(s.titles) >= MaxTitles {
		if !s.evict() {
			return ErrFull
		}
	}
	s.titles[key] = t
	s.revision++
	return nil
}

// room makes room for the octets of one more copy.
func (s *Shelf) room(c *Copy) error {
	for {
		sum := len(c.Octets)
		for _, t := range s.titles {
			sum += t.Current.size() + t.Waiting.size()
		}
		if sum <= MaxOctets {
			return nil
		}
		if !s.evict() {
			return ErrFull
		}
	}
}

// evict removes the title that nobody has for longest, else one that only devices name and that could never be got: made-up
// URLs leave room for those that are none.
func (s *Shelf) evict() bool {
	oldest := s.oldest(func(key string, _ *Title) bool { return !s.wanted(key) })
	if oldest == "" {
		oldest = s.oldest(func(key string, t *Title) bool { return t.Failures > 0 && !t.known() && !s.assigned(key) })
	}
	if oldest == "" {
		return false
	}
	delete(s.titles, oldest)
	s.evicted++
	s.revision++
	return true
}

// oldest is the key of the title that was asked for longest ago of those that may go, "" for none.
func (s *Shelf) oldest(mayGo func(string, *Title) bool) (oldest string) {
	for key, t := range s.titles {
		if mayGo(key, t) && (oldest == "" || t.Asked.Before(s.titles[oldest].Asked)) {
			oldest = key
		}
	}
	return oldest
}

// wanted says whether some device has a title, or names it.
func (s *Shelf) wanted(key string) bool {
	for _, h := range s.holders {
		if h.Assigned == key || h.Heard.Key() == key || h.Proposed.Key() == key {
			return true
		}
	}
	return false
}
