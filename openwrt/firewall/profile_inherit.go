package firewall

import (
	"context"
	"net/netip"
	"time"

	"github.com/google/nftables"
)

// inheritLocked learns what an agent before this one had learned, from the kernel, before the first Apply makes its tables
// anew: a device goes on with what it was told by DNS, also where that agent was killed. What has no end came with the
// profiles, and does so again.
func (f *Firewall) inheritLocked(ctx context.Context, s State, now time.Time) error {
	if f.inherited || len(s.Profiles) == 0 {
		return nil
	}
	f.inherited = true
	c, err := f.sockets.nft(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = c.CloseLasting() }()
	for _, t := range renderProfiles(s, f.kernel, now) {
		owner := &nftables.Table{Name: t.name, Family: t.family}
		for _, set := range t.sets {
			if set.name == "" {
				continue
			}
			if elements, err := c.GetSetElements(set.in(owner)); err == nil { // else there was none
				f.memory.learned.learn(set.name, lasting(elements), now)
			}
		}
	}
	return nil
}

// lasting are the addresses in a set that have an end.
func lasting(elements []nftables.SetElement) (list []Address) {
	for _, e := range elements {
		if a, ok := netip.AddrFromSlice(e.Key); ok && e.Expires > 0 {
			list = append(list, Address{a, e.Expires})
		}
	}
	return list
}
