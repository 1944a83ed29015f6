package culprit

import (
	"net/netip"
	"strconv"
	"time"

	"spinneret/capture"
	"spinneret/capture/say"
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

// why is the sentence for the owner.
func (c *clue) why(of Case) say.Phrase {
	port := strconv.Itoa(int(c.outside.Port()))
	switch {
	case c.address.IsValid():
		return say.New("clue.address", c.address.String())
	case of.namesPorts() && c.outside.IsValid() && c.flows > 1:
		return c.lasted("clue.ports", "clue.ports.was", port, c.flows-1)
	case of.namesPorts() && c.outside.IsValid():
		return c.lasted("clue.port", "clue.port.was", port)
	case c.remote.Port() != 0:
		return c.lasted("clue.talk", "clue.talk.was", c.remote.String())
	}
	return c.lasted("clue.talk", "clue.talk.was", c.remote.Addr().String())
}

// lasted says how long it has gone on, or went on.
func (c *clue) lasted(is, was string, args ...any) say.Phrase {
	args = append(args, say.Clock(c.first))
	if c.live {
		return say.New(is, args...)
	}
	return say.New(was, append(args, say.Clock(c.last))...)
}
