package hearsay

import (
	"net/netip"
	"slices"
	"time"

	"spinneret/capture"
	"spinneret/capture/names"
	"spinneret/capture/packet"
)

// Limits of what is kept of answers whose names nobody asks for yet.
const (
	maxPast  = 128 // addresses of one device
	maxPasts = 2048
)

// earlier are the answers that devices got lately: a device that is held to a policy from now on goes on with what it was
// told before, and so do its connections.
type earlier struct {
	of      map[packet.MAC][]past // as they came first
	held    int
	evicted uint64
}

// past is an address that a device was told, and by whom.
type past struct {
	name  string
	addr  netip.Addr
	by    by
	until time.Time
}

// by is who gave an answer.
type by struct {
	router bool // itself
	server netip.Addr
	link   int32
	sender packet.MAC
}

func whose(a names.Answer) by {
	if a.Router {
		return by{router: true}
	}
	return by{server: a.Server, link: a.Link, sender: a.Sender}
}

// add takes an answer for whoever may ask for it later.
func (e *earlier) add(a names.Answer, now time.Time) {
	list, from := e.of[a.Device], whose(a)
	for _, h := range a.Hosts {
		until := now.Add(lasts(h.TTL))
		if p := find(list, a.Name, h.Addr, from); p != nil {
			p.until = until
			continue
		}
		if len(list) == maxPast {
			list = slices.Delete(list, 0, maxPast/8)
			e.held -= maxPast / 8
			e.evicted += maxPast / 8
		}
		list = append(list, past{a.Name, h.Addr, from, until})
		e.held++
	}
	if len(list) > 0 {
		e.of[a.Device] = list
	}
	e.makeRoom()
}

// find looks for what a device was told before. It is asked of every address in the home's answers: it copies nothing.
func find(list []past, name string, addr netip.Addr, from by) *past {
	for i := range list {
		if p := &list[i]; p.addr == addr && p.name == name && p.by == from {
			return p
		}
	}
	return nil
}

// makeRoom gives up an eighth at once where all are too many: the oldest quarter of whoever has most. Who asks for names
// without end displaces its own, and one that forges devices theirs.
func (e *earlier) makeRoom() {
	if e.held <= maxPasts {
		return
	}
	for e.held > maxPasts-maxPasts/8 {
		most := 0
		for _, list := range e.of {
			most = max(most, len(list))
		}
		for mac, list := range e.of {
			if len(list) == most && e.held > maxPasts-maxPasts/8 {
				e.drop(mac, (most+3)/4)
			}
		}
	}
}

// drop gives up the oldest of a device.
func (e *earlier) drop(mac packet.MAC, n int) {
	if e.of[mac] = slices.Delete(e.of[mac], 0, n); len(e.of[mac]) == 0 {
		delete(e.of, mac)
	}
	e.held -= n
	e.evicted += uint64(n)
}

func (e *earlier) forget(mac packet.MAC) {
	e.held -= len(e.of[mac])
	delete(e.of, mac)
}

func (e *earlier) store() capture.Store {
	return capture.Store{Name: "addresses that devices were told", Used: e.held, Limit: maxPasts, Evicted: e.evicted}
}
