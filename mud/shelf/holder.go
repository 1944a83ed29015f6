package shelf

import (
	"bytes"
	"slices"
	"sort"
	"strings"
	"time"

	"spinneret/mud"
)

// MAC is a device.
type MAC = [6]byte

// Mode is what is done about what a description does not allow.
type Mode string

// The modes.
const (
	Off     Mode = "off"     // nothing
	Watch   Mode = "watch"   // it is told
	Enforce Mode = "enforce" // it is dropped, and told
)

// Source is who says that a device has a title.
type Source string

// The sources. Only the owner can be believed: any machine in the home can send the others' messages.
const (
	Owner   Source = "owner"
	DHCPv4  Source = "dhcp"
	DHCPv6  Source = "dhcpv6"
	LLDP    Source = "lldp"
	Relayed Source = "relay"   // of DHCP, in another's frame
	Server  Source = "dnsmasq" // of DHCP, as the router's server tells it: which cuts what follows the first =
)

// weak reports whether any word of the device's own frames takes this one's place: it is about the MAC that a DHCP
// message names, not the one that sent it.
func (s Source) weak() bool { return s == Relayed || s == Server }

// tellPause is how long what a device names after what it just named is no news.
const tellPause = time.Hour

// maxDeclined is how many URLs that a device named are remembered as not wanted.
const maxDeclined = 8

// Holder is a device and what it has.
type Holder struct {
	Mode   Mode
	Chosen bool // by the owner
	Strict bool // the description is read by the letter

	Assigned string // key of the title that the owner gave it, "" for none

	Heard   mud.URL // that the device names; zero for none
	HeardBy Source

	// Another URL that it named later: a first one is never replaced unasked, but where Trial is set and the file at the
	// new URL turns out to be from the same signer.
	Proposed   mud.URL
	ProposedBy Source
	Trial      bool

	Declined []string    // what the owner did not want
	Told     time.Time   // when the last news of it was told: one that names many URLs is told of once in a while
	First    []time.Time // when it named each new URL of the last day
}

// key is that of the title that the device is held to, "" where it has none.
func (h *Holder) key() string {
	switch {
	case h.Assigned != "":
		return h.Assigned
	case h.Heard != mud.URL{}:
		return h.Heard.Key()
	}
	return ""
}

// Source is who says that the device has what it is held to.
func (h *Holder) Source() Source {
	if h.Assigned != "" {
		return Owner
	}
	return h.HeardBy
}

// Holders lists the devices that have a title, or name one.
func (s *Shelf) Holders() (list []MAC) {
	for mac, h := range s.holders {
		if h.key() != "" {
			list = append(list, mac)
		}
	}
	return list
}

// HoldersOf lists the devices that are held to a title, or may be soon, in order.
func (s *Shelf) HoldersOf(key string) (list []MAC) {
	for mac, h := range s.holders {
		if h.key() == key || h.Proposed.Key() == key {
			list = append(list, mac)
		}
	}
	sort.Slice(list, func(i, j int) bool { return bytes.Compare(list[i][:], list[j][:]) < 0 })
	return list
}

// Holder is what is known of a device; false where nothing is.
func (s *Shelf) Holder(mac MAC) (Holder, bool) {
	h := s.holders[mac]
	if h == nil {
		return Holder{}, false
	}
	return *h, true
}

// Holds gives the title that a device is held to, nil where it has none yet.
func (s *Shelf) Holds(mac MAC) *Title {
	h := s.holders[mac]
	if h == nil {
		return nil
	}
	return s.titles[h.key()]
}

// Policy is what a device may do; false where it has no description in force.
func (s *Shelf) Policy(mac MAC) (mud.Policy, bool) {
	h := s.holders[mac]
	if h == nil {
		return mud.Policy{}, false
	}
	return s.titles[h.key()].Policy(h.Strict)
}

// Hear takes a URL that a device named, and reports whether that is news. It may be said as often as it is heard.
func (s *Shelf) Hear(mac MAC, u mud.URL, by Source, now time.Time) (news bool) {
	h := s.holders[mac]
	switch {
	case h == nil && len(s.holders) >= MaxHolders && !s.forget(func(o *Holder) bool { return s.titles[o.key()].known() }):
		s.evicted++
		return false
	case h == nil:
		h = &Holder{Mode: Watch}
		s.holders[mac] = h
	}
	switch {
	case h.Heard == u:
		if h.HeardBy.weak() {
			h.HeardBy = by
		}
	case h.Heard == mud.URL{}, h.HeardBy.weak() && !by.weak() && !h.Chosen:
		h.Heard, h.HeardBy, news = u, by, true
		s.changed()
	case by.weak() || h.Proposed == u || slices.Contains(h.Declined, u.String()):
	default:
		h.Proposed, h.ProposedBy = u, by
		h.Trial = s.mayTry(h)
		if news = now.Sub(h.Told).Abs() >= tellPause; news {
			h.Told = now
		}
		s.revision++
	}
	s.take(h, now)
	return news
}

// mayTry says whether a new URL may be looked at unasked: it differs in its last part only, as a maker's URL does after
// an update of the device, and the old one is signed.
func (s *Shelf) mayTry(h *Holder) bool {
	old := s.titles[h.Heard.Key()]
	return old != nil && old.Pin != nil && base(h.Heard) == base(h.Proposed)
}

func base(u mud.URL) string {
	text, _, _ := strings.Cut(u.String(), "?")
	return text[:strings.LastIndexByte(text, '/')]
}

// take puts what a device names on the shelf, as far as it may.
func (s *Shelf) take(h *Holder, now time.Time) {
	if h.Mode == Off || h.Assigned != "" {
		return
	}
	s.admit(h, h.Heard, now)
	if h.Trial {
		s.admit(h, h.Proposed, now)
	}
}

// Admit takes once more what there was no room or no allowance for when it was named, and forgets devices that are known
// no more and of which the owner said nothing.
func (s *Shelf) Admit(now time.Time, known func(MAC) bool) {
	for mac, h := range s.holders {
		if !h.said() && !known(mac) {
			delete(s.holders, mac)
			s.changed()
		}
	}
	for _, h := range s.holders {
		s.take(h, now)
	}
}

// admit makes a title of a URL that a device named. A flood of made-up MACs and URLs makes only so many a day.
func (s *Shelf) admit(h *Holder, u mud.URL, now time.Time) {
	if u == (mud.URL{}) || s.titles[u.Key()] != nil {
		return
	}
	h.First, s.first = within(h.First, now), within(s.first, now)
	if len(h.First) >= perDevice || len(s.first) >= perDay || s.add(u.Key(), &Title{URL: u}) != nil {
		return
	}
	h.First, s.first = append(h.First, now), append(s.first, now)
}

// within are the times of the last day.
func within(times []time.Time, now time.Time) []time.Time {
	return slices.DeleteFunc(times, func(t time.Time) bool { return now.Sub(t).Abs() >= day })
}
