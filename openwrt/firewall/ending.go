package firewall

import (
	"context"
	"fmt"
	"net/netip"
)

// ended is what one quarantine has ended: the connections of one address, as far as it refuses them.
type ended struct {
	id   string
	addr netip.Addr
	what string // a quarantine that comes to refuse more begins anew
}

func endedBy(q Quarantine, a netip.Addr) ended {
	return ended{q.ID, a.Unmap().WithZone(""), fmt.Sprint(q.MAC, q.Level, q.To, q.Except)}
}

// endFlowsLocked ends the connections that a quarantine newly refuses, at every address that its device ever
// used, and those that a profile does. The rules are in force by now, so none comes back.
func (f *Firewall) endFlowsLocked(ctx context.Context) error {
	wanted := map[ended]bool{}
	fresh := ending{lan: f.state.LAN, by: map[netip.Addr][]Quarantine{}}
	for _, q := range current(f.state.Quarantines, f.now()) {
		for _, a := range q.Addresses {
			e := endedBy(q, a)
			if wanted[e] = true; e.addr.IsValid() && !f.cleared[e] {
				fresh.by[e.addr] = append(fresh.by[e.addr], q)
			}
		}
	}
	judges, afresh := f.judgesLocked()
	if (len(fresh.by)+len(judges) > 0 || afresh) && f.kernel.conntrack {
		borrowed := f.state.borrowed()
		doomed := func(c entry) bool {
			return fresh.doomed(c) || judges.doomed(c) || afresh && (fresh.unanswered(c) || borrowed[c.origin()])
		}
		if err := f.sockets.endFlows(ctx, doomed); err != nil {
			return err
		}
	}
	f.cleared, f.judged = wanted, f.state.Profiles
	return nil
}

// ending tells which connections quarantines refuse.
type ending struct {
	lan []LAN
	by  map[netip.Addr][]Quarantine // by address of the device
}

// doomed looks at a connection from both ends: a device is the source of one of its tuples.
func (e ending) doomed(c entry) bool {
	return e.refused(c.orig, c) || e.refused(c.reply, c)
}

func (e ending) refused(t tuple, c entry) bool {
	for _, q := range e.by[t.src] {
		if e.refuses(q, t, c) {
			return true
		}
	}
	return false
}

// unanswered says whether nobody answered yet what somebody in the home, or behind our NAT, began. Where a profile begins to
// hold, such connections end, and what goes on is judged by whose frames it comes in: a device may have sent it from an
// address that is not its own.
func (e ending) unanswered(c entry) bool {
	return !c.answered && (e.inHome(c.orig.src) || c.orig.src != c.reply.dst)
}

// refuses says whether q stops a connection in which its device is the source of t.
func (e ending) refuses(q Quarantine, t tuple, c entry) bool {
	there := packet{t.dst, t.protocol, t.port, t.icmpType}
	back := there // an ICMP question has one type and its answer another
	if back.icmpType = c.orig.icmpType; t == c.orig {
		back.icmpType = c.reply.icmpType
	}
	switch {
	case q.Level == Flow:
		return anyMatches(q.To, there) || anyMatches(q.To, back)
	case q.Level == Internet && e.inHome(farEnd(t, c)):
		return false
	}
	return e.isRouter(t.dst) || !anyMatches(q.Except, there)
}

// farEnd is who really is at the other end of t, behind NAT.
func farEnd(t tuple, c entry) netip.Addr {
	if t == c.orig {
		return c.reply.src
	}
	return c.orig.src
}

// inHome says whether an address is of another device of the home. Nobody else has link-local ones.
func (e ending) inHome(a netip.Addr) bool {
	if a.IsLinkLocalUnicast() {
		return !e.isRouter(a)
	}
	for _, l := range e.lan {
		for _, p := range l.Router {
			if p.Contains(a) && !e.isRouter(a) {
				return true
			}
		}
	}
	return false
}

func (e ending) isRouter(a netip.Addr) bool {
	for _, l := range e.lan {
		for _, p := range l.Router {
			if p.Addr() == a {
				return true
			}
		}
	}
	return false
}
