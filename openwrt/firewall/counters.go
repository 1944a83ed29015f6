package firewall

import (
	"context"
	"fmt"

	"github.com/google/nftables"
)

// Counters are read back from the kernel.
type Counters struct {
	Quarantines map[string]Proof // by Quarantine.ID, those of the last applied State
	Packets     Count            // packets that the rate limit of Log.Group skipped
	Names       Count            // and that of Log.DNSGroup
}

// Proof is what the kernel says about one quarantine.
type Proof struct {
	InForce bool  // its rules and its device are in the kernel at this moment
	Refused Count // what it dropped since it was first applied
}

// Count is packets and their bytes, as long as the kernel had them: IP bytes in inet, frames elsewhere.
type Count struct {
	Packets, Bytes uint64
}

func (c *Count) add(d Count) {
	c.Packets += d.Packets
	c.Bytes += d.Bytes
}

// cell is one counter in the kernel.
type cell struct {
	family nftables.TableFamily
	name   string  // of a named counter, or of a set
	mac    [6]byte // of an element
}

// ledger adds up counters that the kernel sets to zero whenever an element or a table comes anew.
type ledger struct {
	last    map[cell]Count // as read last; what the kernel has on top of it is new
	refused map[string]Count
	skipped map[string]Count
}

func newLedger() ledger {
	return ledger{map[cell]Count{}, map[string]Count{}, map[string]Count{}}
}

// record takes what the kernel counts now. Each quarantine in qs of a MAC gets what was refused to it.
func (l *ledger) record(now map[cell]Count, qs []Quarantine) {
	for c, n := range now {
		d := n.since(l.last[c])
		if c.mac == [6]byte{} {
			l.credit(l.skipped, c.name, d)
			continue
		}
		for _, q := range qs {
			if q.MAC == c.mac && levelOf(c.name) == q.Level {
				l.credit(l.refused, q.ID, d)
			}
		}
	}
	l.last = now
}

func (l *ledger) credit(to map[string]Count, name string, d Count) {
	sum := to[name]
	sum.add(d)
	to[name] = sum
}

// renewed says that the kernel counts from zero again.
func (l *ledger) renewed(all bool) {
	for c := range l.last {
		if all || c.mac != [6]byte{} {
			delete(l.last, c)
		}
	}
}

// keep forgets quarantines that are no longer in qs.
func (l *ledger) keep(qs []Quarantine) {
	kept := make(map[string]Count, len(qs))
	for _, q := range qs {
		kept[q.ID] = l.refused[q.ID]
	}
	l.refused = kept
}

// since is what came on top of before; less than before means that somebody reset the counter.
func (c Count) since(before Count) Count {
	if c.Packets < before.Packets || c.Bytes < before.Bytes {
		return c
	}
	return Count{c.Packets - before.Packets, c.Bytes - before.Bytes}
}

// levelOf tells which level the elements of a set count for.
func levelOf(set string) Level {
	if set == setRefused {
		return Full
	}
	return ""
}

// reading is what the kernel holds of our tables at one moment.
type reading struct {
	cells   map[cell]Count
	present map[cell]bool // elements of the sets that decide who is cut off
}

func (s sockets) read(ctx context.Context, tables []table) (reading, error) {
	r := reading{map[cell]Count{}, map[cell]bool{}}
	c, err := s.nft(ctx)
	if err != nil {
		return r, err
	}
	for _, t := range tables {
		owner := &nftables.Table{Name: tableName, Family: t.family}
		if err := r.addCounters(c, owner, t.counters); err != nil {
			return r, err
		}
		for _, set := range t.sets {
			if set.spec.Name != setFull && set.spec.Name != setRefused {
				continue
			}
			if err := r.addElements(c, set.in(owner)); err != nil {
				return r, err
			}
		}
	}
	return r, nil
}

func (r reading) addCounters(c *nftables.Conn, owner *nftables.Table, names []string) error {
	if len(names) == 0 {
		return nil
	}
	objects, err := c.GetObjects(owner)
	if err != nil {
		return fmt.Errorf("read counters of table %s: %w", familyName(owner.Family), err)
	}
	for _, o := range objects {
		if n, ok := o.(*nftables.CounterObj); ok {
			r.cells[cell{family: owner.Family, name: n.Name}] = Count{n.Packets, n.Bytes}
		}
	}
	return nil
}

func (r reading) addElements(c *nftables.Conn, spec *nftables.Set) error {
	elements, err := c.GetSetElements(spec)
	if err != nil {
		return fmt.Errorf("read set %s of table %s: %w", spec.Name, familyName(spec.Table.Family), err)
	}
	for _, e := range elements {
		if len(e.Key) < 6 {
			continue
		}
		at := cell{family: spec.Table.Family, name: spec.Name, mac: [6]byte(e.Key)}
		r.present[at] = true
		if e.Counter != nil {
			r.cells[at] = Count{e.Counter.Packets, e.Counter.Bytes}
		}
	}
	return nil
}

// holds says whether every table that drops for q does so now.
func (r reading) holds(q Quarantine, tables []table) bool {
	found := false
	for _, t := range tables {
		for _, s := range t.sets {
			if !s.timed || s.spec.Name != setFull && s.spec.Name != setRefused {
				continue
			}
			if !r.present[cell{t.family, s.spec.Name, q.MAC}] {
				return false
			}
			found = true
		}
	}
	return found
}

// Counters reads back what the kernel counted and which quarantines are really in force. A quarantine whose
// end has come is not; nor is any after somebody changed a rule of our tables.
func (f *Firewall) Counters(ctx context.Context) (Counters, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := Counters{Quarantines: map[string]Proof{}}
	intact, err := f.intactLocked(ctx)
	if err != nil {
		return out, err
	}
	var now reading
	if intact {
		if now, err = f.sockets.read(ctx, f.tables); err != nil {
			return out, fmt.Errorf("read back: %w", err)
		}
		f.ledger.record(now.cells, f.state.Quarantines)
	}
	for _, q := range f.state.Quarantines {
		out.Quarantines[q.ID] = Proof{
			InForce: intact && remaining(q, f.now()) >= 0 && now.holds(q, f.tables),
			Refused: f.ledger.refused[q.ID],
		}
	}
	out.Packets, out.Names = f.ledger.skipped[counterPackets], f.ledger.skipped[counterNames]
	return out, nil
}
