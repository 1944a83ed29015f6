package agent

import (
	"time"

	"spinneret/agent/culprit"
	"spinneret/agent/decide"
	"spinneret/capture/packet"
	"spinneret/capture/say"
	"spinneret/dots/wire"
	"spinneret/openwrt/uci"
)

// hearProviders takes what sessions had to tell.
func (h *home) hearProviders() {
	for _, p := range h.petitions.take() {
		if p.ending == "" {
			h.asked(p.entry)
		} else {
			h.closed(p.entry, p.ending)
		}
	}
}

// asked takes a request: a new one is looked into, one that is known may have a longer life, and one in the place of
// another is about the same device.
func (h *home) asked(e wire.Entry) {
	h.dirty = true
	if r := h.requests.Open(e.Key); r != nil {
		h.refreshed(r, e)
		return
	}
	r := h.requests.Enter(e, h.rule(e.Provider).Policy)
	h.keepRequests()
	if old := h.requests.Predecessor(r, h.now()); old != nil {
		old.Replaced = time.Time{} // by this one alone
		r.Devices, r.Why, r.Unasked, r.Looking = old.Devices, old.Why, old.Unasked, false
		h.stop(r, func(error) {})
		return
	}
	h.search(r, h.now())
}

// refreshed takes a request that is asked for again, or restored. Whom it means may be known by now.
func (h *home) refreshed(r *decide.Request, e wire.Entry) {
	longer := !e.Ends.Equal(r.Entry.Ends)
	r.Entry = e
	r.Told = wire.State{} // a new session knows nothing
	h.keepRequests()
	switch {
	case !longer:
	case r.State == decide.Active:
		h.submit(change{edit: func(b *decide.Book) { b.Prolong(r.ID, e.Ends) }, done: func(error) {}})
	case r.InVain() && !r.Looking:
		r.Looking, r.Again = true, h.now()
		h.search(r, h.now())
	}
}

// conclude decides about a request, now that it is known as well as it can be whom it means.
func (h *home) conclude(r *decide.Request, f culprit.Finding) {
	now := h.now()
	r.Looking = false
	if r.InVain() && len(f.Suspects) == 0 {
		return // nor was one found when it was asked before
	}
	r.Why = say.Phrase{}
	for _, s := range f.Suspects {
		r.Devices = append(r.Devices, s.MAC)
		r.Why = s.Why
	}
	for _, m := range h.requests.Meant {
		if m.SameDevice(r.Entry.Provider, r.Entry.Request.Scope, f) {
			r.Why = say.New("request.meant")
			h.refuse(r, &wire.Conflict{Cause: wire.LegitimateTraffic}, func(error) {})
			return
		}
	}
	v := h.requests.Judge(now, r, h.rule(r.Entry.Provider), f, h.factsOf)
	r.State = v.State
	if !v.Why.IsZero() {
		r.Why = reasons(r.Why, v.Why, len(f.Suspects))
	}
	if v.State == decide.Active {
		r.Unasked = true
		h.stop(r, func(error) {})
		return
	}
	h.tellRequest(r)
	h.inform(r, now)
	h.keepRequests()
}

// reasons joins why it is this device with why somebody has to look.
func reasons(match, doubt say.Phrase, suspects int) say.Phrase {
	if suspects != 1 || match.IsZero() {
		return doubt
	}
	return say.New("then", match, doubt)
}

// rule is what a provider may do. One that is no longer configured may do nothing.
func (h *home) rule(provider string) decide.Rule {
	for _, p := range h.options.Providers {
		if p.ID == provider {
			return decide.Rule{Policy: p.Policy, MaxDevices: p.MaxDevices}
		}
	}
	return decide.Rule{Policy: uci.PolicyLog}
}

// factsOf is what speaks against cutting a device off unasked.
func (h *home) factsOf(mac packet.MAC) decide.Facts {
	d, _ := h.registry.Get(mac)
	return decide.Facts{
		Contested: d.Contested, Several: d.Several,
		Owner: h.logins != nil && h.logins.HeldOwner(mac.String()),
	}
}

// stop orders what a request wants of its devices; done hears whether the kernel holds it.
func (h *home) stop(r *decide.Request, done func(error)) {
	now := h.now()
	to, err := culprit.Targets(r.Entry.Request.Scope)
	if err == nil {
		err = h.fits(r, to, now)
	}
	if err != nil {
		h.failed(r, err)
		done(err)
		return
	}
	r.State, r.Acted = decide.Active, now
	h.submit(change{edit: h.ordersFor(r, to, now), done: func(err error) {
		if r.State != decide.Active { // it ended meanwhile
			done(err)
			return
		}
		if err != nil && !holds(err) {
			h.failed(r, err)
		} else {
			r.Held = true
			h.tellRequest(r)
			h.inform(r, h.now())
			h.keepRequests()
		}
		done(err)
	}})
}

// fits says what of a request the firewall would not take, before anything is begun.
func (h *home) fits(r *decide.Request, to []string, now time.Time) error {
	trial := h.book.Clone()
	h.ordersFor(r, to, now)(trial)
	return h.desired(trial).Validate()
}

func (h *home) ordersFor(r *decide.Request, to []string, now time.Time) func(*decide.Book) {
	return func(b *decide.Book) {
		for _, mac := range r.Devices {
			o := decide.Order{
				MAC: mac, Level: r.Level(mac, h.factsOf), Source: decide.DOTS, Provider: r.Entry.Provider, Request: r.ID,
				Why: r.Why, Since: now, Until: r.Entry.Ends, Unsure: !h.clockSet,
			}
			if o.Level == "flow" {
				o.To = to
			}
			b.Put(o)
		}
	}
}

// failed notes that a request cannot be met.
func (h *home) failed(r *decide.Request, err error) {
	r.State, r.Acted, r.Why = decide.Failed, time.Time{}, say.Plain(err.Error())
	h.tellRequest(r)
	h.inform(r, h.now())
	h.keepRequests()
}
