package agent

import (
	"errors"
	"time"

	"spinneret/agent/decide"
	"spinneret/agent/events"
	"spinneret/capture/packet"
	"spinneret/capture/say"
	"spinneret/openwrt/firewall"
	"spinneret/ui"
)

// change is one edit of the book that waits for the kernel. An edit that the kernel refused is forgotten whole.
type change struct {
	edit func(*decide.Book)
	done func(error) // called on the home's goroutine; err is the kernel's
}

// submit queues a change behind those before it, so that each gets its own answer.
func (h *home) submit(c change) {
	h.queue = append(h.queue, c)
	h.next()
}

// next brings the next change to the kernel, unless one is under way.
func (h *home) next() {
	if h.trial != nil || len(h.queue) == 0 && !h.stale {
		return
	}
	h.trial = h.book.Clone()
	if len(h.queue) > 0 {
		h.trying, h.queue = &h.queue[0], h.queue[1:]
		h.trying.edit(h.trial)
		h.trial.Bury(h.book, h.now())
	}
	h.stale = false
	h.round++
	if h.lastErr == "" {
		h.state = "pending" // a failure stays one until the kernel takes a state
	}
	rules := h.desired(h.trial)
	h.mark = h.homeMark()
	h.enforcer.stateC.put(desired{h.round, rules, h.worthSaving(rules)})
}

// settle takes the kernel's answer to the change under way.
func (h *home) settle(o outcome) {
	if h.trial == nil || o.round != h.round {
		return
	}
	h.stateAt, h.dirty = h.now(), true
	held := o.err == nil || holds(o.err)
	if held || h.wasRead {
		h.read(o.counters)
	}
	if held {
		h.book, h.shownAt = h.trial, time.Time{} // findings say what is in force
		h.saved(o)
		h.tellRadios()
		h.rememberDoor() // before who asked is answered
		h.profilesApplied()
	}
	if o.err == nil {
		h.applied()
	} else {
		h.refused(o.err)
		if !held {
			h.profilesRefused()
		}
	}
	tried := h.trying
	h.trial, h.trying = nil, nil
	if tried != nil {
		tried.done(o.err)
	}
	h.next()
}

// holds reports whether the rules are in force for all that an error says: then the order stands.
func holds(err error) bool {
	var held *firewall.HeldError
	return errors.As(err, &held)
}

func (h *home) applied() {
	if h.lastErr != "" {
		h.event(events.Event{Kind: "firewall", Severity: "note", Text: say.New("firewall.again")})
	}
	h.state, h.lastErr = "applied", ""
}

// saved tells once when quarantines cannot be written down.
func (h *home) saved(o outcome) {
	err := o.saveErr
	switch {
	case o.save == nil:
	case err == nil:
		h.saveFailed, h.lastSaved = false, o.save
	case !h.saveFailed:
		h.saveFailed = true
		h.log.Error("save quarantines", "err", err)
		h.event(events.Event{Kind: events.Quarantine, Severity: events.Alarm, Text: say.New("unsaved", err.Error())})
	}
}

// refused keeps the last good state and tells once; keepInForce tries again every second.
func (h *home) refused(err error) {
	if h.lastErr != err.Error() {
		h.log.Error("apply the rules", "err", err)
	}
	if h.lastErr == "" {
		key := "firewall.refused"
		if holds(err) {
			key = "firewall.tried"
		}
		h.event(events.Event{Kind: "firewall", Severity: "alarm", Text: say.New(key, err.Error())})
	}
	h.state, h.lastErr = "failed", err.Error()
}

// keepInForce brings the desired state back where the kernel does not hold it.
func (h *home) keepInForce() {
	if h.enforcer == nil {
		return
	}
	if h.state == "failed" {
		h.stale = true
	}
	h.next()
}

// expire ends the orders that are over; the kernel's own timeouts ended them already.
func (h *home) expire(now time.Time) {
	next := h.book.Next()
	if h.enforcer == nil || h.expiring || !h.clockSet || next.IsZero() || now.Before(next) {
		return
	}
	h.expiring = true
	var ended []decide.Order
	h.submit(change{
		edit: func(b *decide.Book) { ended = b.Expire(now) },
		done: func(err error) {
			h.expiring = false
			for i := 0; err == nil && i < len(ended); i++ {
				mac := ended[i].MAC
				h.event(events.Event{Kind: "release", Severity: "note", Device: mac, Cause: "time", Text: say.New("back.time", h.nameOf(mac))})
			}
		},
	})
}

