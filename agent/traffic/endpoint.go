package traffic

import (
	"cmp"
	"hash/maphash"
	"iter"
	"net/netip"
	"sort"

	"spinneret/capture"
	"spinneret/capture/owner"
	"spinneret/capture/packet"
)

type endpointKey struct {
	device packet.MAC
	remote netip.Addr
	port   uint16
}

type endpoint struct {
	id               int
	device, peer     packet.MAC
	port             uint16
	scope            capture.Scope
	remote           netip.Addr
	name, nameSource string
	party            *party // nil inside the home, and where it is not known yet
	rx, tx           Rate
	first, last      instant
}

type pairKey struct {
	device packet.MAC
	owner  int
}

type pair struct {
	device packet.MAC
	party  *party
	rx, tx Rate
	last   instant
}

// party is an owner with the number of its pairs: it goes with the last of them.
type party struct {
	Owner
	pairs int
}

// endpoint finds the endpoint of a flow. Where there is none it makes one if the flow moved, else it is nil: flows
// that lie idle must not push out what is in use, each second again.
func (t *Tracker) endpoint(f *capture.Flow, moved bool) *endpoint {
	key := endpointKey{device: f.Device, remote: f.Remote}
	if f.Out {
		key.port = f.Port // who knocks comes from any port: one row, not thousands
	}
	hash := maphash.Comparable(t.seed, key)
	e := t.endpoints.get(hash, moved)
	if e == nil && !moved {
		return nil
	}
	if e == nil {
		t.lastID++
		e = t.endpoints.put(f.Device, hash, endpoint{
			id: t.lastID, device: f.Device, remote: f.Remote, peer: f.Peer,
			scope: f.Scope, port: f.Port, first: instantOf(f.First), last: instantOf(f.Last),
		})
	}
	if e.nameSource == "" {
		if e.name, e.nameSource = t.namer(f.Device, f.Remote); e.nameSource != "" {
			e.party = nil // the name may tell another
		}
	}
	return e
}

// pair finds or makes the pair of an endpoint that moved something, and its party with it.
func (t *Tracker) pair(e *endpoint) *pair {
	if e.party == nil || e.party.pairs == 0 {
		e.party = t.party(e)
	}
	hash := maphash.Comparable(t.seed, pairKey{e.device, e.party.ID})
	p := t.pairs.get(hash, true)
	if p == nil {
		e.party.pairs++ // before there is room made, which may end the last other pair of the party
		p = t.pairs.put(e.device, hash, pair{device: e.device, party: e.party})
	}
	return p
}

func (t *Tracker) party(e *endpoint) *party {
	name, source := owner.Of(e.name, e.remote)
	o := t.owners[name]
	if o == nil {
		t.lastOwner++
		o = &party{Owner: Owner{ID: t.lastOwner, Name: name, Source: source}}
		t.owners[name] = o
	}
	return o
}

// part forgets the party of a pair that was its last.
func (t *Tracker) part(p *pair, displaced bool) {
	if p.party.pairs--; p.party.pairs > 0 {
		return
	}
	delete(t.owners, p.party.Name)
	if displaced {
		t.displaced++
	}
}

// Owners gives the parties that were spoken to within the last hour, in no order.
func (t *Tracker) Owners() iter.Seq[Owner] {
	return func(yield func(Owner) bool) {
		for _, o := range t.owners {
			if !yield(o.Owner) {
				return
			}
		}
	}
}

// Pairs gives who spoke to whom within the last hour, in no order.
func (t *Tracker) Pairs() iter.Seq[Pair] {
	return func(yield func(Pair) bool) {
		for p := range t.pairs.all() {
			if !yield(p.shown()) {
				return
			}
		}
	}
}

// Focus lists the endpoints of one device, busiest first, then most recent: at most limit, and how many more there are.
func (t *Tracker) Focus(device packet.MAC, limit int) (rows []Endpoint, more int) {
	for e := range t.endpoints.of(device) {
		rows = append(rows, e.shown())
	}
	sort.Slice(rows, func(i, j int) bool {
		a, b := &rows[i], &rows[j]
		return cmp.Or(cmp.Compare(b.RxRate+b.TxRate, a.RxRate+a.TxRate), b.Last.Compare(a.Last), cmp.Compare(a.ID, b.ID)) < 0
	})
	if len(rows) > limit {
		return rows[:limit], len(rows) - limit
	}
	return rows, 0
}

func (p *pair) shown() Pair {
	return Pair{Device: p.device, Owner: p.party.ID, TxRate: p.tx.PerSecond(), RxRate: p.rx.PerSecond(), Last: p.last.time()}
}

func (e *endpoint) shown() Endpoint {
	row := Endpoint{
		ID: e.id, Device: e.device, Remote: e.remote, Peer: e.peer, Scope: e.scope, Port: e.port, Name: e.name, NameSource: e.nameSource,
		TxRate: e.tx.PerSecond(), RxRate: e.rx.PerSecond(), First: e.first.time(), Last: e.last.time(),
	}
	if e.party != nil && e.party.pairs > 0 {
		row.Owner = e.party.ID
	}
	return row
}

// Stores tells how full the tracker is.
func (t *Tracker) Stores() []capture.Store {
	return []capture.Store{
		{Name: "endpoints", Used: t.endpoints.used(), Limit: maxEndpoints, Evicted: t.endpoints.evicted},
		{Name: "pairs", Used: t.pairs.used(), Limit: maxPairs, Evicted: t.pairs.evicted},
		{Name: "owners", Used: len(t.owners), Limit: maxPairs, Evicted: t.displaced},
	}
}
