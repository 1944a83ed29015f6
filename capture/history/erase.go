package history

import "spinneret/capture/packet"

// Erase takes out what is kept of a device: its flows, those of others with it, and its sums. What others had with it
// stays in their own sums, which do not say with whom.
func (s *Store) Erase(device packet.MAC) {
	id, known := s.macs.find(mac(device))
	if !known || id == 0 {
		return
	}
	for _, k := range s.sums.keys(func(k *sumKey) bool { return uint32(k.device) == id }) {
		s.sums.take(s, k)
	}
	s.flows.filter(func(r *record) bool {
		if uint32(r.device) != id && uint32(r.peer) != id {
			return true
		}
		s.unref(r)
		return false
	})
}

// filter keeps the records that keep wants, in their order.
func (r *ring) filter(keep func(*record) bool) {
	n := 0
	for i := range r.size {
		from := r.at(i)
		if !keep(from) {
			continue
		}
		if n < i {
			*r.at(n) = *from
		}
		n++
	}
	r.size = n
	needed := (r.head + n + chunk - 1) / chunk
	clear(r.chunks[needed:])
	r.chunks = r.chunks[:needed]
}

// Page returns up to limit flows of a device, oldest first by the order of Add, from a number on, and the number to go on
// from: 0 at the end. What goes into the sums between two pages is left out of the second.
func (s *Store) Page(device packet.MAC, from uint64, limit int) (flows []Flow, next uint64) {
	id, known := s.macs.find(mac(device))
	if !known || id == 0 {
		return nil, 0
	}
	for i := max(from, s.folded) - s.folded; i < uint64(s.flows.len()); i++ {
		r := s.flows.at(int(i))
		if uint32(r.device) != id && uint32(r.peer) != id {
			continue
		}
		if len(flows) == limit {
			return flows, s.folded + i
		}
		flows = append(flows, s.unpack(r))
	}
	return flows, 0
}
