package anomaly

import (
	"slices"

	"spinneret/capture/packet"
)

// Inherit gives a device what was learned of another, and what the owner called fine of it: the owner said that it is
// the same one under a new MAC. It returns false where nothing was learned.
func (d *Detector) Inherit(from, to packet.MAC) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if from == to {
		return false
	}
	d.ledger.inherit(from, to)
	old := d.devices[word(from)]
	if old == nil {
		return false
	}
	learned, knew := old.past, old.now.knew // to may take its place
	rec := d.of(to, learned.last)
	rec.past, rec.now.knew = learned, knew
	return true
}

// inherit moves what is fine to another device, as far as it has room.
func (l *ledger) inherit(from, to packet.MAC) {
	for _, f := range slices.Clone(l.all) {
		if f.Device != from || f.State != Fine {
			continue
		}
		if l.share(to) >= maxFindingsDevice {
			l.dropOldest(func(x *Finding) bool { return x.Device == to })
		}
		if l.byKey[f.key()] == f {
			delete(l.byKey, f.key())
		}
		f.Device = to
		for i := range f.Flows {
			f.Flows[i].Device = to
		}
		l.allow(f)
	}
}
