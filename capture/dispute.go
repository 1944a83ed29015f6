package capture

import (
	"net/netip"
	"time"

	"spinneret/capture/packet"
)

// disputeFor is how long an address alone does not tell who began a connection, after two have sent from it: a
// forged SYN stays two minutes in conntrack, and a dump of a full table comes up to a minute late.
const disputeFor = int64(5 * time.Minute)

// believe decides whether a device that sends from an address has it, and takes it from who had it before. Where the
// kernel's neighbour table names another, it has not: who wants answers has told the router its MAC before, by ARP
// (RFC 826) or neighbour discovery (RFC 4861), and who only floods shall not take the home's addresses.
func (t *Table) believe(slot int32, a netip.Addr, now int64) bool {
	before, had := t.owners[a]
	had = had && before != slot
	if had {
		t.devices[before].disputed = now
	}
	if m, ok := t.ground.neighbour(a); ok && m != t.devices[slot].mac {
		if victim, known := t.byMAC[word(m)]; known {
			t.devices[victim].disputed = now
		}
		return false
	}
	if had {
		t.devices[before].forget(a)
		t.devices[slot].disputed = now
	}
	return true
}

// settle takes addresses from devices where the kernel's neighbour table names others by now; they learn them with
// their next packet, and until then the neighbour table tells.
func (t *Table) settle() {
	for a := range t.ground.neighbours {
		slot, ok := t.owners[a]
		if m, named := t.ground.neighbour(a); ok && named && t.devices[slot].mac != m {
			t.devices[slot].forget(a)
			delete(t.owners, a)
		}
	}
}

// beginner is the device that began a connection of which no frame was seen, as far as its address tells. Above the
// limit of the log that is all there is, and a forged address must not blame who has it: while it is disputed the
// connection is nobody's.
func (t *Table) beginner(a netip.Addr, now int64) party {
	p := t.admit(t.resident(a, now), a, now)
	if t.isDisputed(p, now) {
		return party{kind: station}
	}
	return p
}

// admit makes room for who sent, as conntrack counted, and is in the neighbour table: a frame of it would too. A
// device displaced by a flood comes back so, when its connections are too old for their packets to be logged.
func (t *Table) admit(p party, a netip.Addr, now int64) party {
	if p.kind != station || p.slot != nobody {
		return p
	}
	m, ok := t.ground.neighbour(a)
	if !ok {
		return p
	}
	return party{kind: station, slot: t.slotOf(m, now), source: MACNeighbour, mac: m}
}

// isDisputed reports whether another sent lately from an address of the device, which was found by its address. It is
// the device that is marked, not the address: that takes no store that a flood could fill.
func (t *Table) isDisputed(p party, now int64) bool {
	if p.slot == nobody || p.source == MACFrame {
		return false
	}
	at := t.devices[p.slot].disputed
	return at != 0 && now-at < disputeFor
}

// conversed reports whether so much came back over TCP that the device took part: the one whose address was forged
// answers the first segment with a reset (RFC 9293 section 3.10.7.1).
func (r *record) conversed() bool {
	return r.key.family != familyNone && r.key.proto == packet.ProtoTCP && r.rxPackets > conversation
}
