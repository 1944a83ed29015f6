package firewall

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/nftables"
)

// guardName is the name of the tables that stand behind ours while those change.
//
// A transaction of nf_tables is one step for chains and rules, but not for sets that concatenate intervals: such a set
// shows its new elements at the very end of a commit, a while after the rules that ask it, and before Linux 6.17 it hides
// its old ones at the beginning. Tens of microseconds, in which what is stopped passes. And where tables are made anew a
// packet may meet the new chain before the step and the old one after it, when both are empty. So a change of such a set,
// and whatever makes our tables anew, has a guard: the same quarantines and profiles in tables of their own, one step
// behind in every hook, put there by an earlier transaction and taken away by a later one.
const guardName = tableName + "_guard"

// guardedLocked says whether a change of tables needs the guard: whether something that the kernel holds now is to hold
// afterwards as well. What an earlier run left is not known: it counts as held.
func (f *Firewall) guardedLocked(s State, tables []table, rebuild bool) bool {
	if rebuild && slices.ContainsFunc(s.Profiles, f.enforces) {
		return true
	}
	if len(s.Quarantines) == 0 || f.numbers != nil && !slices.ContainsFunc(s.Quarantines, f.holds) {
		return false
	}
	return rebuild || slices.ContainsFunc(tables, table.changesIntervals)
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

// postLocked puts the guard in force: what s stops and nothing else.
func (f *Firewall) postLocked(ctx context.Context, s State, now time.Time) error {
	stops := State{LAN: s.LAN, Quarantines: s.Quarantines, memory: &memory{f.memory.learned, map[writtenFor]written{}}}
	for _, p := range s.Profiles {
		if f.enforces(p) {
			stops.Profiles = append(stops.Profiles, p)
		}
	}
	tables := render(stops, f.kernel, now)
	err := f.transact(ctx, func(b batch) error {
		b.remove(guardName, f.kernel.families())
		for _, t := range tables {
			t.stepBack()
			if err := b.addAs(guardName, t); err != nil {
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
		b.remove(guardName, f.kernel.families())
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

// remove takes away the tables of one name.
func (b batch) remove(name string, usable []nftables.TableFamily) {
	for _, family := range usable {
		t := &nftables.Table{Name: name, Family: family}
		b.conn.AddTable(t) // so that there is one to delete
		b.conn.DelTable(t)
	}
}
