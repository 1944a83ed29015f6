package firewall

import (
	"bytes"
	"cmp"
	"fmt"
	"hash/fnv"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/google/nftables"
	"github.com/google/nftables/binaryutil"

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
	seen := map[mud.Endpoint]bool{}
	var out []mud.Endpoint
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
	slices.SortFunc(out, func(a, b mud.Endpoint) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
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
				n.suffix = fmt.Sprintf("_%x", p.MAC)
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
	slices.SortFunc(spans, func(a, b area) int { return cmp.Or(a.lo.Compare(b.lo), a.hi.Compare(b.hi)) })
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

// wellKnown are the classes that have short names.
var wellKnown = map[string]string{mud.ClassDNS: "dns", mud.ClassNTP: "ntp", mud.ClassGateway: "router"}

// setName is such as mud_local4, mud_name6_cloud.example.com, mud_dns4.
func (n *party) setName(what string) string {
	head, tail := "mud_", ""
	switch e := n.endpoint; e.Kind {
	case mud.Name:
		below, wild := strings.CutPrefix(e.Name, "*.")
		if head += "name"; wild {
			head = "mud_below"
		}
		tail = "_" + word(below)
	case mud.LocalNetworks:
		head += "local"
	case mud.MyController:
		head += "my_controller"
	case mud.SameManufacturer:
		head += "same_maker"
	case mud.Manufacturer:
		head, tail = head+"maker", "_"+word(e.Name)
	case mud.Model:
		head, tail = head+"model", "_"+word(e.Name)
	default:
		if known := wellKnown[e.Name]; known != "" {
			head += known
		} else {
			head, tail = head+"class", "_"+word(e.Name)
		}
	}
	return head + what + tail + n.suffix
}

// word makes of any text a part of a name that nft can read: the maker's words may be anything, and long.
func word(s string) string {
	const most = 48
	clean := strings.Map(func(r rune) rune {
		if notWord(r) {
			return '_'
		}
		return r
	}, s)
	if clean == s && len(s) <= most {
		return s
	}
	h := fnv.New64a()
	h.Write([]byte(s))
	return fmt.Sprintf("%s_%016x", clean[:min(len(clean), most)], h.Sum64())
}

// comment is the endpoint in plain words, without what nft could not read.
func (n *party) comment() string {
	const most = 100 // nft allows 128
	s := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' {
			return -1
		}
		return r
	}, n.endpoint.String())
	return s[:min(len(s), most)]
}

// addressSet is the set of the party's addresses of one family.
func (n *party) addressSet(v6 bool, known learned, now time.Time) set {
	name, typ := n.setName("4"), nftables.TypeIPAddr
	if v6 {
		name, typ = n.setName("6"), nftables.TypeIP6Addr
	}
	s := set{spec: nftables.Set{Name: name, Comment: n.comment(), KeyType: typ, KeyByteOrder: binaryutil.BigEndian}}
	if n.endpoint.Kind == mud.Name {
		s.refilled, s.spec.HasTimeout = true, true
		s.name, s.always = n.endpoint.Name, n.spans(v6)
		s.elements = known.elements(n.endpoint.Name, n.spans(v6), v6, now)
		return s
	}
	if s.refilled = !slices.ContainsFunc(n.spans(v6), func(a area) bool { return a.lo != a.hi }); s.refilled {
		for _, a := range n.spans(v6) {
			s.elements = append(s.elements, nftables.SetElement{Key: a.lo.AsSlice()})
		}
		return s
	}
	s.spec.Interval = true
	s.elements = intervals(n.spans(v6))
	return s
}

// intervals are the ends of spans; neighbours are one.
func intervals(spans []area) []nftables.SetElement {
	var out []nftables.SetElement
	for _, a := range spans {
		if n := len(out); n > 0 && out[n-1].IntervalEnd && bytes.Equal(out[n-1].Key, a.lo.AsSlice()) {
			out = out[:n-1]
		} else {
			out = append(out, nftables.SetElement{Key: a.lo.AsSlice()})
		}
		if after := a.hi.Next(); after.IsValid() {
			out = append(out, nftables.SetElement{Key: after.AsSlice(), IntervalEnd: true})
		}
	}
	return out
}

func (n *party) macSet() set {
	s := set{refilled: true, spec: nftables.Set{Name: n.setName("_macs"), Comment: n.comment(), KeyType: nftables.TypeEtherAddr}}
	for _, mac := range n.macs {
		s.elements = append(s.elements, nftables.SetElement{Key: mac[:]})
	}
	return s
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
