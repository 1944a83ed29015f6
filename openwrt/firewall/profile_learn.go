package firewall

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/nftables"

	"spinneret/mud"
)

// Learn adds addresses of a domain name to what profiles allow, in one small transaction: the answer to a device's
// question races the device's next packet. The name is as in the policies, with "*." before it where an entry allows
// all names below. An address that is there already never ends earlier than before. What was learned stays through
// every Apply, as long as some profile names it; a name that none does is nothing.
func (f *Firewall) Learn(ctx context.Context, name string, addrs []Address) error {
	for _, a := range addrs {
		if !a.Addr.IsValid() {
			return fmt.Errorf("learn %q: %w", name, errors.New("an address that is none"))
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.named[name] || len(addrs) == 0 {
		return nil
	}
	now := f.now()
	changed, again := f.memory.learned.learn(name, addrs, now)
	if !changed || f.numbers == nil { // where nothing is in force yet, the next Apply takes them along
		return nil
	}
	if err := f.teachLocked(ctx, name, again, now); err != nil {
		return fmt.Errorf("learn %q: %w", name, err)
	}
	return nil
}

// teachLocked brings what is known of a name to the kernel. An element that is there keeps its end on kernels before
// 6.12 whatever is said, so a name with any of them is filled anew; it is a set of hashes, and misses nothing meanwhile.
func (f *Firewall) teachLocked(ctx context.Context, name string, again bool, now time.Time) error {
	before, err := f.sockets.generation(ctx)
	if err != nil {
		return err
	}
	err = f.transact(ctx, func(b batch) error {
		for i := range f.tables {
			for j := range f.tables[i].sets {
				if s := &f.tables[i].sets[j]; s.name == name {
					if err := f.refillName(b, f.tables[i].id(), s, again, now); err != nil {
						return err
					}
				}
			}
		}
		return nil
	})
	alone := err == nil && before == f.settled
	if err == nil {
		err = f.settleLocked(ctx, before, nil, nil)
	}
	if !alone {
		f.settled = 0 // somebody may have changed other sets
	}
	return err
}

// refillName brings one set of a name up to date.
func (f *Firewall) refillName(b batch, t tableID, s *set, again bool, now time.Time) error {
	spec := s.in(&nftables.Table{Name: t.name, Family: t.family})
	v6 := s.spec.KeyType == nftables.TypeIP6Addr
	s.elements, s.filled = f.memory.learned.elements(s.name, s.always, v6, now), now
	if again {
		b.conn.FlushSet(spec)
	}
	return b.fill(spec, s.elements)
}

// nameSet says which names profiles are about.
func (s State) nameSet() map[string]bool {
	out := map[string]bool{}
	for _, p := range s.Profiles {
		for _, e := range p.endpoints() {
			if e.Kind == mud.Name {
				out[e.Name] = true
			}
		}
	}
	return out
}
