package anomaly

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"spinneret/capture/packet"
)

var errState = errors.New("not a whole state of baselines")

// Restore takes what Append gave, in place of all that the detector knows. Where it cannot be read nothing changes.
func (d *Detector) Restore(b []byte) error {
	r := reader{rest: b}
	if v := r.byte(); v != stateVersion {
		return fmt.Errorf("restore baselines of version %d: only version %d is known", v, stateVersion)
	}
	fresh := New(d.config)
	fresh.config = d.config
	fresh.ledger.lastID = int64(r.uvarint(1 << 62))
	for n := r.uvarint(1 << 16); n > 0 && !r.bad; n-- {
		mac := r.mac()
		p := r.past()
		if !r.bad {
			rec := fresh.of(mac, p.last)
			rec.past, rec.now.knew = p, p.parties.total
			rec.busy = false
		}
	}
	for n := r.uvarint(maxFindings); n > 0 && !r.bad; n-- {
		f := r.finding()
		if !r.bad {
			fresh.ledger.restore(f)
		}
	}
	if r.bad || len(r.rest) > 0 {
		return errState
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.devices, d.order, d.ledger = fresh.devices, fresh.order, fresh.ledger
	return nil
}

// reader takes values off bytes that may be anything. After the first that is not there all are zero.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) bytes(n int) []byte {
	if r.bad || n > len(r.rest) {
		r.bad = true
		return make([]byte, n)
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) byte() byte { return r.bytes(1)[0] }

func (r *reader) mac() packet.MAC { return packet.MAC(r.bytes(len(packet.MAC{}))) }

// uvarint takes a number of at most limit.
func (r *reader) uvarint(limit uint64) uint64 {
	v, n := binary.Uvarint(r.rest)
	if r.bad || n <= 0 || v > limit {
		r.bad = true
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

// time takes seconds since 1970, within the times that nanoseconds can tell.
func (r *reader) time() int64 {
	v, n := binary.Varint(r.rest)
	if limit := int64(1<<63-1) / int64(time.Second); r.bad || n <= 0 || v > limit || v < 0 {
		r.bad = true
		return 0
	}
	r.rest = r.rest[n:]
	return v * int64(time.Second)
}

func (r *reader) past() (p past) {
	p.first, p.last = r.time(), r.time()
	p.active = uint32(r.uvarint(1<<32 - 1))
	p.most10 = r.uvarint(1<<64 - 1)
	p.parties.total = uint16(r.uvarint(1<<16 - 1))
	for i := range p.base {
		p.base[i] = r.baseline()
	}
	for i := range p.hours {
		p.hours[i] = r.week()
	}
	for i := 0; !r.bad; i++ {
		id := binary.BigEndian.Uint64(r.bytes(8))
		if id == 0 {
			return p
		}
		if i == maxParties {
			r.bad = true
			return p
		}
		p.parties.list[i] = knownParty{id, binary.BigEndian.Uint32(r.bytes(4)), binary.BigEndian.Uint32(r.bytes(4))}
	}
	return p
}

func (r *reader) baseline() (b baseline) {
	b.most = r.uvarint(1<<64 - 1)
	for i := range b.counts {
		b.counts[i] = uint16(r.uvarint(1<<16 - 1))
		b.total += uint32(b.counts[i])
	}
	return b
}

func (r *reader) week() (w week) {
	copy(w.level[:], r.bytes(len(w.level)))
	copy(w.days[:], r.bytes(len(w.days)))
	for _, l := range w.level {
		r.bad = r.bad || l > 64
	}
	return w
}
