package wire

import (
	"cmp"
	"sort"
	"time"
)

// Get answers a GET for one mitigation of a client, or for all of them where mid is nil (RFC 9132 section 4.4.2).
func (b *Book) Get(now time.Time, c Client, cuid string, mid *uint32) Answer {
	var reports []Report
	for _, e := range b.sorted() {
		if e.Client == c && e.CUID == cuid && (mid == nil || e.MID == *mid) {
			reports = append(reports, e.Report(now))
		}
	}
	if len(reports) == 0 {
		return Answer{Code: NotFound, Text: "there is no such mitigation"}
	}
	return Answer{Code: Content, Body: EncodeReports(reports...)}
}

// Delete withdraws a mitigation (RFC 9132 section 4.4.4). The answer is the same where there is none. What was in
// force stays so for its grace, which keeps an attack that comes and goes from coming through.
func (b *Book) Delete(now time.Time, k Key) Answer {
	e := b.entries[k]
	if e == nil || e.withdrawn() {
		return Answer{Code: Deleted}
	}
	e.Status, e.Ends = Withdrawn, now.Add(e.Grace)
	return Answer{Code: Deleted, Withdrawn: clone(e)}
}

// Entry is one mitigation, and whether it is there.
func (b *Book) Entry(k Key) (Entry, bool) {
	e := b.entries[k]
	if e == nil {
		return Entry{}, false
	}
	return *e, true
}

// End removes a mitigation that is over for a reason of our own, and reports whether it was there.
func (b *Book) End(k Key) bool {
	_, there := b.entries[k]
	delete(b.entries, k)
	return there
}

// Expire removes the mitigations whose time is over, and returns them.
func (b *Book) Expire(now time.Time) (ended []Entry) {
	for _, e := range b.sorted() {
		if !now.Before(e.Ends) {
			ended = append(ended, e)
			delete(b.entries, e.Key)
		}
	}
	for c, recent := range b.recent {
		if len(recent) == 0 || now.Sub(recent[len(recent)-1]) > time.Minute {
			delete(b.recent, c)
		}
	}
	return ended
}

// Next is when the next mitigation ends; zero where there is none.
func (b *Book) Next() (next time.Time) {
	for _, e := range b.entries {
		if next.IsZero() || e.Ends.Before(next) {
			next = e.Ends
		}
	}
	return next
}

// State is how a mitigation goes, as far as the home can tell.
type State struct {
	Status   Status
	Drops    Drops
	Conflict *Conflict
}

// Update notes how a mitigation goes, and reports whether that is news: another status. One that its client took
// back keeps its status while it ends.
func (b *Book) Update(now time.Time, k Key, s State) (news bool) {
	e := b.entries[k]
	if e == nil {
		return false
	}
	e.Drops = s.Drops
	if e.withdrawn() || e.Status == s.Status {
		return false
	}
	e.Status, e.Conflict = s.Status, s.Conflict
	if e.Start.IsZero() && s.Status == Mitigated {
		e.Start = now
	}
	return true
}

// All lists the mitigations by provider, client and mid: what to keep for the next run.
func (b *Book) All() []Entry { return b.sorted() }

// Restore enters mitigations of an earlier run; those that are over meanwhile are left to Expire.
func (b *Book) Restore(list []Entry) {
	for _, e := range list[:min(len(list), b.limits.All)] {
		b.entries[e.Key] = clone(&e)
	}
}

// Active reports whether a client has a mitigation in force: its session then uses the mitigating configuration.
func (b *Book) Active(c Client) bool {
	for k := range b.entries {
		if k.Client == c {
			return true
		}
	}
	return false
}

func (b *Book) sorted() []Entry {
	list := make([]Entry, 0, len(b.entries))
	for _, e := range b.entries {
		list = append(list, *e)
	}
	sort.Slice(list, func(i, j int) bool {
		x, y := &list[i], &list[j]
		return cmp.Or(cmp.Compare(x.Provider, y.Provider), cmp.Compare(x.Identity, y.Identity), cmp.Compare(x.CUID, y.CUID), cmp.Compare(x.MID, y.MID)) < 0
	})
	return list
}
