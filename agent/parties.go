package agent

import (
	"hash/maphash"
	"net/netip"
	"slices"
	"time"

	"spinneret/agent/hearsay"
	"spinneret/agent/party"
	"spinneret/agent/registry"
	"spinneret/capture"
	"spinneret/capture/packet"
	"spinneret/capture/tap"
	"spinneret/mud"
	"spinneret/mud/shelf"
	"spinneret/openwrt/firewall"
)

// prolongEvery is how often addresses are looked at that end soon: more often than hearsay.Ending.
const prolongEvery = time.Minute

// parties are who the parties of makers' descriptions are, and what the firewall was told of them.
type parties struct {
	learner     *learner           // nil in a replay
	bound       []firewall.Profile // as last asked for
	taught      map[string]bool    // names that the firewall has by lessons, and not as part of a profile
	mark        uint64             // of the home as of then
	seed        maphash.Seed
	prolongedAt time.Time
	good        []firewall.Profile // that the kernel took last
	took        bool               // any
	balked      balk
	remembered  rememberedParties
}

// balk is what the kernel did not take: it is not tried again until something changes, or a while has passed.
type balk struct {
	mark, changes uint64
	at            time.Time
}

// balkFor is how long others' orders go before profiles that the kernel refused.
const balkFor = time.Minute

func newParties() parties {
	return parties{taught: map[string]bool{}, seed: maphash.MakeSeed()}
}

// partyHome is the home as the parties of descriptions see it.
func (h *home) partyHome() party.Home {
	p := party.Home{Names: h.untaught}
	p.Resolvers, p.TimeServers = h.handed.Servers()
	for _, l := range h.net.LAN {
		p.Networks = append(p.Networks, party.Network{Router: l.Addrs})
	}
	held := map[packet.MAC]profile{}
	for _, x := range h.allProfiles() {
		held[x.MAC] = x
		if _, known := h.registry.Get(x.MAC); !known {
			p.Devices = append(p.Devices, h.partyDevice(registry.Device{MAC: x.MAC}, x))
		}
	}
	for _, d := range h.registry.All() {
		p.Devices = append(p.Devices, h.partyDevice(d, held[d.MAC]))
	}
	return p
}

// untaught are the addresses of names that the firewall does not know yet. They come with the profile itself, so that
// there is no moment without them; lessons, which end, take their place right after.
func (h *home) untaught(name string) (list []netip.Addr) {
	if h.learner == nil || h.taught[name] {
		return nil
	}
	for _, l := range h.learner.book.Known(name, h.now()) {
		list = append(list, l.Addr)
	}
	return list
}

func (h *home) partyDevice(d registry.Device, x profile) party.Device {
	out := party.Device{MAC: d.MAC, Addresses: h.presentAddresses(d)}
	if n, ok := h.names.Announced(d.MAC); ok {
		out.Announced = n.Name
	}
	if x.Source == shelf.Owner { // who only says so itself is no member of a class (RFC 8520 section 16)
		out.URL = x.URL
	}
	if x.Known && x.Mode != shelf.Off {
		out.Profile = &party.Profile{Policy: x.Policy, Mode: firewall.ProfileMode(x.Mode)}
	}
	return out
}

// presentAddresses are those in the home that a device has now; right after a start also those that it had before.
func (h *home) presentAddresses(d registry.Device) (list []netip.Addr) {
	add := func(a netip.Addr) {
		if h.inHome(a) && !slices.Contains(list, a) {
			list = append(list, a)
		}
	}
	for _, a := range d.Addresses {
		add(a)
	}
	if lease := h.leaseOf(d.MAC); lease.IsValid() {
		add(lease)
	}
	for _, a := range h.remembered.addresses(d.MAC) {
		if _, taken := h.registry.ByAddress(a); !taken {
			add(a)
		}
	}
	slices.SortFunc(list, netip.Addr.Compare)
	return list
}

// inHome reports whether an address can be a device's own: others that it sends from are forged.
func (h *home) inHome(a netip.Addr) bool {
	if slices.Contains(h.net.RouterAddrs, a) {
		return false
	}
	return a.IsLinkLocalUnicast() || slices.ContainsFunc(h.prefixes, func(p netip.Prefix) bool { return p.Contains(a) })
}

