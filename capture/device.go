package capture

import (
	"encoding/binary"
	"net/netip"

	"spinneret/capture/packet"
)

// nobody is the slot of flows whose device is not known.
const nobody = 0

// device is one slot of the table.
type device struct {
	mac         packet.MAC
	heard       bool  // it sent; before that it is only the destination of frames
	neighbour   bool  // the kernel's neighbour table has it
	first, last int64 // heard; a device not heard yet was last sent to
	disputed    int64 // when another sent from an address of this one; 0 never
	head, tail  int32 // its flows

	txBytes, rxBytes     uint64
	txPackets, rxPackets uint64

	recent        [2]netip.Addr // last sent from and still its own: IPv4, IPv6
	home, foreign []netip.Addr  // most recent first
}

func (d *device) count(v Volume, sent bool) {
	if sent {
		d.add(v, Volume{})
	} else {
		d.add(Volume{}, v)
	}
}

// take adds a flow's counts to the device's.
func (d *device) take(r *record) {
	d.txBytes += r.txBytes
	d.rxBytes += r.rxBytes
	d.txPackets += r.txPackets
	d.rxPackets += r.rxPackets
}

// yield takes them away again: the flow was another's.
func (d *device) yield(r *record) {
	d.txBytes -= r.txBytes
	d.rxBytes -= r.rxBytes
	d.txPackets -= r.txPackets
	d.rxPackets -= r.rxPackets
}

// word is a MAC as a number: Go hashes 8-byte map keys faster than 6-byte arrays.
func word(m packet.MAC) uint64 {
	return uint64(binary.LittleEndian.Uint32(m[:4])) | uint64(binary.LittleEndian.Uint16(m[4:]))<<32
}

// slotOf is the slot of a device that sends; one that is new gets a slot, if need be that of another device.
func (t *Table) slotOf(m packet.MAC, now int64) int32 {
	if slot, ok := t.byMAC[word(m)]; ok {
		return slot
	}
	if len(t.byMAC) >= t.limits.Devices {
		t.evictDevice(t.leastDevice(now))
	}
	return t.newSlot(m, now)
}

// slotForReceiver is the slot of a device that is sent to. One that was never heard may not displace one that
// was: false means that there is no room.
func (t *Table) slotForReceiver(m packet.MAC, now int64) (int32, bool) {
	if slot, ok := t.byMAC[word(m)]; ok {
		if d := &t.devices[slot]; !d.heard {
			d.last = max(d.last, now)
		}
		return slot, true
	}
	if len(t.byMAC) >= t.limits.Devices {
		least := t.leastDevice(now)
		if d := &t.devices[least]; d.heard || d.last >= now { // now: it may be this packet's sender
			return nobody, false
		}
		t.evictDevice(least)
	}
	return t.newSlot(m, now), true
}

func (t *Table) newSlot(m packet.MAC, now int64) int32 {
	slot := t.addSlot(m)
	t.devices[slot].last = now
	t.byMAC[word(m)] = slot
	return slot
}

func (t *Table) addSlot(m packet.MAC) int32 {
	d := device{mac: m, head: none, tail: none, neighbour: t.ground.isNeighbour(m)}
	if n := len(t.spare); n > 0 {
		slot := t.spare[n-1]
		t.spare = t.spare[:n-1]
		t.devices[slot] = d
		return slot
	}
	t.devices = append(t.devices, d)
	t.held = append(t.held, 0)
	return int32(len(t.devices) - 1)
}

// hear notes that a device sent, from address a where that is valid.
func (t *Table) hear(slot int32, a netip.Addr, now int64) {
	d := &t.devices[slot]
	if !d.heard {
		d.heard, d.first = true, now
		select {
		case t.newC <- struct{}{}:
		default:
		}
	}
	d.last = max(d.last, now)
	t.learn(slot, a, now)
}
