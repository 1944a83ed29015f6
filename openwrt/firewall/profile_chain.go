package firewall

import (
	"fmt"
	"slices"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"

	"spinneret/mud"
)

// A profile has two chains in each table, for what the device sends and for what is sent to it: a rule for each of
// its policy, and at the end what refuses the rest. Rules that allow return, so that whoever comes after them has its
// say as well.
//
// In table inet conntrack knows who opened a connection: only its first packet is judged, unless some policy is strict or
// has entries that drop. A bridge has no conntrack in every kernel: there each packet is judged, and what a rule lets one
// side open lets the other side answer: by TCP without a naked SYN (RFC 8520 8), by UDP from the port that was called, and
// to pings by their replies.

// violationRate is how many packets a second are logged of a device and direction; four times as many at once.
const violationRate = 5

// tally is whose packets a rule counts: those of a rule of a policy, by its index, or what was refused.
type tally struct {
	mac   [6]byte
	to    bool // the device
	index int  // refused: what was refused
}

const refused = -1

// pen writes the chains of one device for one table.
type pen struct {
	*table // only chains
	Profile
	profiles
	used map[string]bool // sets that are asked
}

func (p pen) bridge() bool { return p.family == nftables.TableFamilyBridge }

func chainOf(d direction, mac [6]byte) string {
	return fmt.Sprintf("mud_%s_%x", [...]string{from: "from", to: "to"}[d], mac)
}

func refuseOf(d direction, mac [6]byte) string {
	return fmt.Sprintf("mud_refuse_%s_%x", [...]string{from: "from", to: "to"}[d], mac)
}

// write adds the chains of both directions.
func (p pen) write() {
	p.chain(from, p.Policy.From, p.Policy.To)
	p.chain(to, p.Policy.To, p.Policy.From)
}

// chain adds those of one; others are the rules of the other one.
func (p pen) chain(d direction, rules, others []mud.Rule) {
	out := p.beforehand(d)
	if p.each && !p.bridge() && !p.judgesEach() {
		out = append(out, allowedBefore())
	}
	for i, r := range rules {
		out = append(out, p.rules(d, i, r)...)
	}
	if p.bridge() && !p.Policy.Strict {
		for _, r := range others {
			out = append(out, p.answers(d, r)...)
		}
	}
	if p.each && !p.bridge() && !p.Policy.Strict {
		out = append(out, say("of a connection that was allowed, or related to it", connected(), leave()))
	}
	p.addChain(chainOf(d, p.MAC), nil, append(out, say("", goTo(refuseOf(d, p.MAC))))...)
	p.refuseAll(d)
}

// beforehand is what IP itself needs, beside the policy, where every packet comes here.
func (p pen) beforehand(d direction) []rule {
	switch {
	case p.bridge() && d == from:
		return append(p.astray(), p.neededInside(d)...)
	case p.bridge():
		return p.neededInside(d)
	case p.each && p.Policy.Strict:
		return []rule{
			say("errors of what was allowed", related(), protocol(unix.IPPROTO_ICMP), leave()),
			say("", related(), protocol(unix.IPPROTO_ICMPV6), leave()),
		}
	}
	return nil
}

// rules are those of one rule of the policy: one for each family, and way to tell its parties.
func (p pen) rules(d direction, index int, r mud.Rule) []rule {
	state, use := p.stateWords(r)
	if !use || r.Held != "" || !matchable(r.ACE) && !r.Drop {
		return nil
	}
	then := leave()
	if r.Drop {
		then = goTo(refuseOf(d, p.MAC))
	}
	var out []rule
	for _, v6 := range []bool{false, true} {
		for _, who := range p.matches(r.ACE, v6, d) {
			out = append(out, rule{
				exprs: slices.Concat(transportWords(r.Match, d), who, state, allFields(r.Match), []expr.Any{&expr.Counter{}}, then),
				tally: &tally{p.MAC, d == to, index},
			})
		}
	}
	return out
}

// stateWords say which packets of a connection a rule is about; use is false if it needs no rule here.
func (p pen) stateWords(r mud.Rule) (words []expr.Any, use bool) {
	switch {
	case r.State == mud.Answers:
		return opensNothing(), p.Policy.Strict
	case r.State == mud.Opens && p.each && !p.bridge():
		return fromOpener(), true
	}
	return nil, true
}

// allFields compare the fields of a match, as far as that can be.
func allFields(m mud.Match) (words []expr.Any) {
	for _, f := range m.Fields {
		more := fieldWords(f, m)
		words = append(words, more...)
	}
	return words
}

