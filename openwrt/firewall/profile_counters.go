package firewall

import (
	"context"
	"fmt"
	"reflect"
	"strconv"
)

// ProfileCounters are what the kernel counted for one profile, since its policy was applied first.
type ProfileCounters struct {
	// From and To are by the index of Policy.From and Policy.To. In an open policy a rule counts the packets that opened
	// connections, on a bridge all that it let pass; answers are not counted.
	From, To               []Count
	RefusedFrom, RefusedTo Count // what no rule allowed, or one dropped; in mode Watch it passed
}

// Profiles reads back what the kernel counted for each profile of the last applied State.
func (f *Firewall) Profiles(ctx context.Context) (map[[6]byte]ProfileCounters, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	intact, err := f.intactLocked(ctx)
	if err == nil && intact {
		err = f.tallyLocked(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("read counters of profiles: %w", err)
	}
	out := make(map[[6]byte]ProfileCounters, len(f.state.Profiles))
	for _, p := range f.state.Profiles {
		c := ProfileCounters{
			From: make([]Count, len(p.Policy.From)), To: make([]Count, len(p.Policy.To)),
			RefusedFrom: f.ledger.tallies[tally{p.MAC, false, refused}],
			RefusedTo:   f.ledger.tallies[tally{p.MAC, true, refused}],
		}
		for i := range c.From {
			c.From[i] = f.ledger.tallies[tally{p.MAC, false, i}]
		}
		for i := range c.To {
			c.To[i] = f.ledger.tallies[tally{p.MAC, true, i}]
		}
		out[p.MAC] = c
	}
	return out, nil
}

// tallyLocked adds up what the rules counted since they were read last.
func (f *Firewall) tallyLocked(ctx context.Context) error {
	if len(f.state.Profiles) == 0 {
		return nil
	}
	for _, t := range named(f.tables, profileName) {
		if err := f.tallyTable(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

func (f *Firewall) tallyTable(ctx context.Context, t table) error {
	of := map[string][]rule{}
	for _, c := range t.chains {
		of[c.name] = c.rules
	}
	at := map[string]int{}
	return f.sockets.rules(ctx, t.id(), func(r ruleRead) {
		i := at[r.chain]
		at[r.chain]++
		if rules := of[r.chain]; i < len(rules) && rules[i].tally != nil {
			f.ledger.tally(cell{t.family, r.chain, strconv.Itoa(i)}, *rules[i].tally, r.counted)
		}
	})
}

// tally adds what a rule counted since it was read last.
func (l *ledger) tally(at cell, of tally, now Count) {
	credit(l.tallies, of, now.since(l.rules[at]))
	l.rules[at] = now
}

// keepTallies forgets the counters of devices whose policy is another one, or none, from now on.
func (l *ledger) keepTallies(before, now []Profile) {
	same := map[[6]byte]bool{}
	for _, p := range now {
		for _, q := range before {
			same[p.MAC] = same[p.MAC] || p.MAC == q.MAC && reflect.DeepEqual(p.Policy, q.Policy)
		}
	}
	for of := range l.tallies {
		if !same[of.mac] {
			delete(l.tallies, of)
		}
	}
}
