package firewall

import (
	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// What capture sees. Each packet is logged once at most: a packet meets one of forward, input and output, and
// goto leads to one log rule and never back. The chains sit just before fw4's, so they also see what fw4 then
// refuses; what they do not refuse falls through to it.
//
// What a device sends and we refuse is dropped before: its flood takes nothing of the log's rates. What others send to
// it may be logged, as to any device: its MAC is known only later, at the bridge.

const (
	defaultRate = 1000 // packets a second
	namesRate   = 500  // DNS and DHCP: a home of 60 devices asks some tens of names a second

	packetSnaplen   = 128 // headers of Ethernet, IPv6 with extensions and TCP with options
	packetThreshold = 32
	nameSnaplen     = 4200 // whole, put together again: what most ask for at most (RFC 6891 section 6.2.5), and headers
	nameThreshold   = 1    // at once: a name must be there when the flow to its address begins
)

const (
	counterPackets = "packets_skipped"
	counterNames   = "names_skipped"
	chainObserve   = "observe"
	chainNames     = "observe_names"
	chainFirst     = "observe_first"
)

// IDs of the anonymous sets; they only have to differ within a transaction, and each belongs to one rule.
const (
	idAnswers = 1 + iota
	idQuestions
	idDHCP
	idND
	idRouterND
	idSolicited
	idMappings
	idUPnP
	idPage
	idHellos
	idNeededFrom
	idNeededTo
	idNamed // named sets count from here
)

// addHooks adds the chains at forward, input and output: the given rules, which drop, and then those that
// observe.
func (t *table) addHooks(forward, input, output []rule, l Log) {
	if l.on() {
		if l.First {
			forward = append(forward, underWay())
		}
		forward = append(forward, forwardRules()...)
		input = append(input, say("to the router", iifIn(setLAN), goTo(chainObserve)))
		output = append(output, say("from the router", oifIn(setLAN), goTo(chainObserve)))
	}
	t.addBase("forward", before(nftables.ChainHookForward, nftables.ChainPriorityFilter), forward)
	t.addBase("input", before(nftables.ChainHookInput, nftables.ChainPriorityFilter), input)
	t.addBase("output", before(nftables.ChainHookOutput, nftables.ChainPriorityFilter), output)
	if l.on() {
		t.addObserve(l)
	}
}

func (l Log) on() bool { return l.Group != 0 || l.DNSGroup != 0 }

func (t *table) addObserve(l Log) {
	var rules []rule
	if l.DNSGroup != 0 {
		t.addNames(l.DNSGroup)
		rules = append(rules, namesRules()...)
	}
	switch {
	case l.Group == 0:
	case l.First:
		if l.LooseGroup != 0 {
			t.addLoose(l.LooseGroup)
			rules = append(rules, looseRule())
		}
		t.addFirst(l)
		rules = append(rules, firstRules()...)
	default:
		t.counters = append(t.counters, counterPackets)
		rules = append(rules, logRules(l.Group, packetSnaplen, packetThreshold, l.rate(), counterPackets)...)
	}
	t.addChain(chainObserve, nil, rules...)
}

func (l Log) rate() uint32 {
	if l.Rate == 0 {
		return defaultRate
	}
	return l.Rate
}

func forwardRules() []rule {
	return []rule{
		say("copies of a bridged frame, where bridge-nf-call-iptables is on", iifIn(setLAN), oifIn(setLAN), notToHost(), leave()),
		say("out of the home", iifIn(setLAN), goTo(chainObserve)),
		say("into the home", oifIn(setLAN), goTo(chainObserve)),
	}
}

// addNames adds the chain for packets that tell names: DNS (RFC 1035), DHCP (RFC 2131), DHCPv6 (RFC 9915).
func (t *table) addNames(group uint16) {
	t.counters = append(t.counters, counterNames)
	t.addSet(anonymousSet(idAnswers, nftables.TypeInetProto, []byte{unix.IPPROTO_TCP}, []byte{unix.IPPROTO_UDP}))
	t.addSet(anonymousSet(idQuestions, nftables.TypeInetProto, []byte{unix.IPPROTO_TCP}, []byte{unix.IPPROTO_UDP}))
	t.addSet(anonymousSet(idDHCP, nftables.TypeInetService, []byte{0, 67}, []byte{0, 68}, []byte{2, 34}, []byte{2, 35}))
	t.addChain(chainNames, nil, logRules(group, nameSnaplen, nameThreshold, namesRate, counterNames)...)
}

func namesRules() []rule {
	return []rule{
		say("DNS answers", metaIn(expr.MetaKeyL4PROTO, idAnswers), sourcePort(53), goTo(chainNames)),
		say("DNS questions", metaIn(expr.MetaKeyL4PROTO, idQuestions), destinationPort(53), goTo(chainNames)),
		say("DHCP", protocol(unix.IPPROTO_UDP), destinationPortIn(idDHCP), goTo(chainNames)),
	}
}

// logRules log what the rate allows and count the rest.
func logRules(group uint16, snaplen uint32, threshold uint16, rate uint32, skipped string) []rule {
	return []rule{
		say("", within(rate), logTo(group, snaplen, threshold), leave()),
		say("", count(skipped)),
	}
}
