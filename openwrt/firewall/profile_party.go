package firewall

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"sort"

	"spinneret/mud"
)

// Parties are named sets that all profiles share. A set of single addresses is a hash, which follows the home without
// new rules; one with networks has intervals and is part of what rules are made of, so it changes with them only: a
// set of intervals may miss for a moment while it is filled anew.

// party is who an endpoint is, for one or more profiles.
type party struct {
	endpoint mud.Endpoint
	suffix   string // of its sets' names; not empty where the same words mean others for another device
	spans4   []area // sorted, without overlaps
	spans6   []area
	macs     [][6]byte
	in4, in6 bool // some of it may be on a bridge
}

// parties finds the party of an endpoint of a device.
type parties struct {
	of  map[partyOf]*party
	all []*party // in the order of their sets
}

type partyOf struct {
	endpoint mud.Endpoint
	mac      [6]byte // zero for a name, which is the same for all
}

func partiesOf(profiles []Profile) parties {
	out := parties{of: map[partyOf]*party{}}
	wanted := map[mud.Endpoint][]Profile{}
	for _, p := range profiles {
		for _, e := range p.endpoints() {
			wanted[e] = append(wanted[e], p)
		}
	}
	for _, e := range sortedEndpoints(wanted) {
		if e.Kind == mud.Name {
			out.addName(e, wanted[e])
		} else {
			out.addClass(e, wanted[e])
		}
	}
	return out
}

// endpoints are those that its rules name, each once.
func (p Profile) endpoints() []mud.Endpoint {
	if p.named != nil {
		return p.named
	}
	seen := map[mud.Endpoint]bool{}
	out := []mud.Endpoint{}
	for _, r := range slices.Concat(p.Policy.From, p.Policy.To) {
		for _, e := range r.Remote {
			if e.Kind != mud.Prefix && r.Held == "" && !seen[e] {
				seen[e] = true
				out = append(out, e)
			}
		}
	}
	return out
}

func sortedEndpoints(m map[mud.Endpoint][]Profile) []mud.Endpoint {
	out := make([]mud.Endpoint, 0, len(m))
	for e := range m {
		out = append(out, e)
	}
	sort.Slice(out, func(i, j int) bool {
		return cmp.Or(cmp.Compare(out[i].Kind, out[j].Kind), cmp.Compare(out[i].Name, out[j].Name)) < 0
	})
	return out
}

// addName adds a name: its addresses are those that anybody knows.
func (ps *parties) addName(e mud.Endpoint, by []Profile) {
	var all Party
	for _, p := range by {
		all.Prefixes = append(all.Prefixes, p.Sets[e].Prefixes...)
	}
	n := newParty(e, all)
	ps.all = append(ps.all, n)
	ps.of[partyOf{endpoint: e}] = n
}

// addClass adds a class; one of its own for each device to which it is others. Profiles are sorted by MAC.
func (ps *parties) addClass(e mud.Endpoint, by []Profile) {
	var groups []*party
	for _, p := range by {
		n := newParty(e, p.Sets[e])
		i := slices.IndexFunc(groups, n.sameMembers)
		if i < 0 {
			if i = len(groups); i > 0 {
				n.suffix = fmt.Sprintf("/%x", p.MAC)
			}
			groups = append(groups, n)
		}
		ps.of[partyOf{e, p.MAC}] = groups[i]
	}
	ps.all = append(ps.all, groups...)
}

// find returns the party of an endpoint that a rule of the device names.
func (ps parties) find(e mud.Endpoint, mac [6]byte) *party {
	if e.Kind == mud.Name {
		mac = [6]byte{}
	}
	return ps.of[partyOf{e, mac}]
}

func newParty(e mud.Endpoint, p Party) *party {
	n := &party{endpoint: e}
	for _, prefix := range p.Prefixes {
		lo, hi := Target{Prefix: prefix}.span()
		if s := (area{lo: lo, hi: hi}); lo.Is4() {
			n.spans4 = append(n.spans4, s)
		} else {
			n.spans6 = append(n.spans6, s)
		}
	}
	n.spans4, n.spans6 = joined(n.spans4), joined(n.spans6)
	n.macs = onceEach(p.MACs)
	return n
}

// joined sorts spans and makes one of those that overlap.
func joined(spans []area) []area {
	sort.Slice(spans, func(i, j int) bool {
		return cmp.Or(spans[i].lo.Compare(spans[j].lo), spans[i].hi.Compare(spans[j].hi)) < 0
	})
	var out []area
	for _, s := range spans {
		if n := len(out); n > 0 && !out[n-1].hi.Less(s.lo) {
			if out[n-1].hi.Less(s.hi) {
				out[n-1].hi = s.hi
			}
			continue
		}
		out = append(out, s)
	}
	return out
}

func (n *party) sameMembers(m *party) bool {
	return slices.Equal(n.spans4, m.spans4) && slices.Equal(n.spans6, m.spans6) && slices.Equal(n.macs, m.macs)
}

func (n *party) spans(v6 bool) []area {
	if v6 {
		return n.spans6
	}
	return n.spans4
}

// indoors are the addresses that frames on a bridge have but for the router's own, which table inet judges.
type indoors struct {
	home   []area // networks of the home, of links, of groups
	router map[netip.Addr]bool
}

func indoorsOf(lan []LAN) indoors {
	in := indoors{router: map[netip.Addr]bool{}}
	for _, p := range slices.Concat(homePrefixes(lan, false), homePrefixes(lan, true)) {
		in.home = append(in.home, prefixSpan(p))
	}
	for _, p := range []string{"169.254.0.0/16", "224.0.0.0/4", "255.255.255.255/32", "fe80::/10", "ff00::/8"} {
		in.home = append(in.home, prefixSpan(netip.MustParsePrefix(p)))
	}
	for _, v6 := range []bool{false, true} {
		for _, a := range ownOfRouter(lan, v6) {
			in.router[a] = true
		}
	}
	return in
}

// has says whether any of some spans is inside.
func (in indoors) has(spans []area) bool {
	return slices.ContainsFunc(spans, func(a area) bool {
		return (a.lo != a.hi || !in.router[a.lo]) && slices.ContainsFunc(in.home, func(b area) bool {
			return !b.hi.Less(a.lo) && !a.hi.Less(b.lo)
		})
	})
}

// prefixSpan is an area without numbers.
func prefixSpan(p netip.Prefix) area {
	lo, hi := Target{Prefix: p}.span()
	return area{lo: lo, hi: hi}
}
