package anomaly

import (
	"slices"

	"spinneret/capture"
	"spinneret/capture/packet"
)

// Forget forgets a device: what it is used to do, its findings, and in those of others what they did with it.
func (d *Detector) Forget(mac packet.MAC) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if rec := d.devices[word(mac)]; rec != nil {
		delete(d.devices, word(mac))
		d.order = slices.DeleteFunc(d.order, func(other *device) bool { return other == rec })
	}
	for a, c := range d.claims {
		if c.mac == mac || c.before == mac {
			delete(d.claims, a)
		}
	}
	d.ledger.forget(mac)
}

func (l *ledger) forget(mac packet.MAC) {
	l.changes++
	for i := len(l.all) - 1; i >= 0; i-- {
		f := l.all[i]
		f.Flows = slices.DeleteFunc(f.Flows, func(x capture.Flow) bool { return x.Device == mac || x.Peer == mac })
		if f.Device == mac || f.Text.Mentions(mac.String()) {
			l.drop(i)
		}
	}
	l.news = slices.DeleteFunc(l.news, func(f Finding) bool { return f.Device == mac || f.Text.Mentions(mac.String()) })
}
