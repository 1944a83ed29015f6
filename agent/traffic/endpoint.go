package traffic

import (
	"cmp"
	"slices"

	"spinneret/capture"
	"spinneret/capture/owner"
	"spinneret/capture/packet"
)

type endpoint struct {
	Endpoint
	party  *Owner // nil inside the home
	rx, tx Rate
}

type pair struct {
	Pair
	rx, tx Rate
}

// endpoint finds or makes the endpoint of a flow.
func (t *Tracker) endpoint(f *capture.Flow) *endpoint {
	key := endpointKey{f.Device, f.Remote, f.RemotePort}
	if f.Out {
		key.port = f.Port
	} else {
		key.port = 0 // who knocks comes from any port: one row, not thousands
	}
	e := t.endpoints[key]
	if e == nil {
		if len(t.endpoints) >= maxEndpoints {
			t.evict()
		}
		t.lastID++
		e = &endpoint{Endpoint: Endpoint{
			ID: t.lastID, Device: f.Device, Remote: f.Remote, Peer: f.Peer,
			Scope: f.Scope, Port: f.Port, First: f.First, Last: f.Last,
		}}
		t.endpoints[key] = e
	}
	if e.NameSource == "" {
		e.Name, e.NameSource = t.namer(f.Device, f.Remote)
		if f.Scope == capture.ScopeInternet {
			e.party = t.party(e)
		}
	}
	if e.party != nil {
		e.Owner = e.party.ID
		e.party.last = later(e.party.last, f.Last)
	}
	return e
}

// party finds or makes the owner of an endpoint; nil where there are too many.
func (t *Tracker) party(e *endpoint) *Owner {
	name, source := owner.Of(e.Name, e.Remote)
	o := t.owners[name]
	if o == nil {
		if len(t.owners) >= maxOwners {
			t.refused++
			return nil
		}
		t.lastOwner++
		o = &Owner{ID: t.lastOwner, Name: name, Source: source, last: e.Last}
		t.owners[name] = o
	}
	return o
}

func (t *Tracker) pair(device packet.MAC, owner int) *pair {
	key := pairKey{device, owner}
	p := t.pairs[key]
	if p == nil {
		p = &pair{Pair: Pair{Device: device, Owner: owner}}
		t.pairs[key] = p
	}
	return p
}

// evict makes room by forgetting the quarter of the endpoints that were silent longest.
func (t *Tracker) evict() {
	oldest := make([]endpointKey, 0, len(t.endpoints))
	for key := range t.endpoints {
		oldest = append(oldest, key)
	}
	slices.SortFunc(oldest, func(a, b endpointKey) int {
		return t.endpoints[a].Last.Compare(t.endpoints[b].Last)
	})
	for _, key := range oldest[:len(oldest)/4] {
		delete(t.endpoints, key)
		t.evicted++
	}
}

// Owners lists the parties that were spoken to within the last hour, by ID.
func (t *Tracker) Owners() []Owner {
	owners := make([]Owner, 0, len(t.owners))
	for _, o := range t.owners {
		owners = append(owners, *o)
	}
	slices.SortFunc(owners, func(a, b Owner) int { return cmp.Compare(a.ID, b.ID) })
	return owners
}

// Pairs lists who spoke to whom within the last hour, in no order.
func (t *Tracker) Pairs() []Pair {
	pairs := make([]Pair, 0, len(t.pairs))
	for _, p := range t.pairs {
		pairs = append(pairs, p.Pair)
	}
	return pairs
}

// Focus lists the endpoints of one device, busiest first, then most recent: at most limit, and how many more there are.
func (t *Tracker) Focus(device packet.MAC, limit int) (rows []Endpoint, more int) {
	for _, e := range t.endpoints {
		if e.Device == device {
			rows = append(rows, e.Endpoint)
		}
	}
	slices.SortFunc(rows, func(a, b Endpoint) int {
		return cmp.Or(cmp.Compare(b.RxRate+b.TxRate, a.RxRate+a.TxRate), b.Last.Compare(a.Last), cmp.Compare(a.ID, b.ID))
	})
	if len(rows) > limit {
		return rows[:limit], len(rows) - limit
	}
	return rows, 0
}

// Stores tells how full the tracker is.
func (t *Tracker) Stores() []capture.Store {
	return []capture.Store{
		{Name: "endpoints", Used: len(t.endpoints), Limit: maxEndpoints, Evicted: t.evicted},
		{Name: "owners", Used: len(t.owners), Limit: maxOwners, Evicted: t.refused},
	}
}
