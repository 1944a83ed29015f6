package capture

// open begins a flow with the packet s, or takes over the flow that had no device so far.
func (t *Table) open(s *sighting) {
	sourceBegan := s.sourceBegan()
	near, far, sent := s.from, s.to, true
	if near.kind != station || far.kind == station && !t.isSourceNear(s, sourceBegan) {
		near, far, sent = s.to, s.from, false
	}
	if near.kind != station {
		return
	}
	k := s.inKey(near.mac)
	if sent {
		k = s.outKey(near.mac)
	}
	i, ok := t.adopt(k, near, s.now)
	if !ok {
		i = t.add(k, near, s.now)
		t.describe(&t.records[i], far, s, sent == sourceBegan)
	}
	t.count(i, s, sent)
}

// isSourceNear decides which of two devices a flow belongs to: the one that began. In a capture file, though,
// one of them may be a gateway that nobody told us of: then it is the one that speaks for itself, from an
// address of the home.
func (t *Table) isSourceNear(s *sighting, sourceBegan bool) bool {
	if len(t.ground.interfaces) == 0 && s.p.IsIP() {
		if home := t.ground.isHome(s.p.Src); home != t.ground.isHome(s.p.Dst) {
			return home
		}
	}
	return sourceBegan
}

// describe fills in what stays as the first packet had it.
func (t *Table) describe(r *record, far party, s *sighting, deviceBegan bool) {
	if deviceBegan {
		r.state |= began
	}
	r.port = s.dstPort
	if !s.sourceBegan() {
		r.port = s.srcPort
	}
	r.far = far.kind
	r.scope = t.scope(far.kind, r.key.addr(r.key.far))
	r.peer, r.other = far.mac, far.slot
	if far.kind != station && far == s.to {
		r.peer = s.p.DstMAC // so that countFar need not ask who that is
	}
}

// add puts a new record in the index and at the head of its device's list.
func (t *Table) add(k key, near party, now int64) int32 {
	if t.index.used >= t.limits.Flows {
		t.evictFlow(near.slot)
	}
	i := t.newRecord()
	t.records[i] = record{
		key: k, near: near.slot, source: near.source, state: live, first: now, last: now, moved: now,
	}
	t.index.add(t.records, i)
	t.note(i)
	t.link(i)
	return i
}

func (t *Table) newRecord() int32 {
	if n := len(t.free); n > 0 {
		i := t.free[n-1]
		t.free = t.free[:n-1]
		return i
	}
	t.records = append(t.records, record{})
	return int32(len(t.records) - 1)
}
