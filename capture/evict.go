package capture

import "time"

const (
	// steadyAfter parts devices of the home from MACs made up for a few packets.
	steadyAfter = int64(time.Minute)
	// steadyFor is how long silence does not count against one: a device that sleeps overnight is still known.
	steadyFor = int64(48 * time.Hour)
	// conversation is more packets than are sent to one who only knocks: answers to a few forged connections, and
	// the errors that they cause.
	conversation = 16
)

// leastDevice is the device to give up: one that was never heard, else one that was heard only briefly or long
// ago, and of those rather one that nobody talks with and the router has never asked for, else any; of equals the
// one silent for longest. So a flood of invented source MACs displaces itself, and neither the home nor who has just
// come.
func (t *Table) leastDevice(now int64) int32 {
	least := int32(none)
	for i := range t.devices {
		d := &t.devices[i]
		if d.mac.IsZero() { // nobody, or a slot not in use
			continue
		}
		if least == none || d.less(&t.devices[least], now) {
			least = int32(i)
		}
	}
	return least
}

// less reports whether d is to go before other.
func (d *device) less(other *device, now int64) bool {
	if a, b := d.standing(now), other.standing(now); a != b {
		return a < b
	}
	return d.last < other.last
}

func (d *device) standing(now int64) int {
	switch {
	case !d.heard:
		return 0
	case d.last-d.first >= steadyAfter && now-d.last <= steadyFor:
		return 3
	case d.rxPackets > conversation, d.neighbour:
		return 2
	}
	return 1
}

// evictDevice forgets a device and its flows.
func (t *Table) evictDevice(slot int32) {
	t.evictedFlows += uint64(t.held[slot])
	for i := t.devices[slot].head; i != none; i = t.records[i].older {
		t.finished.keep(&t.records[i])
	}
	t.removeDevice(slot)
	t.evictedDevices++
}

func (t *Table) removeDevice(slot int32) {
	d := &t.devices[slot]
	for d.head != none {
		t.remove(d.head)
	}
	for _, a := range d.home {
		delete(t.owners, a)
	}
	for _, a := range d.foreign {
		delete(t.owners, a)
	}
	delete(t.byMAC, word(d.mac))
	*d = device{head: none, tail: none}
	t.spare = append(t.spare, slot)
}
