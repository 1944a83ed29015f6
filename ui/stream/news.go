package stream

import (
	"sort"
	"time"

	"spinneret/ui"
)

// snapEvents is how many of the latest events a snapshot has; GET events has them all.
const snapEvents = 100

// news is what a client does not know yet. It is taken out of the state quickly and written down afterwards: who
// changes the state does not wait for that.
type news struct {
	whole   bool   // it is all there is
	seq     uint64 // of the last change
	now     time.Time
	devices []deviceNews // by number
	owners  []item[number, party]
	pairs   []item[pairKey, rates]
	events  []ui.Event // oldest first
	gone    gone
}

// deviceNews is a device with those of its members that changed.
type deviceNews struct {
	id number
	ui.Device
	members []field
	rates   bool
}

// gone is what went; pairs go when their last packet is an hour old.
type gone struct {
	Devices []number  `json:"dev"`
	Owners  []number  `json:"own"`
	Pairs   []pairKey `json:"pairs"`
}

// since takes out what changed after seq.
func (s *state) since(seq uint64, now time.Time) *news {
	n := &news{
		seq: s.seq, now: now, owners: s.owners.since(seq), pairs: s.pairs.since(seq), events: s.eventsSince(seq),
		gone: gone{s.devices.gone(seq), s.owners.gone(seq), s.pairs.gone(seq)},
	}
	for _, d := range s.devices.since(seq) {
		n.devices = append(n.devices, d.value.news(d.key, seq))
	}
	sort.Slice(n.devices, func(i, j int) bool { return n.devices[i].id < n.devices[j].id })
	return n
}

// snap is all that a client needs to start, as JSON: the news since the beginning.
func (n *news) snap() ([]byte, error) {
	events := n.events[max(0, len(n.events)-snapEvents):]
	p := newPen("snap", n, len(n.devices)*deviceRoom+len(n.owners)*ownerRoom+len(n.pairs)*pairRoom+len(events)*eventRoom)
	p.list("devices", func() {
		for i := range n.devices {
			p.next()
			p.value(Device{int(n.devices[i].id), n.devices[i].Device})
		}
	})
	p.owners("owners", n.owners)
	p.list("pairs", func() { // device, owner, txRate, rxRate, seconds since its last packet
		for i := range n.pairs {
			key, value := n.pairs[i].key, n.pairs[i].value
			p.row(int64(key[0]), int64(key[1]), value.tx, value.rx, max(0, n.now.Unix()-value.last))
		}
	})
	p.member("events", events)
	return p.end()
}

// delta is the news as JSON.
func (n *news) delta() ([]byte, error) {
	p := newPen("d", n, 0)
	p.list("r", func() { // device, txRate, rxRate
		for i := range n.devices {
			if d := &n.devices[i]; d.rates {
				p.row(int64(d.id), d.TxRate, d.RxRate)
			}
		}
	})
	p.list("p", func() { // device, owner, txRate, rxRate
		for i := range n.pairs {
			key, value := n.pairs[i].key, n.pairs[i].value
			p.row(int64(key[0]), int64(key[1]), value.tx, value.rx)
		}
	})
	p.list("dev", func() {
		for i := range n.devices {
			if len(n.devices[i].members) > 0 {
				p.patch(&n.devices[i])
			}
		}
	})
	p.owners("own", n.owners)
	p.member("gone", n.gone)
	p.member("ev", n.events)
	return p.end()
}
