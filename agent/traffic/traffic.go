// Package traffic turns the counters of flows into what people look at: rates of endpoints, and of pairs of a
// device and a party on the internet. It is pure: flows and time come in.
package traffic

import (
	"hash/maphash"
	"iter"
	"net/netip"
	"time"

	"spinneret/capture"
	"spinneret/capture/keyed"
	"spinneret/capture/owner"
	"spinneret/capture/packet"
)

const (
	maxEndpoints = 8192 // 60 devices with 136 endpoints each; about 1.4 MB
	maxPairs     = 4096 // 60 devices with 68 parties each; about 400 kB, and no more owners than pairs

	// forget is how long an endpoint or pair without traffic stays: an owner leaves the page after an hour.
	forget = time.Hour
)

// Namer gives the name that a device knows an address by; "" where it has none.
type Namer func(device packet.MAC, addr netip.Addr) (name, source string)

// Owner is a party on the internet. Its ID is kept until the process ends and never used again.
type Owner struct {
	ID     int
	Name   string
	Source owner.Source
}

// Pair is the traffic between a device and an owner, in bytes a second.
type Pair struct {
	Device         packet.MAC
	Owner          int
	TxRate, RxRate int64
	Last           time.Time
}

// Endpoint is one far end of one device: an address with a port. Owner is 0 inside the home.
type Endpoint struct {
	ID             int
	Device         packet.MAC
	Remote         netip.Addr
	Peer           packet.MAC
	Scope          capture.Scope
	Port           uint16
	Name           string
	NameSource     string
	Owner          int
	TxRate, RxRate int64
	First, Last    time.Time
}

// Tracker remembers the last counters, so that each Observe gives rates. One goroutine owns it.
type Tracker struct {
	namer Namer
	at    time.Time
	round uint8 // of Observe, to tell what was not seen again

	seed      maphash.Seed
	flows     keyed.Store[counters] // by the hash of their key
	endpoints *shelves[endpoint]
	pairs     *shelves[pair]
	owners    map[string]*party
	lastID    int
	lastOwner int
	displaced uint64 // owners that went with a pair there was no room for
}

// New makes a Tracker that asks namer for names.
func New(namer Namer) *Tracker {
	t := &Tracker{namer: namer, seed: maphash.MakeSeed(), owners: map[string]*party{}}
	t.endpoints = newShelves(maxEndpoints, func(*endpoint, bool) {})
	t.pairs = newShelves(maxPairs, t.part)
	return t
}

type flowKey struct {
	device             packet.MAC
	deviceAddr, remote netip.Addr
	peer               packet.MAC
	protocol           capture.Protocol
	devicePort, port   uint16
}

// counters are what a flow had carried when it was last seen. A third less room than with the round beside them: there
// may be 16,384.
type counters struct {
	rx         uint64
	txAndRound uint64 // which has the lowest octet
}

func (c *counters) tx() uint64   { return c.txAndRound >> 8 }
func (c *counters) round() uint8 { return uint8(c.txAndRound) }

// Observe takes all flows as they are now, and makes rates of what moved since it last did. Call it or Await once a second.
func (t *Tracker) Observe(now time.Time, flows iter.Seq[*capture.Flow]) {
	took := now.Sub(t.at)
	if t.at.IsZero() || took <= 0 {
		took = time.Second
	}
	t.at = now
	t.Await(now, flows)
	for e := range t.endpoints.all() {
		e.rx.Settle(took)
		e.tx.Settle(took)
	}
	for p := range t.pairs.all() {
		p.rx.Settle(took)
		p.tx.Settle(took)
	}
}

// Await takes all flows at a time when what they carried was not counted anew: rates stay until it is.
func (t *Tracker) Await(now time.Time, flows iter.Seq[*capture.Flow]) {
	t.round++
	for f := range flows {
		t.add(f)
	}
	t.flows.Sweep(func(c *counters) bool { return c.round() != t.round })
	oldest := instantOf(now.Add(-forget))
	t.endpoints.keep(func(e *endpoint) bool { return e.last >= oldest })
	t.pairs.keep(func(p *pair) bool { return p.last >= oldest })
}

// add books what one flow moved since the last round on its endpoint and its pair.
func (t *Tracker) add(f *capture.Flow) {
	if !f.Remote.IsValid() || f.Device.IsZero() {
		return
	}
	rx, tx, moved := t.moved(f)
	t.book(f, rx, tx, moved)
	if f.Scope == capture.ScopeLAN && !f.Peer.IsZero() {
		t.book(mirror(f), tx, rx, moved)
	}
}

// mirror is a flow inside the home as the other device sees it.
func mirror(f *capture.Flow) *capture.Flow {
	return &capture.Flow{
		Device: f.Peer, DeviceAddr: f.Remote, DevicePort: f.RemotePort,
		Peer: f.Device, Remote: f.DeviceAddr, RemotePort: f.DevicePort,
		Protocol: f.Protocol, Scope: f.Scope, Port: f.Port, Out: !f.Out, First: f.First, Last: f.Last,
	}
}

func (t *Tracker) book(f *capture.Flow, rx, tx uint64, moved bool) {
	e := t.endpoint(f, moved)
	if e == nil {
		return
	}
	e.rx.Add(rx)
	e.tx.Add(tx)
	e.last = max(e.last, instantOf(f.Last))
	if f.Scope != capture.ScopeInternet || !moved && e.party != nil {
		return
	}
	p := t.pair(e)
	p.rx.Add(rx)
	p.tx.Add(tx)
	p.last = max(p.last, instantOf(f.Last))
}

// Meet enters with whom a device meant to speak on the internet, though nothing may have passed, and returns the owner.
func (t *Tracker) Meet(f capture.Flow) string {
	e := t.endpoint(&f, true)
	p := t.pair(e)
	last := instantOf(f.Last)
	e.last, p.last = max(e.last, last), max(p.last, last)
	return e.party.Name
}

// moved is what a flow's counters grew by, and whether it is new or they did. Counters that went back belong to a new
// flow on the same tuple.
func (t *Tracker) moved(f *capture.Flow) (rx, tx uint64, moved bool) {
	key := maphash.Comparable(t.seed, flowKey{f.Device, f.DeviceAddr, f.Remote, f.Peer, f.Protocol, f.DevicePort, f.RemotePort})
	c := t.flows.Get(key)
	known := c != nil
	if !known {
		c = t.flows.Add(key)
	}
	rx, tx = f.RxBytes-c.rx, f.TxBytes-c.tx()
	if f.RxBytes < c.rx || f.TxBytes < c.tx() {
		rx, tx = f.RxBytes, f.TxBytes
	}
	*c = counters{f.RxBytes, f.TxBytes<<8 | uint64(t.round)}
	return rx, tx, !known || rx+tx > 0
}

// Forget forgets what a device had with whom, and what others had with it.
func (t *Tracker) Forget(device packet.MAC) {
	t.endpoints.keep(func(e *endpoint) bool { return e.device != device && e.peer != device })
	t.pairs.keep(func(p *pair) bool { return p.device != device })
}
