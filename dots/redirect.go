package dots

import (
	"time"

	"spinneret/dots/wire"
)

const (
	maxTalked = 64              // names that loops are found by
	loop      = 5 * time.Minute // a redirection to where we were so short ago is one (RFC 9132 section 4.6)
)

// refuse says why we do not go where a redirection points: only to names that the owner's configuration trusts, and
// not in circles (RFC 9066 section 5.2.2, RFC 9132 section 4.6). nil: we go.
func (c *caller) refuse(from string, r wire.Redirection) *wire.Error {
	last, known := c.talked[r.Name]
	switch {
	case !within(r.Name, c.provider.TrustedDomain):
		c.log.Warn("the provider would send us where its configuration does not allow", "name", r.Name, "trusted_domain", c.provider.TrustedDomain)
		return &wire.Error{Code: wire.BadRequest, Text: "this home does not follow to that name"}
	case r.Name == from || known && c.s.o.Now().Sub(last) < loop:
		c.log.Warn("the provider sends us in circles", "name", r.Name)
		return &wire.Error{Code: wire.BadRequest, Text: "this home was there minutes ago: that would be a loop"}
	case len(c.talked) >= maxTalked && !known:
		return &wire.Error{Code: wire.BadRequest, Text: "there were too many redirections"}
	}
	return nil
}

// follow keeps where to go next.
func (c *caller) follow(now time.Time, r wire.Redirection) {
	a := &alternate{name: r.Name, addresses: r.Addresses[:min(len(r.Addresses), maxAddresses)]}
	if r.TTL != nil && *r.TTL != wire.RedirectForever {
		a.ends = now.Add(time.Duration(*r.TTL) * c.s.o.Timing.Second)
	}
	c.elsewhere = a
	for name, at := range c.talked {
		if now.Sub(at) >= loop {
			delete(c.talked, name)
		}
	}
}

// expired reports whether it is time to go back to the provider as configured; not in the middle of an attack.
func (c *caller) expired(now time.Time) bool {
	a := c.elsewhere
	return a != nil && !a.ends.IsZero() && !now.Before(a.ends) && !c.s.active(c.provider.client())
}
