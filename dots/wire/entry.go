package wire

import "time"

// Client is an authenticated peer: the provider's name in our configuration, and what its certificate or key says.
type Client struct{ Provider, Identity string }

// Key names one mitigation.
type Key struct {
	Client
	CUID string
	MID  uint32
}

// Entry is one mitigation that was accepted.
type Entry struct {
	Key
	Request  Request
	Received time.Time
	Ends     time.Time
	Start    time.Time // when it took effect; zero while it did not
	Status   Status
	Drops    Drops
	Conflict *Conflict     // why it stands as it does, where the owner said so
	Grace    time.Duration // how long it stays after a withdrawal
}

// Report is what its client may know of it: what it asked for itself, and how that stands.
func (e *Entry) Report(now time.Time) Report {
	left := int64(max(e.Ends.Sub(now), 0) / time.Second)
	r := Report{MID: &e.MID, Scope: e.Request.Scope, Lifetime: &left, Status: e.Status, Conflict: e.Conflict}
	if !e.Start.IsZero() {
		drops := e.Drops
		r.Start, r.Drops = e.Start.Unix(), &drops
	}
	return r
}

// withdrawn reports whether its client took it back: it stays in force for the rest of its grace.
func (e *Entry) withdrawn() bool { return e.Status == Withdrawn }

// Limits of what clients can ask for.
type Limits struct {
	Lifetime   time.Duration // the longest that is granted, also for Indefinite
	Grace      time.Duration // active but terminating, after a withdrawal (RFC 9132 section 4.4.4)
	LongGrace  time.Duration // the most that a client which comes and goes gets
	PerClient  int           // mitigations at once
	PerMinute  int           // new mitigations of one client
	All        int           // mitigations at once, of all clients
	RetryAfter uint32        // seconds that a client is asked to wait where there are too many
}

// DefaultLimits are generous to a provider that splits one attack over several requests, and small for a router.
// A day at most: a client that still means it asks again, and one that forgot does not block a device for ever.
func DefaultLimits() Limits {
	return Limits{
		Lifetime: 24 * time.Hour, Grace: 120 * time.Second, LongGrace: 300 * time.Second,
		PerClient: 64, PerMinute: 60, All: 256, RetryAfter: 60,
	}
}
