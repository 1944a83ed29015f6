package capture

import (
	"net/netip"
	"slices"
)

const (
	// maxHomeAddrs holds a week of IPv6 privacy addresses (RFC 8981: one a day, in two or three prefixes).
	maxHomeAddrs = 32
	// maxForeignAddrs bounds addresses outside the LAN: a VPN or container behind a device has one or two,
	// anything beyond that is forged.
	maxForeignAddrs = 4
)

// learn notes that a device sends from an address, and so that it has it now, unless the kernel knows better.
func (t *Table) learn(slot int32, a netip.Addr, now int64) {
	d := &t.devices[slot]
	family := 0
	if a.Is6() {
		family = 1
	}
	if d.recent[family] == a || !t.ground.isStation(a) {
		return
	}
	if !t.believe(slot, a, now) {
		return
	}
	t.owners[a] = slot
	d.recent[family] = a
	t.keep(d, a)
}

// keep puts an address first among its device's.
func (t *Table) keep(d *device, a netip.Addr) {
	list, limit := &d.foreign, maxForeignAddrs
	if t.ground.isHome(a) {
		list, limit = &d.home, maxHomeAddrs
	}
	at := slices.Index(*list, a)
	if at < 0 && len(*list) < limit {
		*list = append(*list, a)
	}
	if at < 0 {
		at = len(*list) - 1
		if last := (*list)[at]; last != a {
			delete(t.owners, last)
			d.dropRecent(last)
		}
	}
	copy((*list)[1:at+1], (*list)[:at])
	(*list)[0] = a
}

// dropRecent makes the device learn an address again when it next sends from it.
func (d *device) dropRecent(a netip.Addr) {
	for i := range d.recent {
		if d.recent[i] == a {
			d.recent[i] = netip.Addr{}
		}
	}
}

// forget takes an address from the device: another one sends from it now.
func (d *device) forget(a netip.Addr) {
	gone := func(x netip.Addr) bool { return x == a }
	d.home = slices.DeleteFunc(d.home, gone)
	d.foreign = slices.DeleteFunc(d.foreign, gone)
	d.dropRecent(a)
}