// matches are the ways in which a packet of one family is between the device and all parties of an entry; none if it
// cannot be.
func (p pen) matches(a mud.ACE, v6 bool, d direction) [][]expr.Any {
	family := mud.IPv4
	if v6 {
		family = mud.IPv6
	}
	if a.Family&family == 0 || v6 && extension(a.Protocol) {
		return nil
	}
	k := kind{v6: v6}
	ways := [][]expr.Any{p.version(v6)}
	for _, e := range a.Remote {
		ways = crossed(ways, p.party(e, v6, d))
	}
	for _, e := range a.Local {
		if e.Prefix.Addr().Is4() == v6 {
			return nil
		}
		ways = crossed(ways, [][]expr.Any{prefixWords(e.Prefix, k.addressAt(1-d))})
	}
	return ways
}

// crossed is every one of a followed by every one of b.
func crossed(a, b [][]expr.Any) (out [][]expr.Any) {
	for _, x := range a {
		for _, y := range b {
			out = append(out, slices.Concat(x, y))
		}
	}
	return out
}

// party are the ways in which the far side of a packet is an endpoint. On a bridge there are only those of the home.
func (p pen) party(e mud.Endpoint, v6 bool, d direction) (ways [][]expr.Any) {
	k := kind{v6: v6}
	if e.Kind == mud.Prefix {
		if e.Prefix.Addr().Is4() == v6 || p.bridge() && !p.indoors.has([]area{prefixSpan(e.Prefix)}) {
			return nil
		}
		return [][]expr.Any{prefixWords(e.Prefix, k.addressAt(d))}
	}
	who := p.parties.find(e, p.MAC)
	if !p.bridge() || (who.in4 && !v6 || who.in6 && v6) {
		name := who.setName(map[bool]string{false: "4", true: "6"}[v6])
		p.used[name] = true
		ways = append(ways, []expr.Any{load(expr.PayloadBaseNetworkHeader, k.addressAt(d), k.addressLength()), lookup(name)})
	}
	if p.bridge() && len(who.macs) > 0 {
		name := who.setName("_macs")
		p.used[name] = true
		words := etherDestinationIn(name)
		if d == to {
			words = etherSourceIn(name)
		}
		ways = append(ways, words)
	}
	return ways
}

// answers are the rules for what comes back where a rule of the other direction opens something, on a bridge.
func (p pen) answers(d direction, r mud.Rule) (out []rule) {
	if r.State != mud.Opens || r.Drop || r.Held != "" || !matchable(r.ACE) {
		return nil
	}
	for _, v6 := range []bool{false, true} {
		for _, who := range p.matches(r.ACE, v6, d) {
			for _, what := range answerWords(r.Match, v6, d) {
				out = append(out, say("", what, who, leave()))
			}
		}
	}
	return out
}

// answerWords are the ways in which a packet may answer what a match opens.
func answerWords(m mud.Match, v6 bool, d direction) [][]expr.Any {
	icmp, reply := kind{v6: v6}.icmp(), byte(0)
	if v6 {
		reply = 129
	}
	replies := slices.Concat(protocol(icmp), []expr.Any{load(expr.PayloadBaseTransportHeader, 0, 1), equal(reply)})
	switch m.Protocol {
	case mud.TCP:
		return [][]expr.Any{slices.Concat(transportWords(m, d), opensNothing())}
	case mud.ICMP, mud.ICMPv6:
		if !mayPing(m) {
			return nil
		}
		return [][]expr.Any{replies}
	case mud.AnyProtocol:
		others := slices.Concat(not(protocol(unix.IPPROTO_TCP)), not(protocol(icmp)))
		return [][]expr.Any{opensNothing(), replies, others}
	}
	return [][]expr.Any{transportWords(m, d)}
}

// mayPing says whether a match of ICMP holds for echo requests (RFC 792, RFC 4443 4.1).
func mayPing(m mud.Match) bool {
	request := uint32(8)
	if m.Protocol == mud.ICMPv6 {
		request = 128
	}
	return !slices.ContainsFunc(m.Fields, func(f mud.Field) bool { return f.Name == "type" && f.Value != request })
}

// refuseAll adds the chain for what no rule allows.
func (p pen) refuseAll(d direction) {
	dir, then := mud.FromDevice, drop()
	if d == to {
		dir = mud.ToDevice
	}
	if p.Mode == Watch {
		then = leave()
	}
	of := &tally{p.MAC, d == to, refused}
	middle := say("a connection that was not opened", flagsAre(expr.CmpOpEq, tcpSYN, 0), []expr.Any{&expr.Counter{}}, then)
	middle.tally = of
	rules := []rule{middle}
	if p.group != 0 {
		rules = append(rules, say("", []expr.Any{
			&expr.Limit{Type: expr.LimitTypePkts, Rate: violationRate, Unit: expr.LimitTimeSecond, Burst: 4 * violationRate},
		}, logAs(p.group, Violation{p.MAC, dir, p.Mode}.prefix())))
	}
	last := say("", []expr.Any{&expr.Counter{}}, then)
	last.tally = of
	p.addChain(refuseOf(d, p.MAC), nil, append(rules, last)...)
}
