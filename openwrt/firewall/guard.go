package firewall

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/nftables"
)

// A guard are tables that stand behind ours while those change.
//
// A transaction of nf_tables is one step for chains and rules, but not for sets that concatenate intervals: such a set
// shows its new elements at the very end of a commit, a while after the rules that ask it, and before Linux 6.17 it hides
// its old ones at the beginning. Tens of microseconds, in which what is stopped passes. And where tables are made anew a
// packet may meet the new chain before the step and the old one after it, when both are empty. So a change of such a set,
// and whatever makes tables anew, has a guard: the same quarantines and profiles in tables of their own, one step
// behind in every hook, put there by an earlier transaction and taken away by a later one.
// guardOf is the name of the guard of tables of ours.
func guardOf(name string) string { return name + "_guard" }

// guarded is what a guard is to stop.
type guarded State

func (g guarded) any() bool { return len(g.Quarantines)+len(g.Profiles) > 0 }

// guardedLocked says what needs the guard while tables change: what the kernel holds now and is to hold afterwards as
// well. What an earlier run left is not known: it counts as held.
func (f *Firewall) guardedLocked(s State, tables []table, anew []string) guarded {
	out := guarded{LAN: s.LAN, memory: &memory{f.memory.learned, map[writtenFor]written{}}}
	held := f.numbers == nil || slices.ContainsFunc(s.Quarantines, f.holds)
	if held && (slices.Contains(anew, tableName) || slices.ContainsFunc(tables, table.changesIntervals)) {
		out.Quarantines = s.Quarantines
	}
	for _, p := range s.Profiles {
		if slices.Contains(anew, profileName) && f.enforces(p) {
			out.Profiles = append(out.Profiles, p)
		}
	}
	return out
}

// enforces says whether the last Apply enforced the profile of a device, as p is to.
func (f *Firewall) enforces(p Profile) bool {
	return p.Mode == Enforce && (f.numbers == nil || slices.ContainsFunc(f.state.Profiles, func(q Profile) bool {
		return p.MAC == q.MAC && q.Mode == Enforce
	}))
}

// holds says whether the last Apply stopped something for the device of q.
func (f *Firewall) holds(q Quarantine) bool {
	return slices.ContainsFunc(f.state.Quarantines, func(p Quarantine) bool { return p.MAC == q.MAC })
}

// changesIntervals says whether a set of concatenated intervals is to be filled anew.
func (t table) changesIntervals() bool {
	return slices.ContainsFunc(t.sets, func(s set) bool {
		return s.refilled && !s.kept && s.spec.Interval && s.spec.Concatenation
	})
}

// postLocked puts the guard in force.
func (f *Firewall) postLocked(ctx context.Context, g guarded, now time.Time) error {
	tables := render(State(g), f.kernel, now)
	err := f.transact(ctx, func(b batch) error {
		b.removeGuards(f.kernel.families())
		for _, t := range tables {
			t.stepBack()
			if err := b.addAs(guardOf(t.name), t); err != nil {
				return err
			}
		}
		return nil
	})
	f.guard = f.guard || err == nil
	return err
}

// stepBack puts the chains of t behind ours, so that what is refused is counted there.
func (t *table) stepBack() {
	for _, c := range t.chains {
		if c.hook != nil {
			c.hook.priority++
		}
	}
}

// relieveLocked takes the guard away, also where ctx has ended: a guard that stays holds what is released. It is
// tried again with the next change.
func (f *Firewall) relieveLocked(ctx context.Context) error {
	if !f.guard {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callDeadline)
	defer cancel()
	err := f.transact(ctx, func(b batch) error {
		b.removeGuards(f.kernel.families())
		return nil
	})
	if err != nil {
		return fmt.Errorf("take the guard away: %w", err)
	}
	f.guard = false
	generation, err := f.sockets.generation(ctx)
	if err != nil || generation != f.settled+1 {
		f.settled = 0 // somebody came between, or it is not known
		return err
	}
	f.settled, f.verified = generation, generation
	return nil
}

func (b batch) removeGuards(usable []nftables.TableFamily) {
	for _, name := range ours {
		b.remove(guardOf(name), usable)
	}
}

// remove takes away the tables of one name.
func (b batch) remove(name string, usable []nftables.TableFamily) {
	for _, family := range usable {
		t := &nftables.Table{Name: name, Family: family}
		b.conn.AddTable(t) // so that there is one to delete
		b.conn.DelTable(t)
	}
}
