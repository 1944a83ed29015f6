package firewall

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/nftables"
)

// Counters are read back from the kernel.
type Counters struct {
	Quarantines map[string]Proof  // by Quarantine.ID, those of the last applied State
	Mappings    map[[6]byte]Count // what was dropped for State.NoMappings
	Packets     Count             // packets that the rate limit of Log.Group skipped
	Names       Count             // and that of Log.DNSGroup
	Loose       Count             // and that of Log.LooseGroup
	Inside      Count             // and that of Log.Inside
	Missed      Count             // frames inside the home that were not counted: no set had room
}

// Proof is what the kernel says about one quarantine.
type Proof struct {
	InForce bool // its rules and its elements are in the kernel at this moment
	// Refused is what was dropped for it since it was first applied. What several quarantines of one device
	// refuse counts for those of the strictest level, which meets it first, and for each of them.
	Refused Count
	Shown   Count // of that, what the kernel's counters show: they stay when the program ends, see Continue
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
	name   string // of a named counter, or of a set
	key    string // of an element, both its ends
}

// ledger adds up counters that the kernel sets to zero whenever an element or a table comes anew.
type ledger struct {
	last    map[cell]Count // as read last; what the kernel has on top of it is new
	refused map[string]Count
	skipped map[string]Count
	mapping map[[6]byte]Count

	rules   map[cell]Count // as read last, by chain and place
	tallies map[tally]Count
}

func newLedger() ledger {
	return ledger{
		map[cell]Count{},
		map[string]Count{},
		map[string]Count{},
		map[[6]byte]Count{},
		map[cell]Count{},
		map[tally]Count{},
	}
}

// record takes what the kernel counts now in tables. Each owner of an element gets what was refused by it.
func (l *ledger) record(now map[cell]Count, tables []table) {
	for c, n := range now {
		if c.key == "" {
			credit(l.skipped, c.name, n.since(l.last[c]))
		}
	}
	forEachElement(tables, func(c cell, owners []string) {
		d := now[c].since(l.last[c])
		for _, id := range owners {
			credit(l.refused, id, d)
		}
		if c.name == setMappings {
			credit(l.mapping, [6]byte([]byte(c.key)), d)
		}
	})
	l.last = now
}

func credit[K comparable](to map[K]Count, name K, d Count) {
	sum := to[name]
	sum.add(d)
	to[name] = sum
}

// forEachElement calls fn for every element that proves something.
func forEachElement(tables []table, fn func(c cell, owners []string)) {
	for _, t := range tables {
		for _, s := range t.sets {
			for i, e := range s.elements {
				if s.proves() {
					fn(cellOf(t.family, s.spec.Name, e), s.ownersOf(i))
				}
			}
		}
	}
}

func cellOf(family nftables.TableFamily, set string, e nftables.SetElement) cell {
	return cell{family, set, string(e.Key) + string(e.KeyEnd)}
}

// proves says whether the kernel's elements of s are worth reading.
func (s set) proves() bool { return s.owners != nil || s.spec.Name == setMappings }

func (s set) ownersOf(i int) []string {
	if s.owners == nil {
		return nil
	}
	return s.owners[i]
}

// renewed says that the kernel counts from zero again: in sets that were filled anew, and in tables that are anew.
func (l *ledger) renewed(tables []table, anew []string) {
	if slices.Contains(anew, profileName) {
		l.rules = map[cell]Count{}
	}
	if slices.Contains(anew, tableName) {
		l.last = map[cell]Count{}
		return
	}
	for _, t := range tables {
		for _, s := range t.sets {
			if s.kept || !s.proves() {
				continue
			}
			for c := range l.last {
				if c.family == t.family && c.name == s.spec.Name {
					delete(l.last, c)
				}
			}
		}
	}
}

// keep forgets quarantines and devices that are no longer in s.
func (l *ledger) keep(s State) {
	kept := make(map[string]Count, len(s.Quarantines))
	for _, q := range s.Quarantines {
		kept[q.ID] = l.refused[q.ID]
	}
	mapping := make(map[[6]byte]Count, len(s.NoMappings))
	for _, mac := range s.NoMappings {
		mapping[mac] = l.mapping[mac]
	}
	l.refused, l.mapping = kept, mapping
}

// since is what came on top of before; less than before means that somebody reset the counter.
func (c Count) since(before Count) Count {
	if c.Packets < before.Packets || c.Bytes < before.Bytes {
		return c
	}
	return Count{c.Packets - before.Packets, c.Bytes - before.Bytes}
}

// reading is what the kernel holds of our tables at one moment.
type reading struct {
	cells   map[cell]Count
	present map[cell]bool // elements that say who is cut off from what
}

func (s sockets) read(ctx context.Context, tables []table) (reading, error) {
	r := reading{map[cell]Count{}, map[cell]bool{}}
	c, err := s.nft(ctx)
	if err != nil {
		return r, err
	}
	defer func() { _ = c.CloseLasting() }()
	for _, t := range tables {
		owner := &nftables.Table{Name: t.name, Family: t.family}
		if err := r.addCounters(c, owner, t.counters); err != nil {
			return r, err
		}
		for _, set := range t.sets {
			if !set.proves() {
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
		return fmt.Errorf("read counters of table %s: %w", tableID{owner.Family, owner.Name}, err)
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
		return fmt.Errorf("read set %s of table %s: %w", spec.Name, tableID{spec.Table.Family, spec.Table.Name}, err)
	}
	for _, e := range elements {
		at := cellOf(spec.Table.Family, spec.Name, e)
		r.present[at] = true
		if e.Counter != nil {
			r.cells[at] = Count{e.Counter.Packets, e.Counter.Bytes}
		}
	}
	return nil
}

// holds says of each quarantine whether every element that is there for it is in the kernel now.
func (r reading) holds(tables []table) map[string]bool {
	out := map[string]bool{}
	forEachElement(tables, func(c cell, owners []string) {
		for _, id := range owners {
			before, known := out[id]
			out[id] = r.present[c] && (before || !known)
		}
	})
	return out
}

// show adds up what the counters have by quarantine.
func (r reading) show(tables []table, in map[string]Count) {
	forEachElement(tables, func(c cell, owners []string) {
		for _, id := range owners {
			credit(in, id, r.cells[c])
		}
	})
}

// Counters reads back what the kernel counted and which quarantines are really in force. A quarantine whose
// end has come is not; nor is any after somebody changed a rule of our tables.
func (f *Firewall) Counters(ctx context.Context) (Counters, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := Counters{Quarantines: map[string]Proof{}, Mappings: map[[6]byte]Count{}}
	intact, err := f.intactLocked(ctx)
	if err != nil {
		return out, err
	}
	var now reading
	if intact {
		if now, err = f.sockets.read(ctx, f.tables); err != nil {
			return out, fmt.Errorf("read back: %w", err)
		}
		f.ledger.record(now.cells, f.tables)
	}
	held, shown := now.holds(f.tables), map[string]Count{}
	now.show(f.tables, shown)
	for _, q := range f.state.Quarantines {
		out.Quarantines[q.ID] = Proof{
			InForce: intact && remaining(q, f.now()) >= 0 && held[q.ID],
			Refused: f.ledger.refused[q.ID],
			Shown:   shown[q.ID],
		}
	}
	for mac, n := range f.ledger.mapping {
		out.Mappings[mac] = n
	}
	out.Packets, out.Names = f.ledger.skipped[counterPackets], f.ledger.skipped[counterNames]
	out.Loose = f.ledger.skipped[counterLoose]
	out.Inside, out.Missed = f.ledger.skipped[counterInside], f.ledger.skipped[counterMissed]
	return out, nil
}
