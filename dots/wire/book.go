package wire

import (
	"net/netip"
	"time"
)

// Judge knows the home that requests are about.
type Judge interface {
	// Ours reports whether a source prefix lies within the addresses that this provider sees us by.
	Ours(c Client, source netip.Prefix) bool
	// Legitimate reports whether the owner said before that this traffic is meant.
	Legitimate(c Client, s Scope) bool
}

// Answer is what a request gets, and what it changed.
type Answer struct {
	Code   Code
	Body   []byte // CBOR
	Text   string // what it says in words; it goes out where there is no body
	MaxAge uint32 // seconds, with 5.03
	Silent bool   // no answer at all

	New       *Entry  // to be acted upon
	Refreshed *Entry  // asked for again: its end or its efficacy changed
	Withdrawn *Entry  // its client took it back
	Replaced  []Entry // by New: no longer in force
}

// Book holds the mitigations of all clients. It is not safe for concurrent use.
type Book struct {
	limits  Limits
	entries map[Key]*Entry
	recent  map[Client][]time.Time // when new mitigations came, within a minute
}

// NewBook is an empty book.
func NewBook(l Limits) *Book {
	return &Book{limits: l, entries: map[Key]*Entry{}, recent: map[Client][]time.Time{}}
}

// Put decides on a PUT for a mitigation that DecodeRequest accepted (RFC 9132 section 4.4.1, RFC 9066 section 5.3.1);
// ifMatch tells that it came with an empty If-Match (section 4.4.3).
func (b *Book) Put(now time.Time, k Key, r Request, ifMatch bool, judge Judge) Answer {
	for _, source := range r.Sources {
		if !judge.Ours(k.Client, source) {
			return refuse(badRequest("a source-prefix is none of this home's addresses"))
		}
	}
	if b.taken(k) {
		return conflict(Conflict{Cause: CUIDCollision})
	}
	old := b.entries[k]
	switch {
	case ifMatch && old == nil:
		return Answer{Silent: true}
	case old != nil && !old.Request.Scope.Equal(r.Scope):
		return refuse(badRequest("this mid stands for another request: use a higher one"))
	case old != nil:
		return b.refresh(now, old, r)
	case judge.Legitimate(k.Client, r.Scope):
		return conflict(Conflict{Cause: LegitimateTraffic})
	}
	return b.create(now, k, r)
}

// taken reports whether the client's identifier is in use by another.
func (b *Book) taken(k Key) bool {
	for other := range b.entries {
		if other.CUID == k.CUID && other.Client != k.Client {
			return true
		}
	}
	return false
}

// refresh is the same request again: a longer life, or word of how well it goes.
func (b *Book) refresh(now time.Time, e *Entry, r Request) Answer {
	if e.withdrawn() {
		e.Status, e.Grace = InProgress, min(2*e.Grace, b.limits.LongGrace)
	}
	granted := b.grant(r.Lifetime)
	e.Ends, e.Request.Lifetime, e.Request.Efficacy = now.Add(granted), r.Lifetime, r.Efficacy
	return Answer{Code: Changed, Body: success(e.MID, granted, 0), Refreshed: clone(e)}
}

// create enters a new mitigation, unless there are too many or a later one of the same client stands in its way.
func (b *Book) create(now time.Time, k Key, r Request) Answer {
	var lower []Entry
	var elsewhere []netip.Prefix
	for _, e := range b.entries {
		switch {
		case !e.Request.Scope.Overlaps(r.Scope) || e.withdrawn():
		case e.Client != k.Client || e.CUID != k.CUID:
			elsewhere = append(elsewhere, e.Request.Targets...)
		case e.MID > k.MID:
			higher := e.MID
			return conflict(Conflict{Cause: OverlappingTargets, MID: &higher, Scope: Scope{Targets: shared(e.Request.Targets, r.Targets)}})
		default:
			lower = append(lower, *e)
		}
	}
	if b.tooMany(now, k.Client) {
		return Answer{Code: ServiceUnavailable, Text: "too many requests", MaxAge: b.limits.RetryAfter}
	}
	for _, e := range lower {
		delete(b.entries, e.Key)
	}
	granted := b.grant(r.Lifetime)
	e := &Entry{Key: k, Request: r, Received: now, Ends: now.Add(granted), Status: InProgress, Grace: b.limits.Grace}
	b.entries[k] = e
	return Answer{Code: Created, Body: success(k.MID, granted, InProgress, met(r.Targets, elsewhere)...), New: clone(e), Replaced: lower}
}

// tooMany counts the request too: a client that keeps asking keeps waiting.
func (b *Book) tooMany(now time.Time, c Client) bool {
	of := 0
	for k := range b.entries {
		if k.Client == c {
			of++
		}
	}
	recent := b.recent[c]
	for len(recent) > 0 && now.Sub(recent[0]) > time.Minute {
		recent = recent[1:]
	}
	full := of >= b.limits.PerClient || len(b.entries) >= b.limits.All || len(recent) >= b.limits.PerMinute
	if !full {
		recent = append(recent, now)
	}
	b.recent[c] = recent
	return full
}

// grant is how long a mitigation lives that was asked for with this lifetime in seconds.
func (b *Book) grant(lifetime int64) time.Duration {
	if lifetime == Indefinite || lifetime > int64(b.limits.Lifetime/time.Second) {
		return b.limits.Lifetime
	}
	return time.Duration(lifetime) * time.Second
}

func clone(e *Entry) *Entry {
	c := *e
	return &c
}

func refuse(err *Error) Answer { return Answer{Code: err.Code, Text: err.Text} }

// causes are the conflicts in words. They do not go out, where there is a body: the owner reads them.
var causes = map[Cause]string{
	OverlappingTargets: "a later request of it is about the same traffic",
	CUIDCollision:      "another client goes by its identifier",
	LegitimateTraffic:  "you called this traffic legitimate",
}

func conflict(c Conflict) Answer {
	return Answer{Code: Conflicted, Body: EncodeReports(Report{Conflict: &c}), Text: causes[c.Cause]}
}

// success is the body of a 2.01 or 2.04. A target that another client named too is said: both are in force, and
// neither learns more than what it asked for itself.
func success(mid uint32, granted time.Duration, s Status, elsewhere ...netip.Prefix) []byte {
	seconds := int64(granted / time.Second)
	r := Report{MID: &mid, Lifetime: &seconds, Status: s}
	if len(elsewhere) > 0 {
		r.Conflict = &Conflict{Status: ThisActive, Cause: OverlappingTargets, Scope: Scope{Targets: elsewhere}}
	}
	return EncodeReports(r)
}
