package firewall

import (
	"net/netip"
	"slices"

	"spinneret/mud"
)

// maxWritten is how many rules all profiles may take in the kernel: 60 devices with the largest of real files take
// 3,000. A transaction goes out in one piece, with all that is stopped in it: it must never be too large.
const maxWritten = 10_000

// chainRules are those of a profile beside its policy, at most: what IP needs, the ends of chains and what refuses.
const chainRules = 32

// weight is how many rules a profile takes in both tables, at most; its sets count, too.
func (p Profile) weight() int {
	n := chainRules + 2*len(p.endpoints())
	for _, rules := range [][]mud.Rule{p.Policy.From, p.Policy.To} {
		for _, r := range rules {
			if r.Held == "" {
				n += p.ruleWeight(r)
			}
		}
	}
	return n
}

func (p Profile) ruleWeight(r mud.Rule) int {
	families := int(r.Family&mud.IPv4) + int(r.Family&mud.IPv6)/int(mud.IPv6)
	ways, answered := 1, 0
	for _, e := range r.Remote {
		who := p.Sets[e]
		if e.Kind == mud.Name && len(who.MACs) == 0 && !slices.ContainsFunc(who.Prefixes, mayBeInside) {
			return families
		}
		if len(who.MACs) > 0 {
			ways *= 2
		}
	}
	if r.State == mud.Opens && !r.Drop {
		if answered = 1; r.Protocol == mud.AnyProtocol {
			answered = 3
		}
	}
	return families * (1 + ways*(1+answered))
}

// mayBeInside says whether an address of a name is likely one of the home. A global one of IPv6 may be, too: the limit
// leaves room for some.
func mayBeInside(p netip.Prefix) bool {
	a := p.Addr()
	return a.IsPrivate() || a.IsLinkLocalUnicast() || a.IsMulticast()
}
