package agent

import (
	"net/netip"
	"slices"

	"spinneret/agent/hearsay"
	"spinneret/agent/party"
	"spinneret/capture"
	"spinneret/capture/packet"
	"spinneret/capture/tap"
	"spinneret/openwrt/firewall"
)

// wish tells the learner what the profiles ask for. Names that a device was told before come with its profile, so that
// none of its connections is refused for want of them.
func (h *home) wish(home party.Home) {
	var wishes []hearsay.Wish
	for _, d := range home.Devices {
		if d.Profile != nil {
			wishes = append(wishes, hearsay.Wish{
				Device: d.MAC, Names: party.Names(d.Profile.Policy), Servers: home.Servers(d), Held: d.Profile.Mode == firewall.Enforce,
			})
		}
	}
	inside := slices.Clone(h.prefixes)
	for _, a := range h.net.RouterAddrs {
		inside = append(inside, netip.PrefixFrom(a.WithZone(""), a.BitLen()))
	}
	from := hearsay.Home{Inside: inside, LAN: h.net.Indexes, Servers: h.stations(), Speaks: h.speaks()}
	for _, name := range h.learner.book.Wish(wishes, from, h.now()) {
		delete(h.taught, name)
	}
	h.learner.active.Store(len(wishes) > 0)
	servers := slices.Concat(home.Resolvers, routersResolvers(home.Networks))
	h.learner.server.Store(&servers)
}

// stations are the devices that have the addresses in the home: by their leases, else as the router knows its neighbours,
// else as they were heard.
func (h *home) stations() map[netip.Addr]packet.MAC {
	list := map[netip.Addr]packet.MAC{}
	for d := range h.registry.All() {
		for _, a := range h.presentAddresses(d) {
			list[a] = d.MAC
		}
	}
	for _, n := range h.net.Neighbours {
		list[n.Addr] = n.MAC
	}
	for _, l := range h.leases {
		if mac := packet.MAC(l.MAC); !mac.IsZero() {
			list[l.Addr] = mac
		}
	}
	return list
}

// speaks tells who has a connection with an address of the internet now; it looks when it is asked first.
func (h *home) speaks() func(packet.MAC, netip.Addr) bool {
	type pair struct {
		mac  packet.MAC
		addr netip.Addr
	}
	var pairs map[pair]bool
	return func(mac packet.MAC, addr netip.Addr) bool {
		if pairs == nil {
			pairs = map[pair]bool{}
			for f := range h.table.Flows(h.flowsBuf) {
				if f.Scope == capture.ScopeInternet && !f.Ended {
					pairs[pair{f.Device, f.Remote}] = true
				}
			}
		}
		return pairs[pair{mac, addr}]
	}
}

// routersResolvers are where the router's own resolver is: an address in the home that needs no interface.
func routersResolvers(networks []party.Network) (list []netip.Addr) {
	for _, n := range networks {
		for _, p := range n.Router {
			if !p.Addr().IsLinkLocalUnicast() {
				list = append(list, p.Addr())
			}
		}
	}
	return list
}

// profilesApplied has the firewall learn what came with the profiles so far.
func (h *home) profilesApplied() {
	if h.learner == nil {
		return
	}
	h.good, h.took = h.bound, true
	names := map[string]bool{}
	for _, p := range h.bound {
		for _, name := range party.Names(p.Policy) {
			names[name] = true
		}
	}
	for name := range h.taught {
		if !names[name] {
			delete(h.taught, name)
		}
	}
	for name := range names {
		if h.taught[name] {
			continue
		}
		known := h.learner.book.Known(name, h.now())
		if len(known) == 0 {
			h.taught[name] = true
		} else if !tryTeach(h.learner.wholeC, known) {
			return // after the next change
		}
	}
}

// taughtWhole takes word that the firewall learned a name whole: the rules do without it now.
func (h *home) taughtWhole(name string) {
	h.taught[name] = true
	h.mark = 0
}

// taughtNames is never ready in a replay.
func (h *home) taughtNames() mailbox[string] {
	if h.learner == nil {
		return nil
	}
	return h.learner.taughtC
}

// prolongNames keeps the addresses of names that connections still use.
func (h *home) prolongNames() {
	used := map[netip.Addr]bool{}
	for f := range h.table.Flows(h.flowsBuf) {
		if f.Scope == capture.ScopeInternet && !f.Ended {
			used[f.Remote] = true
		}
	}
	lessons := h.learner.book.Prolong(func(a netip.Addr) bool { return used[a] }, h.now())
	if len(lessons) > 0 && !tryTeach(h.learner.lessonC, lessons) {
		h.learner.book.Forget(lessons)
	}
}

// partyStores tell how full is what is kept of parties and of breaches.
func (h *home) partyStores() []capture.Store {
	stores := h.violations.book.Stores()
	if h.learner != nil {
		stores = append(stores, h.learner.book.Stores()...)
	}
	return stores
}

// partyLosses are what descriptions missed.
func (h *home) partyLosses() []capture.Loss {
	if h.learner == nil {
		return nil
	}
	return []capture.Loss{
		{Where: "DNS answers for descriptions", Lost: h.learner.lost.Load()},
		{Where: "DNS answers that were held and could not be sent on", Lost: h.learner.unsent.Load()},
		{Where: "first packets that came before their name was known, and were sent again", Lost: h.violations.late},
	}
}

// learnNames adds the tasks by which the firewall knows what the names of descriptions stand for.
func (a *Agent) learnNames(k nameKernel) {
	h := a.home
	h.learner = newLearner(k, h.now, a.log.With("room", "names"))
	var err error
	if h.learner.sender, err = tap.OpenSender(); err != nil {
		a.log.Warn("answers of DNS are not held until their names are learned", "err", err)
	}
	h.names.Tell(h.learner.hear)
	a.add("names of descriptions", h.learner.Run)
	a.add("questions for descriptions", h.learner.Ask)
}
