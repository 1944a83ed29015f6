package culprit

import (
	"fmt"
	"net/netip"
	"time"

	"spinneret/capture"
)

// clue is what speaks for one device.
type clue struct {
	address     netip.Addr // where only that does; else not valid
	outside     netip.AddrPort
	remote      netip.AddrPort
	first, last time.Time
	live        bool
	flows       int
}

func (c *clue) add(f *capture.Flow) {
	if c.flows++; c.flows == 1 || f.Last.After(c.last) {
		c.outside, c.remote = f.Outside, netip.AddrPortFrom(f.Remote, f.RemotePort)
		c.last = f.Last
	}
	if c.first.IsZero() || f.First.Before(c.first) {
		c.first = f.First
	}
	c.live = c.live || !f.Ended
}

// why is the sentence for the owner, with times of the day in UTC.
func (c *clue) why(of Case) string {
	switch {
	case c.address.IsValid():
		return fmt.Sprintf("the address %s is this device's", c.address)
	case of.namesPorts() && c.outside.IsValid() && c.flows == 1:
		return fmt.Sprintf("outside port %d %s", c.outside.Port(), c.when("is this device's", "was this device's"))
	case of.namesPorts() && c.outside.IsValid():
		return fmt.Sprintf("outside port %d and %d more were this device's %s", c.outside.Port(), c.flows-1, c.when("", ""))
	case c.remote.Port() != 0:
		return fmt.Sprintf("it %s with %s", c.when("talks", "talked"), c.remote)
	}
	return fmt.Sprintf("it %s with %s", c.when("talks", "talked"), c.remote.Addr())
}

// when is how long it went on, behind the verb that fits.
func (c *clue) when(is, was string) string {
	const clock = "15:04:05"
	first := c.first.UTC().Format(clock)
	if c.live {
		return join(is, "since "+first)
	}
	return join(was, "from "+first+" to "+c.last.UTC().Format(clock))
}

func join(verb, when string) string {
	if verb == "" {
		return when
	}
	return verb + " " + when
}
