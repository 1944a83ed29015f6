package firewall

import (
	"net/netip"
	"slices"
	"time"

	"github.com/google/nftables"
)

// Exceptions at level full: packets that the router forwards between the device and a target. They pass bridge
// and inet prerouting, and are dropped again in bridge forward (to a neighbour) and inet input (to the router
// itself, whatever the target says). For that the two must find each other: ARP replies and ND pass as well, to
// and from the router only, as long as they speak of the device's own lease and addresses, so that it takes
// nobody else's place in the router's tables.

const (
	setExcept = "full_except"
	setOwn6   = "full_own6"

	chainFullToRouter = "full_to_router"
)

// ownAddresses are the IPv6 addresses of devices at level full.
func ownAddresses(qs []Quarantine, now time.Time) []nftables.SetElement {
	var out []nftables.SetElement
	for _, d := range devicesAt(Full, qs, now) {
		var own []netip.Addr
		for _, q := range qs {
			for _, a := range q.Addresses {
				if a = a.WithZone(""); q.MAC == d.mac && a.Is6() && !a.Is4In6() {
					own = append(own, a)
				}
			}
		}
		slices.SortFunc(own, netip.Addr.Compare)
		for _, a := range slices.Compact(own) {
			out = append(out, nftables.SetElement{Key: append(pad(d.mac[:]), a.AsSlice()...), Timeout: d.left})
		}
	}
	return out
}

func (t *table) addExceptSets(e fullElements) {
	t.addTrafficSets(setExcept, "passes all the same", e.except, false)
	if !e.except.has(true) {
		return
	}
	t.addSet(set{refilled: true, elements: e.own6, spec: nftables.Set{
		Name: setOwn6, Comment: "device and its own address", HasTimeout: true, Concatenation: true,
		KeyType: nftables.MustConcatSetType(nftables.TypeEtherAddr, nftables.TypeIP6Addr),
	}})
}

// exceptFromFull are the rules for what such a device sends.
func (t *table) exceptFromFull(e fullElements) []rule {
	var rules []rule
	if e.except.has(false) {
		if t.family != nftables.TableFamilyINet {
			rules = append(rules, say("it may say who it is", t.arp(2), arpSenderIn(setLease), arpTargetIn(setRouter), leave()))
		}
		rules = append(rules, say("faster is no exception", t.ipv4(), ipDestinationIn(setServer), t.sourceIn(setRefused), drop()))
	}
	if e.except.has(true) {
		rules = append(rules, t.discovery()...)
	}
	return append(rules, t.trafficRules(setExcept, e.except, from, leave())...)
}

// discovery is ND of a device about itself.
func (t *table) discovery() []rule {
	const solicitation, advertisement = 135, 136 // RFC 4861 section 4.3, 4.4
	return []rule{
		say("it may ask who the router is", t.version(true), ndType(solicitation), t.fromEthernet(), ip6SourceOf(setOwn6), leave()),
		say("and say who it is", t.version(true), ndType(advertisement), t.fromEthernet(), ndTargetOf(setOwn6), leave()),
	}
}

// exceptToFull are the rules for what is sent to such a device.
func (t *table) exceptToFull(e fullElements) []rule {
	var rules []rule
	if e.except.has(false) {
		rules = append(rules, say("the router asks who it is", t.arp(1), leave()))
	}
	if e.except.has(true) {
		rules = append(rules, say("", t.version(true), ndMessage(t.ndTypes(idSolicited, 134, 135, 136)), leave()))
	}
	rules = append(rules, t.exceptRouter(e.except, setRefused)...)
	return append(rules, t.trafficRules(setExcept, e.except, to, leave())...)
}

// fullToRouter adds the chain for what reached the router as an exception, and returns what leads to it from
// input.
func (t *table) fullToRouter(e fullElements) []rule {
	if len(e.except) == 0 {
		return nil
	}
	rules := []rule{say("its lease", t.ipv4(), ipDestinationIn(setServer), udpPorts(68, 67), leave())}
	if e.except.has(true) {
		rules = append(rules, t.discovery()...)
	}
	t.addChain(chainFullToRouter, nil, append(rules, t.refuse(setRefused, from)...)...)
	return []rule{say("the router is no exception", iifIn(setEntries), t.sourceIn(setFull), jumpTo(chainFullToRouter))}
}
