package firewall

import (
	"slices"
	"time"

	"github.com/google/nftables"
)

const (
	setLAN   = "lan"
	setPorts = "ports"
	// setEntries are both: a frame to a group of the link alone (IEEE 802.1Q section 8.6.3) is taken up at the port, as if
	// there were no bridge, and the bridge's own rules do not see all of them.
	setEntries = "entries"
)

// cuts are the elements of all levels at one moment.
type cuts struct {
	full     fullElements
	internet offline
	flow     stopped
}

func (c cuts) any() bool { return len(c.full.macs)+len(c.internet.macs)+len(c.flow.macs) > 0 }

// render says which tables, with which chains, rules and elements, hold s. It is pure: k is what the kernel
// can, now the moment that remaining times are counted from.
func render(s State, k kernel, now time.Time) []table {
	return append(renderMain(s, k, now), renderProfiles(s, k, now)...)
}

// renderMain makes the tables of all but the profiles.
func renderMain(s State, k kernel, now time.Time) (tables []table) {
	c := cuts{elementsOfFull(s.Quarantines, now), offlineOf(s.Quarantines, now), stoppedOf(s.Quarantines, now)}
	if t, ok := renderINet(s, c, now); ok {
		tables = append(tables, t)
	}
	if ports := bridgePorts(s.LAN); len(ports) > 0 && k.bridge && (c.any() || s.Log.Inside != 0) {
		tables = append(tables, renderBridge(s, ports, c))
	}
	if !c.any() {
		return tables
	}
	if plain := plainInterfaces(s.LAN, k); len(plain) > 0 && k.ingress {
		if t := renderNetdev(s, plain, k.egress, c); len(t.chains) > 0 {
			tables = append(tables, t)
		}
	}
	return tables
}

func renderINet(s State, c cuts, now time.Time) (table, bool) {
	t := table{name: tableName, family: nftables.TableFamilyINet}
	t.addSet(names(setLAN, "interfaces of the home", lanNames(s.LAN)))
	input := t.addPage(s)
	if c.any() || len(s.NoMappings) > 0 {
		t.addSet(names(setEntries, "interfaces of the home, and ports of its bridges", entries(s.LAN)))
	}
	if c.any() {
		t.addTried(s.Log.Tried)
	}
	var prerouting, forward []rule
	if len(c.full.macs) > 0 {
		t.addFullSets(s.LAN, c.full)
		prerouting = append(prerouting, say("", iifIn(setEntries), t.sourceIn(setFull), jumpTo(chainFromFull)))
	}
	if len(c.internet.macs) > 0 {
		t.addOfflineSets(c.internet)
	}
	if len(c.flow.macs) > 0 {
		t.addFlowSets(c.flow)
		prerouting = append(prerouting, t.flowsBefore(c))
	}
	t.addBase("prerouting", before(nftables.ChainHookPrerouting, nftables.ChainPriorityRaw), prerouting)
	if len(c.full.macs) > 0 {
		t.addFromFull(c.full)
		input = append(input, t.fullToRouter(c.full)...)
	}
	if len(c.flow.macs) > 0 {
		t.addFlowChain(chainFromFlow, c.flow, from)
	}
	if len(c.internet.macs) > 0 {
		f, i := t.addOfflineINet(c.internet)
		forward, input = append(forward, f), append(input, i)
		if len(c.flow.macs) > 0 {
			forward, input = append(forward, t.flowsAfter()), append(input, t.flowsAfter())
		}
	}
	input = append(input, t.addMappings(s)...)
	hold := t.addHold(s, now)
	t.addHooks(append(forward, hold...), input, hold, s.Log)
	return t, len(s.LAN) > 0 && len(t.chains) > 0
}

// addRouter adds the sets of the router's own addresses and of the home's networks, as far as rules need them.
func (t *table) addRouter(lan []LAN, c cuts) {
	t.addSet(addresses(setRouter, "the router, where the home sees it", nftables.TypeIPAddr, routerAddresses(lan)))
	if c.full.except.has(true) || len(c.internet.macs) > 0 {
		t.addSet(addresses(setRouter6, "the router, where the home sees it", nftables.TypeIP6Addr, ownOfRouter(lan, true)))
	}
	if len(c.internet.macs) > 0 {
		t.addHome(lan)
	}
}

