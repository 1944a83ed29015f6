package decide

import (
	"slices"
	"strconv"
	"time"

	"spinneret/agent/culprit"
	"spinneret/capture"
	"spinneret/capture/packet"
	"spinneret/capture/say"
	"spinneret/dots/wire"
)

// RequestState is what became of a request; the values are the contract's.
type RequestState string

// The states of a request.
const (
	Asking        RequestState = "asking" // being looked into, or waiting for the owner
	Active        RequestState = "active"
	Logged        RequestState = "logged"
	Refused       RequestState = "refused"
	WithdrawnOver RequestState = "withdrawn"
	ExpiredOver   RequestState = "expired"
	Released      RequestState = "released"
	Failed        RequestState = "failed"
)

// Request is what a provider asked for, and what became of it.
type Request struct {
	ID      string
	Entry   wire.Entry
	Policy  string // log, ask, flow or device, as it was then
	State   RequestState
	Devices []packet.MAC
	Why     say.Phrase // it is these devices, and what the owner has to know

	Looking  bool // the device is not found yet
	LookedAt time.Time
	Again    time.Time // when the provider asked again, after no device was found; zero where it did not
	Unasked  bool      // nobody was asked
	Acted    time.Time // since when traffic is stopped; zero while none is
	Spared   time.Time // when the owner let the devices go; zero where nobody did
	Replaced time.Time `json:"-"` // when a later request took its place while it was active
	Held     bool      // by the kernel

	Dropped  wire.Drops // so far
	Before   wire.Drops // of them, what is not counted for the orders of now
	LastDrop time.Time
	Meter    Meter      `json:"-"`
	Told     wire.State `json:"-"` // to the provider
}

// InVain reports whether no device was found.
func (r *Request) InVain() bool { return r.State == Failed && len(r.Devices) == 0 }

// Asked is when the provider asked for what is being looked for.
func (r *Request) Asked() time.Time {
	if r.Again.IsZero() {
		return r.Entry.Received
	}
	return r.Again
}

// Over reports whether the provider has nothing to wait for any more.
func (r *Request) Over() bool {
	switch r.State {
	case Refused, WithdrawnOver, ExpiredOver, Released:
		return true
	case Asking, Active, Logged, Failed:
	}
	return false
}

// maxRequests bounds the list. Those that are not over are at most as many as a wire.Book holds, which is less.
const maxRequests = 512

// maxMeant bounds what the owner called legitimate.
const maxMeant = 64

// Meant is traffic that the owner called legitimate: the next request for it is refused at once.
type Meant struct {
	Request  string // it was said of
	Provider string
	Scope    wire.Scope
	Devices  []packet.MAC
}

// Requests is the list of what providers asked for, oldest first.
type Requests struct {
	List   []*Request
	Meant  []Meant
	LastID int

	evicted uint64
}

// Stores tells how full the list is.
func (q *Requests) Stores() []capture.Store {
	return []capture.Store{{Name: "requests", Used: len(q.List), Limit: maxRequests, Evicted: q.evicted}}
}

// Enter adds a request. Where there is no room the oldest that is over makes some.
func (q *Requests) Enter(e wire.Entry, policy string) *Request {
	if len(q.List) >= maxRequests {
		i := max(slices.IndexFunc(q.List, (*Request).Over), 0)
		q.List = slices.Delete(q.List, i, i+1)
		q.evicted++
	}
	q.LastID++
	r := &Request{ID: "r" + strconv.Itoa(q.LastID), Entry: e, Policy: policy, State: Asking, Why: say.New("request.looking"), Looking: true}
	q.List = append(q.List, r)
	return r
}

// Get finds a request by its ID; nil where there is none.
func (q *Requests) Get(id string) *Request {
	return q.find(func(r *Request) bool { return r.ID == id })
}

// Open finds the request of a key that is not over; nil where there is none.
func (q *Requests) Open(k wire.Key) *Request {
	return q.find(func(r *Request) bool { return r.Entry.Key == k && !r.Over() })
}

func (q *Requests) find(is func(*Request) bool) *Request {
	if i := slices.IndexFunc(q.List, is); i >= 0 {
		return q.List[i]
	}
	return nil
}

// justNow is how long after one request was replaced another may be the one that took its place.
const justNow = time.Minute

// Predecessor is the active request in whose place its provider has just put another for the same traffic, by a higher
// mid (RFC 9132 section 4.4.1.3); nil where there is none. Whom it was about still holds: while a device is held back,
// no flow tells that it is the one.
func (q *Requests) Predecessor(r *Request, now time.Time) *Request {
	return q.find(func(old *Request) bool {
		return old != r && old.Entry.Client == r.Entry.Client && old.Policy == r.Policy && !old.Replaced.IsZero() &&
			now.Sub(old.Replaced) < justNow && old.Entry.Request.Scope.Equal(r.Entry.Request.Scope)
	})
}

// Entries are the mitigations that are not over, for the next session with their providers.
func (q *Requests) Entries() (list []wire.Entry) {
	for _, r := range q.List {
		if !r.Over() {
			list = append(list, r.Entry)
		}
	}
	return list
}

// Remember keeps that a request's traffic is meant.
func (q *Requests) Remember(r *Request) {
	q.Forget(r.ID)
	q.Meant = append(q.Meant, Meant{r.ID, r.Entry.Provider, r.Entry.Request.Scope, r.Devices})
	q.Meant = q.Meant[max(0, len(q.Meant)-maxMeant):]
}

// Forget takes back what was said of a request, and reports whether anything was.
func (q *Requests) Forget(id string) bool {
	before := len(q.Meant)
	q.Meant = slices.DeleteFunc(q.Meant, func(m Meant) bool { return m.Request == id })
	return len(q.Meant) < before
}

// Remembers reports whether the owner called a request's traffic legitimate.
func (q *Requests) Remembers(id string) bool {
	return slices.ContainsFunc(q.Meant, func(m Meant) bool { return m.Request == id })
}

// SameRequest reports whether a provider asks just that again.
func (m Meant) SameRequest(provider string, s wire.Scope) bool {
	return m.Provider == provider && sameTraffic(m.Scope, s) && sameSet(m.Scope.Sources, s.Sources) &&
		sameSet(m.Scope.SourcePorts, s.SourcePorts)
}

// SameDevice reports whether it is the same traffic of the same device, whatever port it has outside by now.
func (m Meant) SameDevice(provider string, s wire.Scope, f culprit.Finding) bool {
	return m.Provider == provider && sameTraffic(m.Scope, s) && len(f.Suspects) == 1 &&
		slices.Equal(m.Devices, []packet.MAC{f.Suspects[0].MAC})
}

func sameTraffic(a, b wire.Scope) bool {
	return sameSet(a.Targets, b.Targets) && sameSet(a.TargetPorts, b.TargetPorts) && sameSet(a.Protocols, b.Protocols) &&
		sameSet(a.SourceICMP, b.SourceICMP)
}

func sameSet[T comparable](a, b []T) bool {
	within := func(x, y []T) bool {
		return !slices.ContainsFunc(x, func(v T) bool { return !slices.Contains(y, v) })
	}
	return within(a, b) && within(b, a)
}

// AnyActive reports whether anything is stopped for a provider.
func (q *Requests) AnyActive() bool {
	return slices.ContainsFunc(q.List, func(r *Request) bool { return r.State == Active })
}
