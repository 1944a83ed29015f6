package capture

import "spinneret/capture/packet"

// AddInside is Add for a frame that passed on a bridge of the home, whose bytes AccountInside tells: it shows who and
// what, and counts nothing.
func (t *Table) AddInside(p *packet.Packet) (from, to packet.MAC) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.seeLocked(&sighting{p: p, inside: true})
}

// AccountInside adds what the bridge counted of one conversation in one direction. p is like any packet of it; its
// Length says nothing. Where conntrack or packets told of the flow before, as where bridged packets pass the IP
// firewall too or the router is member of a group, they go on to: nothing counts twice. Outside of BeginInside
// and EndInside it adds nothing.
func (t *Table) AccountInside(p *packet.Packet, v Volume) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.inside {
		t.seeLocked(&sighting{p: p, inside: true, counts: true, volume: v})
	}
}

// countedBy reports whether the bridge's counters, or else conntrack and packets, are to tell the flow's bytes: the
// first of them to do so keeps it.
func (r *record) countedBy(bridge bool) bool {
	mine, other := elsewhere, bridged
	if bridge {
		mine, other = bridged, elsewhere
	}
	if r.state&other != 0 {
		return false
	}
	r.state |= mine
	return true
}

// BeginInside says that the bridges' counters are told of from now on.
func (t *Table) BeginInside() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.inside = true
}

// EndInside says that the bridges' counters are told of no more: what flows they told of, conntrack and packets may
// tell from now on. A dump that is still being read takes none of them back.
func (t *Table) EndInside() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.inside = false
	for i := range t.records {
		t.records[i].state &^= bridged
	}
}
