package firewall

import (
	"slices"
	"time"

	"github.com/google/nftables"
)

// Level internet: the router forwards nothing between the device and what is not LAN, and serves it nothing
// but its lease: DHCP, DHCPv6, ARP and ND. Bridged frames, and those routed to another LAN interface, pass.
//
// What the device sends is dropped in inet forward and input, where the kernel has put fragments together and
// taken VLAN tags off. What goes to the device is dropped where it has its destination MAC, in bridge output
// or netdev egress; there nobody knows any more which way a packet came, so its source must be of the home.

// The sets of level internet.
const (
	setOffline        = "internet"
	setOfflineRefused = "internet_refused"
	setExceptOffline  = "internet_except"
	setHome4          = "home4"
	setHome6          = "home6"
	setRouter6        = "router6"
)

const (
	chainFromOffline     = "from_offline"
	chainOfflineToRouter = "offline_to_router"
	chainToOffline       = "to_offline"
)

// offline is what level internet has in the sets.
type offline struct {
	macs   []element
	except traffic
}

func offlineOf(qs []Quarantine, now time.Time) offline {
	return offline{macsAt(Internet, qs, now), exceptionsOf(Internet, qs, now)}
}

// macsAt are the devices of a level.
func macsAt(level Level, qs []Quarantine, now time.Time) []element {
	var out []element
	for _, d := range devicesAt(level, qs, now) {
		out = append(out, element{nftables.SetElement{Key: d.mac[:], Timeout: d.left, Comment: d.comment()}, d.ids})
	}
	return out
}

// addOfflineSets adds the sets that say whom it concerns.
func (t *table) addOfflineSets(o offline) {
	t.addMACs(setOffline, "devices that are cut off from the internet", o.macs, false)
	t.addMACs(setOfflineRefused, "counts what was refused to them", o.macs, true)
	t.addTrafficSets(setExceptOffline, "passes all the same", o.except, false)
}

// addMACs adds a set of devices; the one that counts has no comments.
func (t *table) addMACs(name, comment string, macs []element, counts bool) {
	s := set{refilled: true, spec: nftables.Set{
		Name: name, Comment: comment, KeyType: nftables.TypeEtherAddr, HasTimeout: true, Counter: counts,
	}}
	for _, e := range macs {
		if counts {
			e.Comment = ""
		}
		s.elements = append(s.elements, e.SetElement)
		s.owners = append(s.owners, e.owners)
	}
	t.addSet(s)
}

// addOfflineINet adds the chains of table inet and returns what leads to them from forward and from input.
func (t *table) addOfflineINet(o offline) (forward, input rule) {
	rules := t.trafficRules(setExceptOffline, o.except, from, leave())
	t.addChain(chainFromOffline, nil, append(rules, t.refuse(setOfflineRefused, from)...)...)

	id := t.ndTypes(idND, 133, 135, 136)
	t.addChain(chainOfflineToRouter, nil, slices.Concat([]rule{
		say("its lease", t.version(false), udpPorts(68, 67), leave()),
		say("", t.version(true), udpPorts(546, 547), leave()),
		say("neighbour discovery", t.version(true), ndMessage(id), leave()),
	}, t.refuse(setOfflineRefused, from))...)

	forward = say("out of the home", iifIn(setEntries), not(oifIn(setLAN)), t.sourceIn(setOffline), jumpTo(chainFromOffline))
	input = say("", iifIn(setEntries), t.sourceIn(setOffline), jumpTo(chainOfflineToRouter))
	return forward, input
}

// addToOffline adds the chain for what the router sends to a device, its own packets and those that it routes.
func (t *table) addToOffline(lan []LAN, o offline) {
	id := t.ndTypes(idRouterND, 134, 135, 136)
	rules := []rule{
		say("ARP, and what else is no IP", t.neitherIP(), leave()),
		say("its lease", t.version(false), ipSourceIn(setRouter), udpPorts(67, 68), leave()),
		say("", t.version(true), neverRouted(), udpPorts(547, 546), leave()),
		say("neighbour discovery", t.version(true), ndMessage(id), leave()),
		say("another LAN, routed", t.version(false), not(ipSourceIn(setRouter)), ipSourceIn(setHome4), leave()),
	}
	if len(homePrefixes(lan, true)) > 0 {
		rules = append(rules, say("", t.version(true), not(ip6SourceIn(setRouter6)), ip6SourceIn(setHome6), leave()))
	}
	rules = append(rules, t.exceptRouter(o.except, setOfflineRefused)...)
	rules = append(rules, t.trafficRules(setExceptOffline, o.except, to, leave())...)
	t.addChain(chainToOffline, nil, append(rules, t.refuse(setOfflineRefused, to)...)...)
}

// exceptRouter keeps exceptions from opening the router's own services.
func (t *table) exceptRouter(except traffic, refused string) []rule {
	var rules []rule
	if except.has(false) {
		rules = append(rules, say("the router is no exception", t.version(false), ipSourceIn(setRouter), t.destinationIn(refused), drop()))
	}
	if except.has(true) {
		rules = append(rules, say("", t.version(true), ip6SourceIn(setRouter6), t.destinationIn(refused), drop()))
	}
	return rules
}

// refuse drops and counts.
func (t *table) refuse(set string, d direction) []rule {
	in, then := t.sourceIn(set), t.refused()
	if d == to {
		in, then = t.destinationIn(set), drop()
	}
	return []rule{say("", in, then), say("it ended while the packet was on its way here", drop())}
}
