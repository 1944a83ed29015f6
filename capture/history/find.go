package history

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"spinneret/capture"
	"spinneret/capture/packet"
)

// Query says which flows to find. What is zero or not valid leaves nothing out.
type Query struct {
	Device   packet.MAC   // at either end
	From, To time.Time    // flows that were alive between the two, both included
	Remote   netip.Prefix // IPv4 never mapped
	Port     uint16       // destination port of the first packet, or the remote's
	Protocol capture.Protocol

	// Outside is the address by which the remote knew the device, and the port if it is not 0.
	Outside netip.AddrPort

	Limit int // flows at most, 0 for DefaultLimit
}

// DefaultLimit and MaxLimit bound an answer.
const (
	DefaultLimit = 1000
	MaxLimit     = 10000
)

// hit is a flow that was found, by when it was last alive.
type hit struct {
	last int64
	at   int32
}

// Find returns the flows of a query, those alive last first, and whether there are more than its limit.
func (s *Store) Find(q Query) (flows []Flow, more bool) {
	f, ok := s.filter(&q)
	if !ok {
		return nil, false
	}
	limit := DefaultLimit
	if q.Limit > 0 {
		limit = min(q.Limit, MaxLimit)
	}
	hits := s.search(&f, limit+1)
	if more = len(hits) > limit; more {
		hits = hits[:limit]
	}
	flows = make([]Flow, 0, len(hits))
	for _, h := range hits {
		flows = append(flows, s.unpack(s.flows.at(int(h.at))))
	}
	return flows, more
}

// search collects the first hits in the order of the answer. It sorts only where there are twice too many, and
// keeps a flow out that cannot be among the first any more.
func (s *Store) search(f *filter, limit int) []hit {
	var hits []hit
	least := int64(-1 << 63)
	for i := s.flows.len() - 1; i >= 0; i-- {
		r := s.flows.at(i)
		if !f.match(r) || r.last() < least {
			continue
		}
		hits = append(hits, hit{r.last(), int32(i)})
		if len(hits) == 2*limit {
			hits = first(hits, limit)
			least = hits[limit-1].last
		}
	}
	return first(hits, limit)
}

func first(hits []hit, limit int) []hit {
	slices.SortFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(b.last, a.last), cmp.Compare(b.at, a.at))
	})
	return hits[:min(limit, len(hits))]
}

// filter is a Query in the numbers of a Store.
type filter struct {
	from, to    int64
	device      uint16 // 0: any
	port        uint16
	protocol    capture.Protocol
	outside     uint32
	outsidePort uint16
	remote      []bool // by address; nil: any
}

// filter is false where nothing can match.
func (s *Store) filter(q *Query) (f filter, ok bool) {
	f = filter{from: -1 << 63, to: 1<<63 - 1, port: q.Port, protocol: q.Protocol, outsidePort: q.Outside.Port()}
	if !q.From.IsZero() {
		f.from = q.From.UnixMilli()
	}
	if !q.To.IsZero() {
		f.to = q.To.UnixMilli()
	}
	device, known := s.macs.find(mac(q.Device))
	outside, had := s.addrs.find(addrOf(q.Outside.Addr()))
	if !known || !had {
		return f, false
	}
	f.device, f.outside = uint16(device), outside
	if q.Remote.IsValid() {
		f.remote = s.within(q.Remote)
	}
	return f, true
}

// within marks the addresses of a prefix, each once instead of for each flow.
func (s *Store) within(p netip.Prefix) []bool {
	s.matched = slices.Grow(s.matched[:0], len(s.addrs.entries))[:len(s.addrs.entries)]
	for i := range s.addrs.entries {
		s.matched[i] = i > 0 && p.Contains(s.addrs.entries[i].value.netip())
	}
	return s.matched
}

func (f *filter) match(r *record) bool {
	switch {
	case r.last() < f.from || r.first > f.to,
		f.device != 0 && r.device != f.device && r.peer != f.device,
		f.remote != nil && !f.remote[r.far],
		f.port != 0 && r.port() != f.port && (r.flags&noIP != 0 || r.farPort != f.port),
		f.protocol != 0 && r.protocol() != f.protocol,
		f.outside != 0 && (r.outside != f.outside || f.outsidePort != 0 && r.outsidePort != f.outsidePort):
		return false
	}
	return true
}