// rulesVanished is called when somebody removed our tables.
func (h *home) rulesVanished() {
	h.event(events.Event{Kind: "firewall", Severity: "warning", Text: say.New("firewall.gone")})
	h.stale = true
	h.next()
}

// counted takes what the kernel holds; a quarantine that it does not hold is put back.
func (h *home) counted(c tally) {
	if c.round != h.round {
		return // read before the last change: it does not know what that ordered
	}
	h.dirty = true
	if h.wasRead || h.state == "applied" {
		h.read(c.counters)
	}
	if h.trial != nil || h.state != "applied" {
		return
	}
	for _, o := range h.book.All() {
		if !h.inForce(o) && !o.Expired(h.now()) {
			h.event(events.Event{Kind: "firewall", Severity: "warning", Device: o.MAC, Text: say.New("firewall.open", h.nameOf(o.MAC))})
			h.stale = true
		}
	}
	h.next()
}

// worthSaving is what to write down with the rules; nil where what is written down already says the same.
func (h *home) worthSaving(rules firewall.State) *savedQuarantines {
	s := save(h.trial, rules, h.now())
	s.erasures = h.erasures
	s.count(h.counters.Quarantines)
	if s.sameAs(h.lastSaved) && (h.lastSaved == nil || h.lastSaved.erasures == h.erasures) {
		return nil
	}
	return s
}

// desired is the whole state that the kernel is to hold.
func (h *home) desired(b *decide.Book) firewall.State {
	s := firewall.State{LAN: h.firewallLANs(), WAN: h.net.WAN, Log: h.wanted(), PagePorts: h.pagePorts, PageFrom: h.options.PageFrom}
	for _, o := range b.All() {
		s.Quarantines = append(s.Quarantines, firewall.Quarantine{
			ID: o.ID, MAC: o.MAC, Level: firewall.Level(o.Level), Until: h.end(o),
			Lease: h.leaseOf(o.MAC), Addresses: h.homeAddresses(o.MAC),
			To: targets(o.To), Except: h.exceptions(o),
		})
	}
	s.Profiles = h.wantedProfiles()
	for d := range h.registry.All() {
		if d.RefuseMappings {
			s.NoMappings = append(s.NoMappings, d.MAC)
		}
	}
	return s
}

// exceptions are what the owner allows a device while it is cut off.
func (h *home) exceptions(o decide.Order) []firewall.Target {
	d, ok := h.registry.Get(o.MAC)
	if !ok || o.Level == string(firewall.Flow) {
		return nil
	}
	return targets(d.Exceptions)
}

// end is when the kernel lets go of a device by itself: never while the clock cannot be believed.
func (h *home) end(o decide.Order) time.Time {
	if !h.clockSet || o.Unsure {
		return time.Time{}
	}
	return o.Until
}

// order is what Backend.Quarantine asks of the loop.
func (h *home) order(mac packet.MAC, q ui.QuarantineOrder, done func(error)) error {
	now := h.now()
	until := q.Until
	if q.For > 0 {
		until = now.Add(q.For)
	}
	put := func(b *decide.Book) {
		b.Put(decide.Order{MAC: mac, Level: q.Level, Source: decide.Owner, Why: say.Plain(q.Why), Since: now, Until: until, To: q.To, Unsure: !h.clockSet})
	}
	trial := h.book.Clone()
	put(trial)
	if err := h.tooMuch(trial, "to"); err != nil {
		return err
	}
	h.submit(change{
		edit: put,
		done: func(err error) {
			if err == nil || holds(err) {
				h.event(events.Event{
					Kind: "quarantine", Severity: "note", Device: mac, Cause: "owner",
					Text: say.New("cut."+q.Level, h.nameOf(mac)),
					Undo: h.undoQuarantine(mac),
				})
			}
			done(err)
		},
	})
	return nil
}

// release is what Backend.Release asks of the loop.
func (h *home) release(mac packet.MAC, source decide.Source, done func(error)) {
	if len(h.book.Clone().Release(mac, source)) == 0 && h.trial == nil {
		done(nil)
		return
	}
	var ended []decide.Order
	h.submit(change{
		edit: func(b *decide.Book) { ended = b.Release(mac, source) },
		done: func(err error) {
			if (err == nil || holds(err)) && len(ended) > 0 {
				h.ownerReleased(ended)
				h.unsaved, h.ownerSaid = true, true // one that was held as new must be known to the next run
				h.event(events.Event{Kind: "release", Severity: "note", Device: mac, Cause: "owner", Text: say.New("back", h.nameOf(mac))})
			}
			done(err)
		},
	})
}