// wantedProfiles are the profiles that the firewall is to hold; the learner is told what they wish for.
func (h *home) wantedProfiles() []firewall.Profile {
	if h.learner == nil || len(h.bound) == 0 && len(h.shelf.Holders()) == 0 {
		return nil
	}
	home := h.partyHome()
	h.wish(home)
	h.adoptNames()
	h.bound = acceptable(home.Profiles(), func(mac packet.MAC, why error) {
		h.log.Error("a device's description is left out", "device", mac, "err", why)
	})
	if h.balked.mark == h.homeMark() && h.balked.changes == h.shelf.Changes() && h.balked.mark != 0 {
		h.bound = h.good
	}
	return h.bound
}

// profilesRefused is called when the kernel took nothing. It may be for a profile that is new: so that this keeps no order
// of the owner from being followed, the profiles that it took before are in force until then. Where it took none in
// this run, those of an earlier one are in force, and stay.
func (h *home) profilesRefused() {
	if h.took && len(h.bound) > 0 && h.balked.mark != h.mark {
		h.balked = balk{h.mark, h.shelf.Changes(), h.now()}
	}
}

// wish tells the learner what the profiles ask for.
func (h *home) wish(home party.Home) {
	var wishes []hearsay.Wish
	stations := map[netip.Addr]packet.MAC{}
	for _, d := range home.Devices {
		if d.Profile != nil {
			for _, a := range d.Addresses {
				stations[a] = d.MAC
			}
			wishes = append(wishes, hearsay.Wish{Device: d.MAC, Names: party.Names(d.Profile.Policy), Servers: home.Servers(d)})
		}
	}
	inside := slices.Clone(h.prefixes)
	for _, a := range h.net.RouterAddrs {
		inside = append(inside, netip.PrefixFrom(a.WithZone(""), a.BitLen()))
	}
	h.learner.book.Wish(wishes, inside)
	h.learner.stations.Store(&stations)
	h.learner.active.Store(len(wishes) > 0)
	servers := slices.Concat(home.Resolvers, routersResolvers(home.Networks))
	h.learner.server.Store(&servers)
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

// followParties has the rules made anew where the home changed for a description.
func (h *home) followParties(now time.Time) {
	if h.learner == nil || len(h.bound) == 0 {
		return
	}
	again := !h.balked.at.IsZero() && now.Sub(h.balked.at).Abs() >= balkFor
	if again {
		h.balked = balk{}
	}
	if again || h.mark != h.homeMark() {
		h.stale = true
		h.next()
	}
	if now.Sub(h.prolongedAt).Abs() >= prolongEvery {
		h.prolongedAt = now
		h.prolongNames()
	}
	h.keepParties(now)
}

// homeMark changes where something did that parties depend on: to put them together is too much for every second.
func (h *home) homeMark() uint64 {
	if h.learner == nil || len(h.bound) == 0 {
		return 0
	}
	var sum maphash.Hash
	sum.SetSeed(h.seed)
	add := func(list ...netip.Addr) {
		for _, a := range list {
			b := a.As16()
			sum.Write(b[:])
		}
		sum.WriteByte('.')
	}
	for _, d := range h.registry.All() {
		sum.Write(d.MAC[:])
		add(h.presentAddresses(d)...)
		if n, ok := h.names.Announced(d.MAC); ok {
			sum.WriteString(n.Name)
		}
	}
	for _, l := range h.net.LAN {
		for _, p := range l.Addrs {
			sum.WriteByte(byte(p.Bits()))
			add(p.Addr())
		}
	}
	resolvers, timeServers := h.handed.Servers()
	add(resolvers...)
	add(timeServers...)
	return max(sum.Sum64(), 1)
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

// needed are the devices that rules are about: they are not forgotten.
func (h *home) needed() []packet.MAC {
	macs := h.cutOff()
	for _, p := range h.bound {
		macs = append(macs, p.MAC)
	}
	return macs
}

// heldTo is the policy that a device is held to.
func (h *home) heldTo(mac packet.MAC) (mud.Policy, bool) {
	for _, p := range h.bound {
		if p.MAC == mac {
			return p.Policy, true
		}
	}
	return mud.Policy{}, false
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
