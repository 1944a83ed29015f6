package hearsay

import (
	"net/netip"
	"slices"
	"sort"
	"time"

	"spinneret/capture/packet"
)

// Wish is what one device's policy asks for.
type Wish struct {
	Device  packet.MAC
	Names   []string       // as mud.Endpoint has them: "*." before one for all names below
	Servers []netip.Prefix // whose answers count, beside the router's own
	Held    bool           // the device may do no more than its policy says; else it is only watched
}

// Home is what answers depend on beside the wishes.
type Home struct {
	Inside []netip.Prefix // its networks and addresses: never to be opened by a name of the internet
	LAN    []int32        // its interfaces
	// Servers are the devices of the home that have the addresses of servers: by its interfaces nobody else answers.
	Servers map[netip.Addr]packet.MAC
	// Speaks reports whether a device has a connection with an address now. nil: none has.
	Speaks func(packet.MAC, netip.Addr) bool
}

// Wish takes what policies ask for now, and how the home is. Names that nobody asks for any more are forgotten. What a
// device was told of its names before anybody asked for them counts too, as far as it still holds or a connection uses
// it: it returns the names that have more addresses for that.
func (b *Book) Wish(wishes []Wish, home Home, now time.Time) (recalled []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	before, entered := b.wishes, b.entries
	b.wishes, b.home = make(map[packet.MAC]Wish, len(wishes)), home
	b.enterLocked(wishes)
	for _, w := range wishes {
		for _, name := range w.Names {
			known := entered[name] != nil && slices.Contains(before[w.Device].Names, name)
			if b.entries[name] != nil && !known && b.recallLocked(w, name, now) {
				recalled = append(recalled, name)
			}
		}
	}
	return recalled
}

// enterLocked has an entry for each name. Where they are too many, those of devices that are held to them come first, then
// those of who wants few: a device can name any description itself, and is watched only.
func (b *Book) enterLocked(wishes []Wish) {
	wishes = slices.Clone(wishes)
	sort.SliceStable(wishes, func(i, j int) bool {
		if wishes[i].Held != wishes[j].Held {
			return wishes[i].Held
		}
		return len(wishes[i].Names) < len(wishes[j].Names)
	})
	before := b.entries
	b.entries, b.held = map[string]*entry{}, 0
	for _, w := range wishes {
		b.wishes[w.Device] = w
		for _, name := range w.Names {
			if b.entries[name] != nil || len(b.entries) >= maxNames {
				continue
			}
			e := before[name]
			if e == nil {
				e = &entry{at: map[netip.Addr]span{}}
			}
			e.wanted = w.Held
			b.entries[name] = e
			b.held += len(e.at)
		}
	}
}

// recallLocked learns what a device was told earlier of a name, and reports whether that was anything.
func (b *Book) recallLocked(w Wish, name string, now time.Time) (any bool) {
	for _, p := range b.earlier.of[w.Device] {
		if !covers(name, p.name) || !b.countsLocked(w, p.by) {
			continue
		}
		left := p.until.Sub(now)
		if left < least && b.home.Speaks != nil && b.home.Speaks(w.Device, p.addr) {
			left = least + grace
		}
		if left > 0 {
			any = len(b.learnLocked(nil, name, p.addr, left, now)) > 0 || any
		}
	}
	return any
}

// countsLocked reports whether an answer counts that was asked for: the router gave it, or a server that the policy or the
// home names. Whoever else sends one could open what the maker did not; so could a device of the home that sends from a
// server's address.
func (b *Book) countsLocked(w Wish, from by) bool {
	if from.router {
		return true
	}
	inside := slices.Contains(b.home.LAN, from.link)
	station, known := b.home.Servers[from.server]
	return within(w.Servers, from.server) && (!inside || known && station == from.sender)
}
