package agent

import (
	"errors"
	"reflect"
	"slices"
	"time"

	"spinneret/agent/decide"
	"spinneret/agent/events"
	"spinneret/agent/state"
	"spinneret/capture/say"
	"spinneret/openwrt/firewall"
)

const quarantineFile = "quarantines"

// savedQuarantines is what survives a reboot: the orders, and the rules as they were, so that they can be put back
// before there is a network to ask.
type savedQuarantines struct {
	SavedAt time.Time
	LastID  int
	Orders  []savedOrder
	Ended   []decide.Span // for who looks back
	Rules   firewall.State
	Boot    string // of the machine, in which the kernel counted what orders have as Shown

	erasures int // of devices when it was made, see Erase
}

// savedOrder keeps the end and the time that was left: the end counts where the clock was right when the order was
// given, else the time that was left. Refused and Shown are those of firewall.Proof.
type savedOrder struct {
	decide.Order
	Left           time.Duration
	Refused, Shown firewall.Count
}

// save writes down a book with the rules that it gives.
func save(b *decide.Book, rules firewall.State, now time.Time) *savedQuarantines {
	rules.Profiles = nil // kept apart, and made anew of their descriptions
	s := &savedQuarantines{SavedAt: now, LastID: b.LastID(), Ended: b.Ended(), Rules: rules}
	for _, o := range b.All() {
		s.Orders = append(s.Orders, savedOrder{Order: o, Left: o.Left(now)})
	}
	return s
}

// sameAs reports whether two would be the same on disk but for the time that passed: flash is not written for that.
func (s *savedQuarantines) sameAs(other *savedQuarantines) bool {
	if other == nil {
		return len(s.Orders) == 0
	}
	return reflect.DeepEqual(s.Rules, other.Rules) && slices.EqualFunc(s.Orders, other.Orders, func(a, b savedOrder) bool {
		return reflect.DeepEqual(a.Order, b.Order)
	})
}

// book gives the orders back. Times from a clock that was not set mean nothing now: what was left then is left now.
func (s *savedQuarantines) book(now time.Time, clockSet bool) *decide.Book {
	orders := make([]decide.Order, len(s.Orders))
	for i, o := range s.Orders {
		if o.Unsure && o.Left > 0 {
			o.Until = now.Add(o.Left)
		}
		o.Unsure = o.Unsure && !clockSet
		orders[i] = o.Order
	}
	return decide.NewBook(orders, s.LastID, s.Ended)
}

// rules are what `spinneret restore` puts back: what is over is left out, and while the clock cannot be believed
// nothing is over and nothing ends.
func (s *savedQuarantines) rules(now time.Time, clockSet bool) firewall.State {
	rules := s.Rules
	rules.Log = firewall.Log{} // nobody listens yet
	rules.Quarantines = nil
	for _, q := range s.Rules.Quarantines {
		if !clockSet {
			q.Until = time.Time{}
		}
		if q.Until.IsZero() || now.Before(q.Until) {
			rules.Quarantines = append(rules.Quarantines, q)
		}
	}
	return rules
}

// adopt takes over what an earlier run ordered. What it holds in the kernel stays in force until our first state
// takes its place in one transaction.
func (h *home) adopt(dir state.Dir) {
	var saved savedQuarantines
	found, err := dir.Load(quarantineFile, &saved)
	var damage *state.Damage
	if errors.As(err, &damage) {
		h.log.Error("read the saved quarantines", "err", err)
		h.event(events.Event{Kind: events.Quarantine, Severity: events.Alarm, Text: say.Plain(damage.Error())})
	} else if err != nil {
		h.log.Error("read the saved quarantines", "err", err)
	}
	switch {
	case !found && damage == nil:
		return
	case !found:
		saved = savedQuarantines{} // written down as it is now, so that it is told once
	}
	h.book, h.counters.Quarantines = saved.book(h.now(), h.clockSet), saved.counted(bootID())
	h.lastSaved, h.stale = &saved, true
}
