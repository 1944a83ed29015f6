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
	of      map[packet.MAC][]past // the latest last
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
	for _, h := range a.Hosts {
		x := past{name: a.Name, addr: h.Addr, by: whose(a)}
		list := e.of[a.Device]
		n := len(list)
		list = slices.DeleteFunc(list, func(y past) bool { return y.name == x.name && y.addr == x.addr && y.by == x.by })
		x.until = now.Add(lasts(h.TTL))
		e.of[a.Device] = append(list, x)
		e.held += len(list) + 1 - n
		if len(list) == maxPast {
			e.drop(a.Device, 1)
		}
	}
	e.makeRoom()
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
