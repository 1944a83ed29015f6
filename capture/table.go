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

	mu      sync.Mutex
	ground  ground
	volumes Volumes
	inside  bool // the bridges' counters are told of

	index   index
	orphans index // by the key without the device: see alike
	records []record
	free    []int32 // records not in use

	byMAC   map[uint64]int32
	devices []device
	held    []int32 // flows that each device has, by slot: apart from devices, because eviction scans it
	spare   []int32 // slots not in use
	owners  map[netip.Addr]int32

	fragments fragments
	finished  finished

	evictedFlows, evictedDevices uint64
	impossible                   uint64 // frames whose source MAC is a group's
}

// NewTable makes an empty table for a home of which nothing is known yet.
func NewTable(l Limits) *Table {
	t := &Table{
		limits:  Limits{Flows: max(l.Flows, 2), Devices: max(l.Devices, 2)},
		newC:    make(chan struct{}, 1),
		index:   newIndex(false),
		orphans: newIndex(true),
		byMAC:   map[uint64]int32{},
		owners:  map[netip.Addr]int32{},
	}
	t.addSlot(packet.MAC{}) // nobody
	return t
}

// Add counts one packet. It returns the devices at its two ends, zero where an end is no device or its MAC is
// not known.
//
// The device of a flow is its home side. Between two devices it is the one that began, and both devices' sums
// count. What no device has part in (the router's own traffic with the internet or with a group) is no flow.
func (t *Table) Add(p *packet.Packet) (from, to packet.MAC) { return t.see(p, false) }

func (t *Table) see(p *packet.Packet, untracked bool) (from, to packet.MAC) {
	s := sighting{p: p, volume: Volume{1, uint64(p.Length)}}
	t.mu.Lock()
	defer t.mu.Unlock()
	s.counts = untracked || !t.kernelCounts(p)
	return t.seeLocked(&s)
}

func (t *Table) seeLocked(s *sighting) (from, to packet.MAC) {
	p := s.p
	s.now, s.srcPort, s.dstPort = p.Time.UnixNano(), p.SrcPort, p.DstPort
	if p.Fragment {
		s.srcPort, s.dstPort = t.fragments.ports(p, s.now)
	}
	s.from = t.sender(s)
	if s.from.kind == station {
		// The sender's own flow is looked for before anything is asked of the receiver: most packets end here.
		if i, ok := t.find(s.outKey(s.from.mac)); ok {
			t.count(i, s, true)
			return s.from.mac, t.records[i].device()
		}
	}
	s.to = t.receiver(s)
	if s.to.kind == station {
		if i, ok := t.find(s.inKey(s.to.mac)); ok {
			t.count(i, s, false)
			return s.from.mac, s.to.mac
		}
	}
	t.open(s)
	return s.from.mac, s.to.mac
}

// find finds a flow by its key.
func (t *Table) find(k key) (i int32, ok bool) { return t.index.find(t.records, &k) }

// count books a packet on its flow, on the flow's device and on the peer.
func (t *Table) count(i int32, s *sighting, sent bool) {
	r := &t.records[i]
	if sent && s.from.source == MACFrame {
		r.source = MACFrame
		r.state &^= guessed
	}
	if s.counts && r.countedBy(s.inside) {
		t.countBytes(r, s, sent)
	}
	r.last = max(r.last, s.now)
	switch p := s.p; {
	case p.Proto == packet.ProtoTCP:
		r.track(p.TCPFlags, sent)
	case sent && !p.Fragment && Protocol(p.Proto).IsICMP():
		r.icmp = r.icmp.and(p.ICMPType)
	}
	t.touch(i, s.now)
}

func (t *Table) countBytes(r *record, s *sighting, sent bool) {
	if sent {
		r.txBytes += s.volume.Bytes
		r.txPackets += s.volume.Packets
	} else {
		r.rxBytes += s.volume.Bytes
		r.rxPackets += s.volume.Packets
	}
	if t.volumes == FromSamples && !s.inside {
		r.state |= estimated
	}
	t.devices[r.near].count(s.volume, sent)
	t.countFar(r, s, sent)
}

// countFar books the packet on the device at the other end, mostly the one that was there when the flow began.
// It may be another: then the frame tells.
func (t *Table) countFar(r *record, s *sighting, sent bool) {
	mac := s.p.DstMAC
	if !sent {
		if s.from.kind != station {
			return // on the WAN any MAC can be written into a frame
		}
		mac = s.from.mac
	}
	slot := r.other
	if mac.IsZero() {
		mac = r.peer
	} else if mac != r.peer {
		slot = t.byMAC[word(mac)]
	}
	// The slot may have gone to another device since the flow began.
	if d := &t.devices[slot]; slot != nobody && d.mac == mac {
		d.count(s.volume, !sent)
	}
}
