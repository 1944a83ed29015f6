package shelf

import (
	"fmt"
	"time"

	"spinneret/mud"
)

// State is how far a device's description is.
type State string

// The states.
const (
	None     State = "none"     // the device has none
	Pending  State = "pending"  // it waits to be looked up
	Fetching State = "fetching" // it is being looked up for the first time
	Active   State = "active"   // it is known
	Held     State = "held"     // all that is known of it waits for the owner
	Failed   State = "failed"   // it could not be got; it is tried again
)

// State is that of a device.
func (s *Shelf) State(mac MAC) State {
	h := s.holders[mac]
	if h == nil || h.key() == "" {
		return None
	}
	switch t := s.titles[h.key()]; {
	case s.misses(h):
		return Failed
	case t == nil:
		return Pending
	case t.Current != nil:
		return Active
	case t.Waiting != nil:
		return Held
	case t.reach:
		return Fetching
	case t.Failures > 0:
		return Failed
	}
	return Pending
}

// Problems are what is not as it should be with a device's description.
func (s *Shelf) Problems(mac MAC, now time.Time, clockSet bool) (list []string) {
	h := s.holders[mac]
	if h == nil || h.key() == "" {
		return nil
	}
	t := s.titles[h.key()]
	switch {
	case s.misses(h):
		list = append(list, "the file that it was given is lost: give it again")
	case t == nil && h.Mode != Off:
		list = append(list, "it waits to be looked up: too many new descriptions were named today, or there is no more room")
	case t != nil && !t.Own && !clockSet:
		list = append(list, "nothing is looked up until the clock is set, without which no certificate can be checked")
	}
	if h.Assigned != "" && h.Heard != (mud.URL{}) && (t == nil || t.URL != h.Heard) {
		list = append(list, fmt.Sprintf("the device itself names %s, which does not count while another is assigned", h.Heard))
	}
	if t == nil {
		return list
	}
	if t.Why != "" {
		text := t.gravity(now).String()
		if text == "" {
			text = "could not be looked up just now: " + t.Why
		}
		list = append(list, "it "+text)
	}
	return append(list, t.Current.problems(now, clockSet)...)
}

// problems are those of a copy in force.
func (c *Copy) problems(now time.Time, clockSet bool) (list []string) {
	if c == nil {
		return nil
	}
	if !c.file.Supported {
		list = append(list, "its maker supports the device no more: no mistakes in it are mended")
	}
	if clockSet && c.Signer != nil && now.After(c.SignedTill) {
		list = append(list, "the signer's certificate ended on "+c.SignedTill.UTC().Format(time.DateOnly)+": a newer file must be signed anew")
	}
	if clockSet && c.file.LastUpdate.After(now.Add(day)) {
		list = append(list, "it is dated in the future: "+c.file.LastUpdate.UTC().Format(time.DateOnly))
	}
	for _, d := range c.diagnostics {
		if d.Severity == mud.Warning {
			list = append(list, d.String())
		}
	}
	return list
}
