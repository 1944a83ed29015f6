package capture

import "slices"

// SetHome tells the table what the home is now. Flows and devices that it has stay, seen in the new light:
// where the far end of each flow is, which addresses are the home's, and who is the router and so no device.
func (t *Table) SetHome(h *Home) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ground = newGround(h)
	for i := range t.devices {
		d := &t.devices[i]
		switch {
		case d.mac.IsZero():
		case t.ground.isRouterMAC(d.mac):
			t.removeDevice(int32(i))
		default:
			d.neighbour = t.ground.isNeighbour(d.mac)
			t.sortAddresses(d)
		}
	}
	t.settle()
	for i := range t.records {
		r := &t.records[i]
		if r.state&live == 0 {
			continue
		}
		t.placeAgain(r)
		if r.near == nobody {
			t.claim(int32(i), r.last)
		}
	}
}

// sortAddresses parts a device's addresses anew into the home's and others.
func (t *Table) sortAddresses(d *device) {
	all := slices.Concat(d.home, d.foreign)
	d.home, d.foreign = nil, nil
	for _, a := range slices.Backward(all) {
		if !t.ground.isStation(a) {
			delete(t.owners, a)
			d.dropRecent(a)
			continue
		}
		t.keep(d, a)
	}
}

// placeAgain finds a flow's scope anew.
func (t *Table) placeAgain(r *record) {
	if r.far == station && t.ground.isRouterMAC(r.peer) {
		r.other, r.far = nobody, router
	}
	r.scope = t.scope(r.far, r.key.addr(r.key.far))
}
