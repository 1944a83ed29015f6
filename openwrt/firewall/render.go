package firewall

import (
	"slices"
	"time"

	"github.com/google/nftables"
)

const (
	setLAN   = "lan"
	setPorts = "ports"
)

// render says which tables, with which chains, rules and elements, hold s. It is pure: k is what the kernel
// can, now the moment that remaining times are counted from.
func render(s State, k kernel, now time.Time) []table {
	var tables []table
	full := elementsOfFull(s.Quarantines, now)
	if t, ok := renderINet(s, full); ok {
		tables = append(tables, t)
	}
	if len(full.macs) == 0 {
		return tables
	}
	if ports := bridgePorts(s.LAN); len(ports) > 0 && k.bridge {
		tables = append(tables, renderBridge(s.LAN, ports, full))
	}
	if plain := plainInterfaces(s.LAN, k); len(plain) > 0 && k.ingress {
		tables = append(tables, renderNetdev(s.LAN, plain, k.egress, full))
	}
	return tables
}

func renderINet(s State, full fullElements) (table, bool) {
	t := table{family: nftables.TableFamilyINet}
	t.addSet(names(setLAN, "interfaces of the home", lanNames(s.LAN)))
	if len(full.macs) > 0 {
		t.addFullSets(s.LAN, full)
		t.addChain("prerouting", before(nftables.ChainHookPrerouting, nftables.ChainPriorityRaw),
			say("", iifIn(setLAN), t.sourceIn(setFull), goTo(chainFromFull)))
		t.addFromFull()
	}
	t.addObserve(s.Log)
	return t, len(s.LAN) > 0 && len(t.chains) > 0
}

func renderBridge(lan []LAN, ports []string, full fullElements) table {
	t := table{family: nftables.TableFamilyBridge}
	t.addSet(names(setPorts, "ports of the home's bridges", ports))
	t.addFullSets(lan, full)
	t.addLeaseSet(full)
	// The first that anybody has in a bridge: also before br_netfilter (0) hands frames to the inet chains.
	t.addChain("prerouting", &hook{at: *nftables.ChainHookPrerouting, priority: bridgePriorityDNAT},
		say("", iifIn(setPorts), t.sourceIn(setFull), goTo(chainFromFull)))
	// Two ports of a frame belong to the same bridge: naming the one at the far end also holds for a near end
	// that joined a moment ago.
	t.addChain("forward", &hook{at: *nftables.ChainHookForward, priority: bridgePriorityFilter - 1},
		say("to the router only", oifIn(setPorts), t.sourceIn(setFull), drop()),
		say("", iifIn(setPorts), t.destinationIn(setRefused), drop()))
	t.addChain("output", &hook{at: *nftables.ChainHookOutput, priority: bridgePriorityFilter - 1},
		say("", oifIn(setPorts), t.destinationIn(setFull), goTo(chainToFull)))
	t.addFromFull()
	t.addToFull()
	return t
}

// Priorities of the bridge family (linux/netfilter_bridge.h).
const (
	bridgePriorityDNAT   nftables.ChainPriority = -300
	bridgePriorityFilter nftables.ChainPriority = -200
)

func renderNetdev(lan []LAN, plain []string, egress bool, full fullElements) table {
	t := table{family: nftables.TableFamilyNetdev}
	t.addFullSets(lan, full)
	t.addLeaseSet(full)
	for _, name := range plain {
		h := before(nftables.ChainHookIngress, nftables.ChainPriorityFilter)
		h.device = name
		t.addChain("ingress_"+name, h, say("", t.sourceIn(setFull), goTo(chainFromFull)))
	}
	t.addFromFull()
	if !egress {
		return t
	}
	for _, name := range plain {
		h := before(nftables.ChainHookEgress, nftables.ChainPriorityFilter)
		h.device = name
		t.addChain("egress_"+name, h, say("", t.destinationIn(setFull), goTo(chainToFull)))
	}
	t.addToFull()
	return t
}

// before is the place one step ahead of what others hook at a well-known priority: of fw4's chains at filter
// and raw (and so of conntrack), and of the flowtable at ingress, which would carry packets past all of them.
func before(at *nftables.ChainHook, priority *nftables.ChainPriority) *hook {
	return &hook{at: *at, priority: *priority - 1}
}

func lanNames(lan []LAN) []string {
	var out []string
	for _, l := range lan {
		out = append(out, l.Name)
	}
	return sortedOnce(out)
}

func bridgePorts(lan []LAN) []string {
	var out []string
	for _, l := range lan {
		out = append(out, l.Ports...)
	}
	return sortedOnce(out)
}

// plainInterfaces are those without a bridge that are there: a chain of family netdev needs its interface.
func plainInterfaces(lan []LAN, k kernel) []string {
	var out []string
	for _, l := range lan {
		if len(l.Ports) == 0 && k.links[l.Name] {
			out = append(out, l.Name)
		}
	}
	return sortedOnce(out)
}

func sortedOnce(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}
