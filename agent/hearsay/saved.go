package hearsay

import (
	"net/netip"
	"time"
)

// adopted is how long addresses of an earlier run count at most: nobody knows how long ago it ended.
const adopted = time.Hour

// Saved is what survives a restart, so that devices need not ask again before they may go on.
type Saved map[string]map[netip.Addr]time.Duration

// Save gives what is known, with the time that is left.
func (b *Book) Save(now time.Time) Saved {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := Saved{}
	for name, e := range b.entries {
		for a, at := range e.at {
			if left := at.until.Sub(now); left > 0 {
				if s[name] == nil {
					s[name] = map[netip.Addr]time.Duration{}
				}
				s[name][a] = left.Round(time.Second)
			}
		}
	}
	return s
}

// Adopt takes over what an earlier run knew, of the names that are wished for.
func (b *Book) Adopt(s Saved, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for name, addrs := range s {
		if b.entries[name] == nil {
			continue
		}
		for a, left := range addrs {
			if left > 0 {
				b.learnLocked(nil, name, a, min(left, adopted), now)
			}
		}
	}
}
