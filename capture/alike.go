package capture

import (
	"net/netip"
	"time"
)

// lateness is how long after its connection was counted a frame may tell whose it is: the kernel keeps packets
// back for 0.1 s, and what waits in sockets is read within a few seconds.
const lateness = int64(10 * time.Second)

// alike finds a flow by all of its key but the device, which conntrack does not know; none if there is none. Of
// several it is the oldest: the one that made the connection.
func (t *Table) alike(k key) int32 {
	i, _ := t.orphans.find(t.records, &k)
	return i
}

// note lets alike find a flow, unless there is another already.
func (t *Table) note(i int32) {
	if _, taken := t.orphans.find(t.records, &t.records[i].key); !taken {
		t.orphans.add(t.records, i)
	}
}

func (t *Table) unnote(i int32) {
	if at, _ := t.orphans.find(t.records, &t.records[i].key); at == i {
		t.orphans.remove(t.records, i)
	}
}

// reversed is the key of the same flow if its far end were the device.
func (k key) reversed() key {
	k.near, k.far, k.nearPort, k.farPort = k.far, k.near, k.farPort, k.nearPort
	return k
}

// adopt gives a flow that was seen before its device was known, or was only guessed, to the device. Its counts
// go along.
func (t *Table) adopt(k key, near party, now int64) (int32, bool) {
	if near.slot == nobody {
		return none, false
	}
	i, ok := t.find(k.orphan())
	if !ok && near.source == MACFrame {
		i = t.alike(k.orphan())
		ok = i != none && t.records[i].state&guessed != 0 && now-t.records[i].first < lateness
	}
	if !ok {
		return none, false
	}
	t.give(i, k, near)
	return i, true
}

// claim gives a flow without a device to the one that has its address by now, and can be believed to have begun it.
func (t *Table) claim(i int32, now int64) {
	r := &t.records[i]
	if r.key.family == familyNone {
		return
	}
	near := t.holder(r.key.addr(r.key.near), now)
	if r.state&began != 0 {
		near = t.admit(near, r.key.addr(r.key.near), now)
		if t.isDisputed(near, now) && !r.conversed() {
			return
		}
	}
	k := r.key
	k.mac = near.mac
	if _, taken := t.find(k); !taken && near.slot != nobody {
		t.give(i, k, near)
	}
}

// give moves a flow with its counts to another device.
func (t *Table) give(i int32, k key, near party) {
	r := &t.records[i]
	t.index.remove(t.records, i)
	t.unlink(i)
	if r.near != nobody {
		t.devices[r.near].yield(r)
	}
	r.key, r.near, r.source = k, near.slot, near.source
	t.index.add(t.records, i)
	t.link(i)
	t.devices[near.slot].take(r)
}

// outer is an outside address and port, flat as the rest of a record.
type outer struct {
	addr   [16]byte
	port   uint16
	family uint8
}

func outerOf(a netip.AddrPort) outer {
	switch {
	case !a.IsValid():
		return outer{}
	case a.Addr().Is4():
		return outer{a.Addr().As16(), a.Port(), familyIPv4}
	}
	return outer{a.Addr().As16(), a.Port(), familyIPv6}
}

func (o *outer) addrPort() netip.AddrPort {
	if o.family == familyNone {
		return netip.AddrPort{}
	}
	k := key{family: o.family}
	return netip.AddrPortFrom(k.addr(o.addr), o.port)
}
