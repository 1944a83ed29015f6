package conntrack

import (
	"encoding/binary"
	"hash/maphash"
	"sync"
	"time"

	"spinneret/capture/keyed"
)

// missedDumps is how many dumps in a row an entry must be missing from before it counts as gone. One is not
// enough: a dump leaves out entries that expired and removes them, so their events come only then, and it may
// leave out others while the kernel resizes its table.
const missedDumps = 2

// Deltas turns counters that only grow into what came since they were last seen. What a connection carried is
// told exactly once in all, by dumps or by its end, in whatever order the two are read.
//
// Connections that are there in the first dump are older than the observer: their counters until then are
// nobody's delta. Beyond the limit it keeps no more connections: those are told of as a whole when they end.
// So a limit of at least net.netfilter.nf_conntrack_max loses nothing, at about 60 bytes a connection.
//
// It may be used from two goroutines, one with dumps and one with events.
type Deltas struct {
	limit int
	seed  maphash.Seed

	mu      sync.Mutex
	known   keyed.Store[record]
	ended   map[uint64]struct{} // since the running dump began: it may still hold them
	forgot  bool                // some of them, for want of room
	dumping bool
	primed  bool // the first dump is complete
	dump    uint32
	stats   DeltaStats
}

// record is what is kept of a connection, by a hash of its tuple and ID.
type record struct {
	orig, reply Counters
	dump        uint32 // the last that held it
	reused      bool   // another connection has the key now, and the end of this one is still to be heard
	older       bool   // than the observer: of such the kernel need not tell the end
}

// Delta is what a connection carried since it was last told of.
type Delta struct {
	Orig, Reply Counters
	New         bool // told of for the first time
	Ended       bool // told of for the last time
}

// IsZero reports whether there is nothing to tell.
func (d Delta) IsZero() bool { return d == Delta{} }

// DeltaStats is how full a Deltas is.
type DeltaStats struct {
	Used, Limit int
	Refused     uint64 // times that a connection found no room
	Vanished    uint64 // connections that were gone without an event, though they began under our eyes
}

// NewDeltas returns a Deltas that keeps up to limit connections.
func NewDeltas(limit int) *Deltas {
	return &Deltas{limit: limit, seed: maphash.MakeSeed(), ended: map[uint64]struct{}{}}
}

// Begin must be called before a dump is asked for.
func (d *Deltas) Begin() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dumping = true
	d.dump++
}

// Seen takes an entry of the running dump.
func (d *Deltas) Seen(e *Entry) Delta {
	if !e.HasCounters || e.Status.Has(Dying) { // a dying one is told of by its event
		return Delta{}
	}
	key := d.key(e)
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, over := d.ended[key]; over {
		return Delta{}
	}
	r := d.known.Get(key)
	switch now := (record{orig: e.OrigCounters, reply: e.ReplyCounters, dump: d.dump}); {
	case r == nil:
		now.older = !d.primed
		return d.beginLocked(key, now)
	case r.reused || r.above(e): // the next dump tells of it, after the end of the one before
		r.reused = true
		return Delta{}
	default:
		before := *r
		now.older = before.older
		*r = now
		return now.since(before)
	}
}

// beginLocked takes up a connection that a dump holds and no other did.
func (d *Deltas) beginLocked(key uint64, now record) Delta {
	switch {
	case d.forgot && d.primed: // it may have ended; if not, the next dump tells of it
		return Delta{}
	case d.known.Used() >= d.limit:
		d.stats.Refused++
		return Delta{}
	}
	*d.known.Add(key) = now
	if !d.primed {
		return Delta{}
	}
	return now.whole()
}

// Ended takes an entry that ended.
func (d *Deltas) Ended(e *Entry) Delta {
	key := d.key(e)
	d.mu.Lock()
	defer d.mu.Unlock()
	last, delta := record{orig: e.OrigCounters, reply: e.ReplyCounters}, Delta{}
	r := d.known.Get(key)
	if e.HasCounters && (r != nil || d.primed) {
		delta = last.whole()
	}
	if r != nil && !(e.HasCounters && r.above(e)) { // otherwise what is kept is of another with the same key
		if before, _ := d.known.Take(key); e.HasCounters {
			delta = last.since(before)
		}
	}
	if d.dumping {
		d.rememberLocked(key)
	}
	delta.Ended = true
	return delta
}

// rememberLocked keeps the running dump from counting a connection again that ended meanwhile.
func (d *Deltas) rememberLocked(key uint64) {
	if len(d.ended) >= d.limit {
		d.stats.Refused++
		d.forgot = true
		return
	}
	d.ended[key] = struct{}{}
}

// End must be called after a dump, complete or broken off, and after Ended has been called with all that ended
// before a complete one did, as Reader.Dump sees to. It forgets connections that are gone without an event
// (because events were lost, or are off).
func (d *Deltas) End(complete bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dumping, d.forgot = false, false
	clear(d.ended)
	if !complete {
		d.dump-- // what it did not reach is not missing
		return
	}
	d.primed = true
	d.known.Sweep(func(r *record) bool {
		gone := int32(d.dump-r.dump) >= missedDumps
		if gone && !r.older {
			d.stats.Vanished++
		}
		return gone
	})
}

// Stats returns how full it is.
func (d *Deltas) Stats() DeltaStats {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.stats
	s.Used, s.Limit = d.known.Used(), d.limit
	return s
}

// above reports whether counters went back: then they are those of another connection. With the same tuple the
// kernel may give the same ID again.
func (r *record) above(e *Entry) bool {
	return e.OrigCounters.less(r.orig) || e.ReplyCounters.less(r.reply)
}

// since is what came after before; what is told of a connection that was not known is the whole.
func (r record) since(before record) Delta {
	return Delta{Orig: r.orig.Sub(before.orig), Reply: r.reply.Sub(before.reply)}
}

func (r record) whole() Delta { return Delta{Orig: r.orig, Reply: r.reply, New: true} }

// key hashes what tells one connection from all others.
func (d *Deltas) key(e *Entry) uint64 {
	var b [56]byte
	src, dst := e.Orig.Src.As16(), e.Orig.Dst.As16()
	copy(b[0:], src[:])
	copy(b[16:], dst[:])
	binary.NativeEndian.PutUint16(b[32:], e.Orig.SrcPort)
	binary.NativeEndian.PutUint16(b[34:], e.Orig.DstPort)
	binary.NativeEndian.PutUint16(b[36:], e.Orig.ICMP.ID)
	b[38], b[39] = e.Orig.ICMP.Type, e.Orig.ICMP.Code
	binary.NativeEndian.PutUint16(b[40:], e.Zone)
	binary.NativeEndian.PutUint16(b[42:], e.Orig.Zone)
	binary.NativeEndian.PutUint32(b[44:], e.ID)
	binary.NativeEndian.PutUint64(b[48:], started(e.Start)^uint64(e.Orig.Protocol)<<56)
	return maphash.Bytes(d.seed, b[:])
}

// started is zero for connections without a time.
func started(t time.Time) uint64 {
	if t.IsZero() {
		return 0
	}
	return uint64(t.UnixNano())
}
