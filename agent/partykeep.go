package agent

import (
	"net/netip"
	"sort"
	"time"

	"spinneret/agent/hearsay"
	"spinneret/agent/party"
	"spinneret/agent/state"
	"spinneret/capture/packet"
	"spinneret/mud"
	"spinneret/openwrt/firewall"
)

const (
	partyFile = "parties"

	// quietFor is how long after a start the addresses that devices had before count beside those that they are seen
	// to have: who keeps quiet must not lose what is sent to it.
	quietFor = 10 * time.Minute
	// namesPause is the time between two writes for the sake of new addresses alone, some kB each.
	namesPause = 15 * time.Minute
	firstNames = time.Minute
)

// savedParties are the parties of all profiles as they were in force, so that they can be put back before there is a
// network to ask. Policies are kept apart: see savedProfiles.
type savedParties struct {
	LAN         []firewall.LAN
	WAN         []string
	Profiles    []savedParty
	Names       hearsay.Saved
	Resolvers   []netip.Addr
	TimeServers []netip.Addr

	erasures int // of devices when it was made, see Erase
}

// savedParty is one profile without its policy.
type savedParty struct {
	MAC       packet.MAC
	Addresses []netip.Addr
	Sets      []savedSet
}

type savedSet struct {
	Endpoint mud.Endpoint
	Party    firewall.Party
}

// rememberedParties are those of an earlier run.
type rememberedParties struct {
	saved   *savedParties // nil: none, or long ago
	adopted bool          // the names
	mark    uint64        // of the home when parties were last written down
	acted   uint64        // of the profiles
	savedAt time.Time
	first   bool   // the names of a new description are not written down yet
	names   uint64 // hearsay.Book.Changes
}

func (r rememberedParties) addresses(mac packet.MAC) []netip.Addr {
	if r.saved == nil {
		return nil
	}
	for _, p := range r.saved.Profiles {
		if p.MAC == mac {
			return p.Addresses
		}
	}
	return nil
}

// keepParties has the parties written down where they changed and it is time.
func (h *home) keepParties(now time.Time) {
	r := &h.remembered
	if r.saved != nil && now.Sub(h.started).Abs() > quietFor {
		r.saved = nil
	}
	since := now.Sub(r.savedAt).Abs()
	known := h.learner.book.Changes()
	switch {
	case h.keeper == nil || h.mark == 0:
		return
	case r.acted != h.acted: // the owner said something, or a description is another one
	case r.mark != h.mark && since >= savePause:
	case r.names != known && since >= namesPause:
	case r.first && since >= firstNames:
		r.first = false
	default:
		return
	}
	if r.acted != h.acted {
		r.first = true
	}
	r.mark, r.acted, r.names, r.savedAt = h.mark, h.acted, known, now
	h.keeper.partyC.put(h.saveParties())
}

func (h *home) saveParties() savedParties {
	s := savedParties{LAN: h.firewallLANs(), WAN: h.net.WAN, Names: h.learner.book.Save(h.now()), erasures: h.erasures}
	s.Resolvers, s.TimeServers = h.handed.Servers()
	for _, p := range h.bound {
		one := savedParty{MAC: p.MAC, Addresses: p.Addresses}
		for e, who := range p.Sets {
			one.Sets = append(one.Sets, savedSet{e, who})
		}
		s.Profiles = append(s.Profiles, one)
	}
	return s
}

// lastParties hands in what is known when the loop ends, for the next run.
func (h *home) lastParties() {
	if h.keeper != nil && len(h.bound) > 0 {
		h.keeper.partyC.put(h.saveParties())
	}
}

// adoptParties takes over what an earlier run knew of parties.
func (h *home) adoptParties(dir state.Dir) {
	saved, err := loadParties(dir)
	if err != nil {
		h.log.Error("read the saved parties of descriptions", "err", err)
	}
	if saved != nil {
		h.remembered.saved = saved
		h.handed.Adopt(saved.Resolvers, saved.TimeServers)
	}
}

// loadParties reads what was saved; nil where nothing was.
func loadParties(dir state.Dir) (*savedParties, error) {
	var saved savedParties
	found, err := dir.Load(partyFile, &saved)
	if !found {
		return nil, err
	}
	return &saved, err
}

// adoptNames gives the learner the names of the earlier run, once there are wishes for them.
func (h *home) adoptNames() {
	if r := &h.remembered; r.saved != nil && !r.adopted {
		r.adopted = true
		h.learner.book.Adopt(r.saved.Names, h.now())
	}
}

// acceptable are the profiles that the firewall takes. One that it does not take would keep it from taking anything,
// quarantines too: then some are left out, first those of devices that are only watched, of them those with the most rules:
// a device can name any description itself.
func acceptable(list []firewall.Profile, leaveOut func(packet.MAC, error)) []firewall.Profile {
	sort.SliceStable(list, func(i, j int) bool { // package slices' one would be 10 kB more for each type
		x, y := &list[i], &list[j]
		if x.Mode != y.Mode {
			return x.Mode < y.Mode // enforce, watch
		}
		return len(x.Policy.From)+len(x.Policy.To) < len(y.Policy.From)+len(y.Policy.To)
	})
	for len(list) > 0 {
		err := firewall.State{LAN: []firewall.LAN{{Name: "lan"}}, Profiles: list}.Validate()
		if err == nil {
			return list
		}
		leaveOut(list[len(list)-1].MAC, err)
		list = list[:len(list)-1]
	}
	return nil
}

// restored are the profiles of an earlier run. What each device is held to, and how, its description says: it was written
// down as soon as the owner said something.
func (s *savedParties) restored(heldTo func(packet.MAC) (party.Profile, bool)) (list []firewall.Profile) {
	for _, saved := range s.Profiles {
		held, known := heldTo(saved.MAC)
		if !known {
			continue
		}
		p := firewall.Profile{MAC: saved.MAC, Mode: held.Mode, Policy: held.Policy, Addresses: saved.Addresses, Sets: map[mud.Endpoint]firewall.Party{}}
		for _, x := range saved.Sets {
			p.Sets[x.Endpoint] = x.Party
		}
		for _, name := range party.Names(held.Policy) {
			e := mud.Endpoint{Kind: mud.Name, Name: name}
			known := p.Sets[e]
			for a := range s.Names[name] {
				known.Prefixes = append(known.Prefixes, netip.PrefixFrom(a, a.BitLen()))
			}
			p.Sets[e] = known
		}
		list = append(list, p)
	}
	return list
}
