package anomaly

import (
	"encoding/binary"
	"time"
)

// stateVersion is the first byte of a saved state. A state of another version is not read: habits are learned again.
const stateVersion = 2

// Append appends what was learned of the devices, and the findings, to b: some 300 bytes for a device, and 100 for a
// finding with as many for each flow that shows it.
func (d *Detector) Append(b []byte) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	b = append(b, stateVersion)
	b = binary.AppendUvarint(b, uint64(d.ledger.lastID))
	b = binary.AppendUvarint(b, uint64(len(d.order)))
	for _, rec := range d.order {
		b = append(b, rec.mac[:]...)
		p := rec.past
		p.parties.total = d.acquainted(rec)
		b = p.append(b)
	}
	b = binary.AppendUvarint(b, uint64(len(d.ledger.all)))
	for _, f := range d.ledger.all {
		b = f.append(b)
	}
	return b
}

func (p *past) append(b []byte) []byte {
	b = appendTimes(b, p.first, p.last)
	for _, v := range []uint64{uint64(p.active), p.most10, uint64(p.parties.total)} {
		b = binary.AppendUvarint(b, v)
	}
	for i := range p.base {
		b = p.base[i].append(b)
	}
	for i := range p.hours {
		b = append(b, p.hours[i].level[:]...)
		b = append(b, p.hours[i].days[:]...)
	}
	for _, k := range p.parties.list {
		if k.id != 0 {
			b = binary.BigEndian.AppendUint64(b, k.id)
			b = binary.BigEndian.AppendUint32(b, k.first)
			b = binary.BigEndian.AppendUint32(b, k.last)
		}
	}
	return binary.BigEndian.AppendUint64(b, 0)
}

func (x *baseline) append(b []byte) []byte {
	b = binary.AppendUvarint(b, x.most)
	for _, n := range x.counts {
		b = binary.AppendUvarint(b, uint64(n))
	}
	return b
}

// appendTimes appends times to the second.
func appendTimes(b []byte, times ...int64) []byte {
	for _, t := range times {
		b = binary.AppendVarint(b, max(t, 0)/int64(time.Second))
	}
	return b
}
