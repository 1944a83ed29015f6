// Package breach groups what makers' descriptions do not allow and devices did all the same, so that it can be told in
// few words. It is pure: packets that the firewall logged come in with their time, sentences come out.
package breach

import (
	"bytes"
	"cmp"
	"net/netip"
	"slices"
	"sort"
	"strings"
	"time"

	"spinneret/capture"
	"spinneret/capture/packet"
)

// Limits of a Book. A device that scans fills its own part only.
const (
	maxAll    = 1024
	maxDevice = 64
)

// How often one device is told of: each kind of breach again after an hour, and so many kinds an hour.
const (
	tellAgain = time.Hour
	maxTold   = 6
)

// Kind is what is told as one: a device, the other side, and what was called there or here.
type Kind struct {
	Device   packet.MAC
	Out      bool   // it was the device that sent
	Party    string // the remote's name, or its address
	Protocol capture.Protocol
	Port     uint16 // to which it was sent; 0 in protocols without ports
}

// Packet is one that a profile did not allow.
type Packet struct {
	Kind
	Remote netip.Addr
	Inside bool       // the remote is in the home
	Owner  string     // the party behind a remote on the internet
	Peer   packet.MAC // the device behind one in the home
	Passed bool       // it went through: the profile is only watched
	At     time.Time
}

// Breach is what was seen of one kind.
type Breach struct {
	Packet  // the latest
	First   time.Time
	Packets uint64 // that were logged, which is some of them
	Told    time.Time
}

// Book keeps breaches. It has no lock: one goroutine owns it.
type Book struct {
	kinds   map[Kind]*Breach
	told    map[packet.MAC]hour
	evicted uint64
}

// hour is what was told of a device since a time.
type hour struct {
	since        time.Time
	told, untold int
}

// NewBook makes an empty book.
func NewBook() *Book { return &Book{kinds: map[Kind]*Breach{}, told: map[packet.MAC]hour{}} }

// Note is what is worth telling of a packet.
type Note int

// The notes.
const (
	Nothing Note = iota // it was told, or there is too much of it
	Tell                // this breach is to be told
	Flood               // there is too much of it, and that is to be told, once an hour
)

// Add enters a packet, and says what to tell.
func (b *Book) Add(p Packet) (Breach, Note) {
	e := b.kinds[p.Kind]
	if e == nil {
		b.makeRoom(p.Device)
		e = &Breach{First: p.At}
		b.kinds[p.Kind] = e
	}
	e.Packet = p
	e.Packets++
	if !e.Told.IsZero() && p.At.Sub(e.Told) < tellAgain {
		return *e, Nothing
	}
	e.Told = p.At
	return *e, b.note(p)
}

// note counts what is told of a device in an hour.
func (b *Book) note(p Packet) Note {
	t, known := b.told[p.Device]
	if !known || p.At.Sub(t.since) >= tellAgain {
		if len(b.told) >= maxAll {
			clear(b.told)
		}
		t = hour{since: p.At}
	}
	defer func() { b.told[p.Device] = t }()
	if t.told < maxTold {
		t.told++
		return Tell
	}
	if t.untold++; t.untold == 1 {
		return Flood
	}
	return Nothing
}

// makeRoom gives up what happened longest ago: of the device itself, or of the one that has the most.
func (b *Book) makeRoom(mac packet.MAC) {
	count := map[packet.MAC]int{}
	for k := range b.kinds {
		count[k.Device]++
	}
	if count[mac] < maxDevice {
		if len(b.kinds) < maxAll {
			return
		}
		for other, n := range count {
			if n > count[mac] {
				mac = other
			}
		}
	}
	var oldest *Breach
	for k, e := range b.kinds {
		if k.Device == mac && (oldest == nil || e.At.Before(oldest.At)) {
			oldest = e
		}
	}
	delete(b.kinds, oldest.Kind)
	b.evicted++
}

// Of lists the breaches of a device, the latest first.
func (b *Book) Of(mac packet.MAC) (list []Breach) {
	for k, e := range b.kinds {
		if k.Device == mac {
			list = append(list, *e)
		}
	}
	sort.Slice(list, func(i, j int) bool { return list[i].At.After(list[j].At) })
	return list
}

// Party is with whom a device did what its description does not allow: the party on the internet, or the device.
type Party struct {
	Owner string
	Peer  packet.MAC
}

// maxParties is how many parties of a device are listed.
const maxParties = 20

// Parties lists the latest ones of a device since a time, in order.
func (b *Book) Parties(mac packet.MAC, since time.Time) (list []Party) {
	for _, e := range b.Of(mac) {
		p := Party{e.Owner, e.Peer}
		if e.At.Before(since) || len(list) == maxParties {
			break
		}
		if p != (Party{}) && !slices.Contains(list, p) {
			list = append(list, p)
		}
	}
	sort.Slice(list, func(i, j int) bool {
		p, q := list[i], list[j]
		return cmp.Or(strings.Compare(p.Owner, q.Owner), bytes.Compare(p.Peer[:], q.Peer[:])) < 0
	})
	return list
}

// Forget drops what is known of a device: it has another description now, or none.
func (b *Book) Forget(mac packet.MAC) {
	for k := range b.kinds {
		if k.Device == mac {
			delete(b.kinds, k)
		}
	}
	delete(b.told, mac)
}

// Erase drops what is known of a device, also that others had to do with it.
func (b *Book) Erase(mac packet.MAC) {
	b.Forget(mac)
	for k, e := range b.kinds {
		if e.Peer == mac {
			delete(b.kinds, k)
		}
	}
}

// Jump moves the times that a clock gave before it was set.
func (b *Book) Jump(j capture.Jump) {
	for _, e := range b.kinds {
		e.At, e.First, e.Told = j.Moved(e.At), j.Moved(e.First), j.Moved(e.Told)
	}
}

// Stores tells how full the book is.
func (b *Book) Stores() []capture.Store {
	return []capture.Store{{Name: "violations", Used: len(b.kinds), Limit: maxAll, Evicted: b.evicted}}
}
