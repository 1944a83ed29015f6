package capture

import (
	"net/netip"
	"sync"

	"spinneret/capture/packet"
)

// Limits bound a Table. Both are at least 2: a conversation has two ends.
type Limits struct {
	Flows   int
	Devices int
}

// Table holds the flows and devices of a home. Any goroutine may call it; the packet path is Add, which takes
// one mutex and allocates only where a flow or device is new.
type Table struct {
	limits Limits
	newC   chan struct{}

	mu     sync.Mutex
	ground ground

	index   map[key]int32
	records []record
	free    []int32 // records not in use

	byMAC   map[uint64]int32
	devices []device
	held    []int32 // flows that each device has, by slot: apart from devices, because eviction scans it
	spare   []int32 // slots not in use
	owners  map[netip.Addr]int32

	fragments fragments

	evictedFlows, evictedDevices uint64
	impossible                   uint64 // frames whose source MAC is a group's
}

// NewTable makes an empty table for a home of which nothing is known yet.
func NewTable(l Limits) *Table {
	t := &Table{
		limits: Limits{Flows: max(l.Flows, 2), Devices: max(l.Devices, 2)},
		newC:   make(chan struct{}, 1),
		index:  map[key]int32{},
		byMAC:  map[uint64]int32{},
		owners: map[netip.Addr]int32{},
	}
	t.addSlot(packet.MAC{}) // nobody
	return t
}

// Add counts one packet. It returns the devices at its two ends, zero where an end is no device or its MAC is
// not known.
//
// The device of a flow is its home side. Between two devices it is the one that began, and both devices' sums
// count. What no device has part in (the router's own traffic with the internet or with a group) is no flow.
func (t *Table) Add(p *packet.Packet) (from, to packet.MAC) {
	s := sighting{p: p, now: p.Time.UnixNano(), srcPort: p.SrcPort, dstPort: p.DstPort}
	t.mu.Lock()
	defer t.mu.Unlock()
	if p.Fragment {
		s.srcPort, s.dstPort = t.fragments.ports(p, s.now)
	}
	s.from = t.sender(&s)
	if s.from.kind == station {
		// The sender's own flow is looked for before anything is asked of the receiver: most packets end here.
		if i, ok := t.index[s.outKey(s.from.mac)]; ok {
			t.count(i, &s, true)
			return s.from.mac, t.records[i].peer
		}
	}
	s.to = t.receiver(&s)
	if s.to.kind == station {
		if i, ok := t.index[s.inKey(s.to.mac)]; ok {
			t.count(i, &s, false)
			return s.from.mac, s.to.mac
		}
	}
	t.open(&s)
	return s.from.mac, s.to.mac
}

// count books a packet on its flow, on the flow's device and on the peer.
func (t *Table) count(i int32, s *sighting, sent bool) {
	r := &t.records[i]
	size := uint64(s.p.Length)
	if sent {
		r.txBytes += size
		r.txPackets++
		r.source = better(r.source, s.from.source)
	} else {
		r.rxBytes += size
		r.rxPackets++
	}
	t.devices[r.near].count(size, sent)
	if r.other != nobody {
		t.countPeer(r, size, !sent)
	}
	r.last = max(r.last, s.now)
	if s.p.Proto == packet.ProtoTCP {
		r.track(s.p.TCPFlags, sent)
	}
	t.touch(i, s.now)
}

func (t *Table) countPeer(r *record, size uint64, sent bool) {
	// The slot may have gone to another device since.
	if d := &t.devices[r.other]; d.mac == r.peer {
		d.count(size, sent)
	}
}

// better is the more reliable of two ways to know a device: its own frame.
func better(a, b MACSource) MACSource {
	if b == MACFrame {
		return b
	}
	return a
}

// open begins a flow with the packet s, or takes over the flow that had no device so far.
func (t *Table) open(s *sighting) {
	sourceBegan := s.sourceBegan()
	near, far, sent := s.from, s.to, true
	if near.kind != station || far.kind == station && !sourceBegan {
		near, far, sent = s.to, s.from, false
	}
	if near.kind != station {
		return
	}
	k := s.inKey(near.mac)
	if sent {
		k = s.outKey(near.mac)
	}
	i, ok := t.adopt(k, near)
	if !ok {
		i = t.add(k, near, s.now)
		t.describe(&t.records[i], far, s, sent == sourceBegan)
	}
	t.count(i, s, sent)
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
	if far.kind == station && r.scope == ScopeLAN {
		r.peer, r.other = far.mac, far.slot
	}
}

// adopt gives a flow that was seen before its device was known to the device. The orphan's counts go along.
func (t *Table) adopt(k key, near party) (int32, bool) {
	if near.slot == nobody {
		return none, false
	}
	i, ok := t.index[k.orphan()]
	if !ok {
		return none, false
	}
	r := &t.records[i]
	delete(t.index, r.key)
	t.unlink(i)
	r.key, r.near, r.source = k, near.slot, near.source
	t.index[k] = i
	t.link(i)
	t.devices[near.slot].take(r)
	return i, true
}

// add puts a new record in the index and at the head of its device's list.
func (t *Table) add(k key, near party, now int64) int32 {
	if len(t.index) >= t.limits.Flows {
		t.evictFlow(near.slot)
	}
	i := t.newRecord()
	t.records[i] = record{
		key: k, near: near.slot, source: near.source, state: live, first: now, last: now, moved: now,
	}
	t.index[k] = i
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
