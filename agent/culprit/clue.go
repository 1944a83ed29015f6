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
	is, was, when := "is this device's ", "was this device's ", c.when()
	subject := fmt.Sprintf("outside port %d ", c.outside.Port())
	switch {
	case c.address.IsValid():
		return fmt.Sprintf("the address %s is this device's", c.address)
	case of.namesPorts() && c.outside.IsValid() && c.flows > 1:
		subject, is, was = fmt.Sprintf("outside port %d and %d more ", c.outside.Port(), c.flows-1), "are this device's ", "were this device's "
	case of.namesPorts() && c.outside.IsValid():
	case c.remote.Port() != 0:
		subject, is, was = "it ", fmt.Sprintf("talks with %s ", c.remote), fmt.Sprintf("talked with %s ", c.remote)
	default:
		subject, is, was = "it ", fmt.Sprintf("talks with %s ", c.remote.Addr()), fmt.Sprintf("talked with %s ", c.remote.Addr())
	}
	if c.live {
		return subject + is + when
	}
	return subject + was + when
}

// when is how long it went on.
func (c *clue) when() string {
	const clock = "15:04:05"
	first := c.first.UTC().Format(clock)
	if c.live {
		return "since " + first
	}
	return "from " + first + " to " + c.last.UTC().Format(clock)
}