func renderBridge(s State, ports []string, c cuts) table {
	lan := s.LAN
	t := table{name: tableName, family: nftables.TableFamilyBridge}
	t.addSet(names(setPorts, "ports of the home's bridges", ports))
	t.addCutSets(lan, c)
	if len(c.full.macs)+len(c.flow.macs) > 0 {
		t.addTried(s.Log.Tried)
	}
	var prerouting, forward, input, output []rule
	if len(c.full.macs) > 0 {
		prerouting = append(prerouting, say("", iifIn(setPorts), t.sourceIn(setFull), jumpTo(chainFromFull)))
		// Two ports of a frame belong to the same bridge: naming the one at the far end also holds for a near end
		// that joined a moment ago.
		forward = append(forward,
			say("to the router only", oifIn(setPorts), t.sourceIn(setFull), drop()),
			say("", iifIn(setPorts), t.destinationIn(setRefused), drop()))
	}
	if len(c.flow.macs) > 0 {
		forward = append(forward,
			say("", oifIn(setPorts), t.sourceIn(setFlow), jumpTo(chainFromFlow)),
			say("", iifIn(setPorts), t.destinationIn(setFlow), jumpTo(chainToFlow)))
	}
	for _, j := range t.towards(c) {
		output = append(output, say("", append(oifIn(setPorts), t.destinationIn(j.set)...), jumpTo(j.chain)))
	}
	if s.Log.Inside != 0 {
		f, i := t.addInside(s.Log.Inside)
		forward, input = append(forward, f...), i
	}
	// The first that anybody has in a bridge: also before br_netfilter (0) hands frames to the inet chains.
	t.addBase("prerouting", &hook{at: *nftables.ChainHookPrerouting, priority: bridgePriorityDNAT}, prerouting)
	t.addBase("forward", &hook{at: *nftables.ChainHookForward, priority: bridgePriorityFilter - 1}, forward)
	t.addBase("input", &hook{at: *nftables.ChainHookInput, priority: bridgePriorityFilter - 1}, input)
	t.addBase("output", &hook{at: *nftables.ChainHookOutput, priority: bridgePriorityFilter - 1}, output)
	if len(c.full.macs) > 0 {
		t.addFromFull(c.full)
	}
	if len(c.flow.macs) > 0 {
		t.addFlowChain(chainFromFlow, c.flow, from)
	}
	t.addTowards(lan, c)
	return t
}

// addCutSets adds the sets of all levels to a table that sees frames.
func (t *table) addCutSets(lan []LAN, c cuts) {
	if len(c.full.macs)+len(c.internet.macs) > 0 {
		t.addRouter(lan, c)
	}
	if len(c.full.macs) > 0 {
		t.addFullSets(lan, c.full)
		t.addLeaseSet(c.full)
	}
	if len(c.internet.macs) > 0 {
		t.addOfflineSets(c.internet)
	}
	if len(c.flow.macs) > 0 {
		t.addFlowSets(c.flow)
	}
}

// toLevel leads frames to devices of one level into its chain.
type toLevel struct{ set, chain string }

// towards are the levels in use, the strictest first: what several refuse counts for that one.
func (t *table) towards(c cuts) []toLevel {
	var out []toLevel
	if len(c.full.macs) > 0 {
		out = append(out, toLevel{setFull, chainToFull})
	}
	if len(c.internet.macs) > 0 {
		out = append(out, toLevel{setOffline, chainToOffline})
	}
	if len(c.flow.macs) > 0 {
		out = append(out, toLevel{setFlow, chainToFlow})
	}
	return out
}

// addTowards adds the chains for what is sent to devices.
func (t *table) addTowards(lan []LAN, c cuts) {
	if len(c.full.macs) > 0 {
		t.addToFull(c.full)
	}
	if len(c.internet.macs) > 0 {
		t.addToOffline(lan, c.internet)
	}
	if len(c.flow.macs) > 0 {
		t.addFlowChain(chainToFlow, c.flow, to)
	}
}

// Priorities of the bridge family (linux/netfilter_bridge.h).
const (
	bridgePriorityDNAT   nftables.ChainPriority = -300
	bridgePriorityFilter nftables.ChainPriority = -200
)

func renderNetdev(s State, plain []string, egress bool, c cuts) table {
	lan := s.LAN
	t := table{name: tableName, family: nftables.TableFamilyNetdev}
	if !egress { // what the other levels do here is at egress
		c = cuts{full: c.full}
	}
	t.addCutSets(lan, c)
	if len(c.full.macs) > 0 {
		t.addTried(s.Log.Tried)
		for _, name := range plain {
			h := before(nftables.ChainHookIngress, nftables.ChainPriorityFilter)
			h.device = name
			t.addChain("ingress_"+name, h, say("", t.sourceIn(setFull), jumpTo(chainFromFull)))
		}
		t.addFromFull(c.full)
	}
	if !egress {
		return t
	}
	for _, name := range plain {
		h := before(nftables.ChainHookEgress, nftables.ChainPriorityFilter)
		h.device = name
		var rules []rule
		for _, j := range t.towards(c) {
			rules = append(rules, say("", t.destinationIn(j.set), jumpTo(j.chain)))
		}
		t.addChain("egress_"+name, h, rules...)
	}
	t.addTowards(lan, c)
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

func entries(lan []LAN) []string { return sortedOnce(append(lanNames(lan), bridgePorts(lan)...)) }

func bridgePorts(lan []LAN) []string {
	var out []string
	for _, l := range lan {
		out = append(out, l.Ports...)
	}
	return sortedOnce(out)
}

// plainInterfaces are those without a bridge that are there: a chain of family netdev needs its interface. A VLAN of a
// bridge is one too: it sees what comes by ports that are not named, and all of them without their tags.
func plainInterfaces(lan []LAN, k kernel) []string {
	var out []string
	for _, l := range lan {
		if (len(l.Ports) == 0 || l.VLAN) && k.links[l.Name] {
			out = append(out, l.Name)
		}
	}
	return sortedOnce(out)
}

func sortedOnce(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}
