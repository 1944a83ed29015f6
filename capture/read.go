package capture

import (
	"iter"
	"net/netip"
	"slices"
	"time"
)

// AppendFlows appends the flows that keep says yes to, all where keep is nil, in no order. keep runs while the
// table is locked: it must be quick and must not call the table.
func (t *Table) AppendFlows(dst []Flow, keep func(*Flow) bool) []Flow {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range t.records {
		r := &t.records[i]
		if r.state&live == 0 || r.hidden() {
			continue
		}
		dst = append(dst, r.flow())
		if keep != nil && !keep(&dst[len(dst)-1]) {
			dst = dst[:len(dst)-1]
		}
	}
	return dst
}

// Flows gives all flows, in no order, without room for all of them: it fills buf, which must have some capacity, again
// and again, and holds the table only meanwhile. A flow is valid until the next one. What begins or ends while this
// goes on may be left out, and what moves to another device may come twice.
func (t *Table) Flows(buf []Flow) iter.Seq[*Flow] {
	return func(yield func(*Flow) bool) {
		for next := 0; next >= 0; {
			buf, next = t.piece(buf[:0], next)
			for i := range buf {
				if !yield(&buf[i]) {
					return
				}
			}
		}
	}
}

// piece fills dst with flows from a record on, and tells with which record to go on: -1 after the last.
func (t *Table) piece(dst []Flow, from int) (flows []Flow, next int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := from; i < len(t.records); i++ {
		if len(dst) == cap(dst) {
			return dst, i
		}
		if r := &t.records[i]; r.state&live != 0 && !r.hidden() {
			dst = append(dst, r.flow())
		}
	}
	return dst, -1
}

// Lookup gives a flow of before as it is now; false where the table has none between the same ends.
func (t *Table) Lookup(before *Flow) (now Flow, ok bool) {
	k, ok := before.key()
	t.mu.Lock()
	defer t.mu.Unlock()
	i, found := t.find(k)
	if ok = ok && found; ok {
		now = t.records[i].flow()
	}
	return now, ok
}

// AppendDevices appends all devices that were heard, in no order. Their Addresses are the caller's own.
func (t *Table) AppendDevices(dst []Device) []Device {
	return t.appendDevices(dst, func(d *device) bool { return d.heard })
}

// AppendSilent appends the MACs that were sent to and never heard, in no order. That alone makes no device of them:
// anybody can send to an invented MAC. First is not set, and Last is when they were sent to.
func (t *Table) AppendSilent(dst []Device) []Device {
	return t.appendDevices(dst, func(d *device) bool { return !d.heard && !d.mac.IsZero() })
}

func (t *Table) appendDevices(dst []Device, wanted func(*device) bool) []Device {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range t.devices {
		if d := &t.devices[i]; wanted(d) {
			dst = append(dst, d.device())
		}
	}
	return dst
}

func (d *device) device() Device {
	out := Device{
		MAC: d.mac, Addresses: d.addresses(), Last: time.Unix(0, d.last).UTC(),
		RxBytes: d.rxBytes, TxBytes: d.txBytes, RxPackets: d.rxPackets, TxPackets: d.txPackets,
	}
	if d.heard {
		out.First = time.Unix(0, d.first).UTC()
	}
	return out
}

// addresses are the device's own in the home, then those from elsewhere.
func (d *device) addresses() []netip.Addr {
	return slices.Concat(d.home, d.foreign)
}

// NewDeviceC gets a value when a device is heard that was not known. Several may hide behind one value.
func (t *Table) NewDeviceC() <-chan struct{} { return t.newC }

// Stores tells how full the table is.
func (t *Table) Stores() []Store {
	t.mu.Lock()
	defer t.mu.Unlock()
	stores := []Store{
		{Name: "flows", Used: t.index.used, Limit: t.limits.Flows, Evicted: t.evictedFlows},
		{Name: "devices", Used: len(t.byMAC), Limit: t.limits.Devices, Evicted: t.evictedDevices},
		{Name: "fragments", Used: t.fragments.used, Limit: maxDatagrams, Evicted: t.fragments.displaced},
	}
	if f := &t.finished; f.limit > 0 {
		stores = append(stores, Store{Name: "finished flows", Used: len(f.records), Limit: f.limit, Evicted: f.missed})
	}
	return stores
}

// Losses tells what the table could not place: frames whose source MAC is a group's, which nobody can have.
func (t *Table) Losses() []Loss {
	t.mu.Lock()
	defer t.mu.Unlock()
	return []Loss{{Where: "frames without a possible sender", Lost: t.impossible}}
}
