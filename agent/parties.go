package agent

import (
	"hash/maphash"
	"net/netip"
	"time"

	"spinneret/capture/packet"
	"spinneret/mud"
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
	h.knowBorrowed()
	h.knowStations()
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
	for d := range h.registry.All() {
		sum.Write(d.MAC[:])
		add(h.presentAddresses(d)...)
		for _, class := range d.Controls {
			sum.WriteString(class)
			sum.WriteByte(0)
		}
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
