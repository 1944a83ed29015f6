package capture

import (
	"net/netip"
	"time"
)

// Volume is what went one way.
type Volume struct{ Packets, Bytes uint64 }

// Counted is what one connection of conntrack carried since it was last told of, from its two ends as the
// router forwards it: who began, and who answers whatever address was asked.
type Counted struct {
	Initiator, Responder netip.AddrPort // ports are 0 in protocols without; IPv4 never mapped
	Protocol             uint8
	ICMPType             uint8 // of what the initiator sends, in ICMP and ICMPv6

	// Asked is the address that the initiator sends to, AnswersTo the one that the responder sends to. They
	// differ from the ends where addresses are translated.
	Asked, AnswersTo netip.AddrPort

	Sent, Answered Volume // by the initiator, by the responder; IP bytes
	Ended          bool   // conntrack forgot it, or both sides closed it
	Time           time.Time
}

// Account adds what a connection carried to its flow and to the devices at its ends. It opens the flow if need
// be: the device is the one whose frame was seen in this conversation, else the one that has the address. What
// no device has part in, the router's own connections, is nobody's and not counted.
//
// Frame and account may come in either order. A frame that comes late takes the flow over.
func (t *Table) Account(c *Counted) {
	k, ok := c.key()
	if !ok {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	now := c.Time.UnixNano()
	i, sent := t.counted(c, k, now)
	if i == none {
		return
	}
	if r := &t.records[i]; r.near == nobody {
		t.claim(i, now)
	}
	t.book(i, c, sent, now)
}

// key is that of the flow if the initiator is its device, which is left out.
func (c *Counted) key() (key, bool) {
	src, dst := c.Initiator.Addr(), c.Responder.Addr()
	if !src.IsValid() || !dst.IsValid() || src.Is4() != dst.Is4() || src.IsUnspecified() {
		return key{}, false
	}
	k := key{
		near: src.As16(), far: dst.As16(), nearPort: c.Initiator.Port(), farPort: c.Responder.Port(),
		proto: c.Protocol, family: familyIPv6,
	}
	if src.Is4() {
		k.family = familyIPv4
	}
	return k, true
}

// counted finds or opens the flow of a connection; sent is true where the initiator is its device.
func (t *Table) counted(c *Counted, k key, now int64) (i int32, sent bool) {
	i, sent = t.alike(k), true
	if i == none {
		i, sent = t.alike(k.reversed()), false
	}
	if i == none {
		return t.openCounted(c, k, now)
	}
	if r := &t.records[i]; r.outside != (outer{}) && r.outside != outerOf(c.outside(sent)) {
		t.finish(i) // its ports are used again, under another outside
		return t.openCounted(c, k, now)
	}
	return i, sent
}

// outside is how the far end of the flow knows the device.
func (c *Counted) outside(sent bool) netip.AddrPort {
	if sent {
		return c.AnswersTo
	}
	return c.Asked
}

// openCounted begins the flow of a connection that has carried something.
func (t *Table) openCounted(c *Counted, k key, now int64) (i int32, sent bool) {
	if c.Sent.Packets|c.Answered.Packets == 0 {
		return none, false
	}
	near, far, sent := t.ends(c, now)
	if near.kind != station {
		return none, false
	}
	if !sent {
		k = k.reversed()
	}
	k.mac = near.mac
	if i, ok := t.find(k); ok {
		return i, sent
	}
	i = t.add(k, near, now)
	r := &t.records[i]
	r.state |= guessed
	r.port = k.nearPort
	if sent {
		r.state |= began
		r.port = k.farPort
	}
	r.far, r.peer, r.other = far.kind, far.mac, far.slot
	r.scope = t.scope(far.kind, k.addr(k.far))
	return i, sent
}

// ends tells the device from the far side; sent is true where the initiator is the device.
func (t *Table) ends(c *Counted, now int64) (near, far party, sent bool) {
	from := t.beginner(c.Initiator.Addr(), now)
	to := t.resident(c.Responder.Addr(), now)
	if from.kind == station {
		return from, to, true
	}
	if to.kind == station {
		return to, from, false
	}
	from = t.guest(c.Initiator.Addr())
	if t.isDisputed(from, now) {
		from = party{}
	}
	if from.kind == station {
		return from, to, true
	}
	return t.guest(c.Responder.Addr()), from, false
}

// book adds what a connection carried to its flow.
func (t *Table) book(i int32, c *Counted, sent bool, now int64) {
	tx, rx := c.Sent, c.Answered
	if !sent {
		tx, rx = rx, tx
	}
	r := &t.records[i]
	if tx.Packets|rx.Packets != 0 && !r.countedBy(false) {
		tx, rx = Volume{}, Volume{}
	}
	r.txBytes += tx.Bytes
	r.txPackets += tx.Packets
	r.rxBytes += rx.Bytes
	r.rxPackets += rx.Packets
	t.devices[r.near].add(tx, rx)
	t.active(r.near, r.source, tx, now)
	t.bookFar(r, tx, rx, now)
	if sent && Protocol(c.Protocol).IsICMP() {
		r.icmp = r.icmp.and(c.ICMPType)
	}
	r.state &^= ended
	if c.Ended {
		r.state |= ended
	}
	if r.far != station {
		r.outside = outerOf(c.outside(sent))
	}
	if tx.Packets|rx.Packets != 0 {
		r.last = max(r.last, now)
		t.touch(i, now)
	}
}

// bookFar adds it to the device at the other end too.
func (t *Table) bookFar(r *record, tx, rx Volume, now int64) {
	if r.far != station {
		return
	}
	if r.other == nobody {
		p := t.holder(r.key.addr(r.key.far), now)
		r.other, r.peer = p.slot, p.mac
	}
	// The slot may have gone to another device since.
	if d := &t.devices[r.other]; r.other != nobody && d.mac == r.peer {
		d.add(rx, tx)
		t.active(r.other, MACAddress, rx, now)
	}
}

// active notes that a device sent. Of one that only the neighbour table knew this is the first sign.
func (t *Table) active(slot int32, source MACSource, tx Volume, now int64) {
	d := &t.devices[slot]
	switch {
	case slot == nobody:
	case d.heard && tx.Packets == 0:
	case d.heard || tx.Packets == 0: // one not heard yet was sent to at least
		d.last = max(d.last, now)
	case source == MACNeighbour:
		t.hear(slot, netip.Addr{}, now)
	}
}
