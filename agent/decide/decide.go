// Package decide keeps who asked for which device to be cut off, and why; it is pure: time comes in, orders come out.
package decide

import (
	"slices"
	"sort"
	"strconv"
	"time"

	"spinneret/capture/packet"
	"spinneret/capture/say"
)

// Source is who asked for a quarantine.
type Source string

// The sources of the contract's section 4.
const (
	Owner   Source = "owner"
	DOTS    Source = "dots"
	Anomaly Source = "anomaly"
	MUD     Source = "mud"
)

// Order is one reason why one device is cut off. A device may be under several, of different sources.
type Order struct {
	ID       string
	MAC      packet.MAC
	Level    string // full, internet or flow
	Source   Source
	Provider string // source dots only
	Request  string // the ID of its Request; source dots only
	Why      say.Phrase
	Since    time.Time
	Until    time.Time // zero: until released
	To       []string  // level flow only
	Held     bool      // a new device that waits for the owner
	Unsure   bool      // its times are from a clock that was not set
}

// Expired reports whether the order has ended by now.
func (o Order) Expired(now time.Time) bool { return !o.Until.IsZero() && !now.Before(o.Until) }

// Left is how much of a timed order's time is left; zero where it has no end.
func (o Order) Left(now time.Time) time.Duration {
	if o.Until.IsZero() {
		return 0
	}
	return max(o.Until.Sub(now), 1)
}

// Book is the set of orders in force. Copies made by Clone are independent, so that a change that the kernel
// refused can be forgotten whole.
type Book struct {
	orders []Order
	lastID int
	ended  []Span // by when they ended; never changed in place
}

// Clone copies the book.
func (b *Book) Clone() *Book {
	return &Book{orders: slices.Clone(b.orders), lastID: b.lastID, ended: b.ended}
}

// NewBook is a book of orders from an earlier run, whose last ID had the number lastID, and of what had ended.
func NewBook(orders []Order, lastID int, ended []Span) *Book {
	return &Book{orders: slices.Clone(orders), lastID: lastID, ended: ended}
}

// LastID is the number in the last ID that was given.
func (b *Book) LastID() int { return b.lastID }

// ClockJumped moves the times that were taken from a wrong clock by what it jumped: their ends stay as far away as they
// were. With set, the clock is believed from now on.
func (b *Book) ClockJumped(jump time.Duration, set bool) {
	for i := range b.orders {
		o := &b.orders[i]
		if !o.Unsure {
			continue
		}
		o.Unsure, o.Since = !set, o.Since.Add(jump)
		if !o.Until.IsZero() {
			o.Until = o.Until.Add(jump)
		}
	}
}

// Put enters an order and returns it with its ID; it replaces the earlier order of the same source (and
// provider's request) on the same device.
func (b *Book) Put(o Order) Order {
	b.lastID++
	o.Since, o.Until = o.Since.Round(0), o.Until.Round(0) // by the wall: ClockJumped can move nothing else
	o.ID = "q" + strconv.Itoa(b.lastID)
	b.orders = slices.DeleteFunc(b.orders, func(old Order) bool {
		return old.MAC == o.MAC && old.Source == o.Source && old.Provider == o.Provider && old.Request == o.Request
	})
	b.orders = append(b.orders, o)
	return o
}

// Carry puts a device under the orders of another beside its own: it is the same one under a new MAC.
func (b *Book) Carry(from, to packet.MAC) {
	for _, o := range b.Of(from) {
		o.MAC = to
		for _, x := range b.Of(to) {
			if x.Source == o.Source && x.Provider == o.Provider && x.Request == o.Request {
				o = Together(o, x)
			}
		}
		b.Put(o)
	}
}

// Together is an order that holds back as much as it and another do, for as long as the longer of them.
func Together(o, other Order) Order {
	switch {
	case strictness(other.Level) > strictness(o.Level):
		o.Level, o.To = other.Level, other.To
	case o.Level == other.Level:
		for _, to := range other.To {
			if !slices.Contains(o.To, to) {
				o.To = append(slices.Clone(o.To), to)
			}
		}
	}
	if other.Until.IsZero() || !o.Until.IsZero() && other.Until.After(o.Until) {
		o.Until = other.Until
	}
	return o
}

// Release ends the orders of one source on a device, or all where source is empty, and returns what ended.
func (b *Book) Release(mac packet.MAC, source Source) []Order {
	return b.remove(func(o Order) bool { return o.MAC == mac && (source == "" || o.Source == source) })
}

// Prolong moves the end of a request's orders. They keep their IDs, and so what was counted for them.
func (b *Book) Prolong(request string, until time.Time) {
	for i := range b.orders {
		if b.orders[i].Request == request {
			b.orders[i].Until = until.Round(0)
		}
	}
}

// Close ends the orders of one request and returns them.
func (b *Book) Close(request string) []Order {
	return b.remove(func(o Order) bool { return o.Request == request })
}

// For lists the orders of one request.
func (b *Book) For(request string) []Order {
	return slices.DeleteFunc(b.All(), func(o Order) bool { return o.Request != request })
}

// Expire ends what is over by now and returns it.
func (b *Book) Expire(now time.Time) []Order {
	return b.remove(func(o Order) bool { return o.Expired(now) })
}

func (b *Book) remove(over func(Order) bool) []Order {
	var ended []Order
	b.orders = slices.DeleteFunc(b.orders, func(o Order) bool {
		if !over(o) {
			return false
		}
		ended = append(ended, o)
		return true
	})
	return ended
}

// All lists the orders, oldest first.
func (b *Book) All() []Order { return slices.Clone(b.orders) }

// Of lists a device's orders, strictest first; of equals the oldest first.
func (b *Book) Of(mac packet.MAC) []Order {
	var of []Order
	for _, o := range b.orders {
		if o.MAC == mac {
			of = append(of, o)
		}
	}
	sort.SliceStable(of, func(i, j int) bool { return strictness(of[i].Level) > strictness(of[j].Level) })
	return of
}

// Next is when the first timed order ends; zero where none does.
func (b *Book) Next() time.Time {
	var next time.Time
	for _, o := range b.orders {
		if !o.Until.IsZero() && (next.IsZero() || o.Until.Before(next)) {
			next = o.Until
		}
	}
	return next
}

func strictness(level string) int {
	return slices.Index([]string{"flow", "internet", "full"}, level)
}
