package firewall

import (
	"time"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// What passes inside the home, on its bridges: the kernel counts it in sets, one element for each conversation and
// direction, and logs the first frame of each element. Unicast is counted in bridge forward: in prerouting it would
// cost a tenth of the forwarding rate. A group's frames are forwarded once for each port, so they are counted in
// bridge input, which has them once; there too is what is no IP and for the router alone. IP to and from the router
// is left to the inet table and conntrack. These rules come after those that drop.
//
// The grain is addresses and ports for TCP and UDP, addresses and protocol for what else is IP (fragments among it),
// the EtherType for the rest, always with both MACs: so the bytes of each device are right, and each flow's too. A
// port of the bridge gets only so many new elements a second, and an element without frames goes after insideTimeout:
// whoever forges addresses can fill no set from one port. What finds no place in a set counts in the next, coarser
// one; what finds none anywhere is counted as missed. nft knows at most five parts of a key: both ports are one
// number, and each protocol has its set.
//
// Not seen: what a Wi-Fi driver or a switch chip passes on by itself, groups that IGMP snooping keeps from the
// router, and frames of the router's own that are no IP. Unicast to a MAC that the bridge has not learned counts
// once for each port that it is flooded to.

const (
	chainInside     = "inside"
	chainInside4    = "inside4"
	chainInside6    = "inside6"
	chainInsideRest = "inside_rest"
	chainInsideNew  = "inside_new"
	chainStrangers  = "inside_strangers"
	chainInsideTell = "inside_tell"

	setInsideNew  = "new_of_port"
	setStrangers  = "strangers_of_port"
	setInsideTell = "told_of_port"

	counterInside = "inside_skipped" // frames that were not logged
	counterMissed = "inside_missed"  // frames that no set had room for
)

// The rates are per port and second, with five times as many at once: an element stays for a minute at least, so
// those of one port stay below two thirds of a set.
const (
	insideTimeout  = time.Minute
	flowsPerPort   = 40
	pairsPerPort   = 20
	tellsPerPort   = 50
	insideSnaplen  = 128
	flowsInside    = 4096
	pairsInside    = 2048
	insideTellSize = nameSnaplen
)

// IDs of anonymous sets of table bridge.
const (
	idInsideAsked = 1<<24 + iota
	idInsideAnswers
	idGroups
	idTriedGroups
)

// grain is one set of what passed.
type grain struct {
	set     string
	comment string
	version uint8 // 4, 6, or 0 for any frame
	proto   uint8 // 0 for all that are left
	size    uint32
}

// grains are all sets, the finer before the coarser.
var grains = []grain{
	{"inside_tcp4", "who to whom, ports", 4, unix.IPPROTO_TCP, flowsInside},
	{"inside_udp4", "who to whom, ports", 4, unix.IPPROTO_UDP, flowsInside},
	{"inside_ip4", "who to whom, protocol", 4, 0, flowsInside},
	{"inside_tcp6", "who to whom, ports", 6, unix.IPPROTO_TCP, flowsInside},
	{"inside_udp6", "who to whom, ports", 6, unix.IPPROTO_UDP, flowsInside},
	{"inside_ip6", "who to whom, protocol", 6, 0, flowsInside},
	{"inside_frames", "who to whom, EtherType", 0, 0, pairsInside},
}

// addressLen is that of one address of the key, in bytes.
func (g grain) addressLen() int {
	switch g.version {
	case 4:
		return 4
	case 6:
		return 16
	}
	return 0
}

func (g grain) spec() nftables.Set {
	types := []nftables.SetDatatype{nftables.TypeEtherAddr, nftables.TypeEtherAddr}
	switch {
	case g.version == 4:
		types = append(types, nftables.TypeIPAddr, nftables.TypeIPAddr)
	case g.version == 6:
		types = append(types, nftables.TypeIP6Addr, nftables.TypeIP6Addr)
	default:
		types = append(types, nftables.TypeEtherType)
	}
	switch {
	case g.version == 0:
	case g.proto == 0:
		types = append(types, nftables.TypeInetProto)
	default:
		types = append(types, nftables.TypeMark)
	}
	return nftables.Set{
		Name: g.set, Comment: g.comment, KeyType: nftables.MustConcatSetType(types...), Concatenation: true,
		Dynamic: true, HasTimeout: true, Timeout: insideTimeout, Counter: true, Size: g.size,
	}
}

// key loads what an element is of. Each part starts at a 32-bit register, the first of which is reg.
func (g grain) key() []expr.Any {
	at := uint32(unix.NFT_REG32_00)
	part := func(base expr.PayloadBase, offset, length uint32) *expr.Payload {
		p := &expr.Payload{DestRegister: at, Base: base, Offset: offset, Len: length}
		at += (length + 3) / 4
		return p
	}
	words := []expr.Any{part(expr.PayloadBaseLLHeader, 6, 6), part(expr.PayloadBaseLLHeader, 0, 6)}
	switch g.version {
	case 4:
		words = append(words, part(expr.PayloadBaseNetworkHeader, 12, 4), part(expr.PayloadBaseNetworkHeader, 16, 4))
	case 6:
		words = append(words, part(expr.PayloadBaseNetworkHeader, 8, 16), part(expr.PayloadBaseNetworkHeader, 24, 16))
	default:
		return append(words, &expr.Meta{Key: expr.MetaKeyPROTOCOL, Register: at})
	}
	if g.proto == 0 {
		return append(words, &expr.Meta{Key: expr.MetaKeyL4PROTO, Register: at})
	}
	return append(words, part(expr.PayloadBaseTransportHeader, 0, 4))
}

// rules log what is new, and count. A lookup that is turned round does not count, so the frame counts once.
func (t *table) grainRules(g grain, newcomers string) []rule {
	var match []expr.Any
	if g.version != 0 {
		match = t.version(g.version == 6)
	}
	if g.proto != 0 {
		match = append(match, protocol(g.proto)...)
	}
	isNew := append(g.key(), &expr.Lookup{SourceRegister: reg, SetName: g.set, Invert: true})
	counted := append(g.key(), &expr.Dynset{SrcRegKey: reg, SetName: g.set, Operation: uint32(unix.NFT_DYNSET_OP_UPDATE)})
	return []rule{
		say("", match, isNew, jumpTo(newcomers)),
		say("", match, counted, accept()),
	}
}

// addInside adds sets and chains, and returns what leads to them from bridge forward and input.
func (t *table) addInside(group uint16) (forward, input []rule) {
	t.counters = append(t.counters, counterInside, counterMissed)
	for _, g := range grains {
		t.addSet(set{spec: g.spec()})
	}
	t.addInsideTell(group)
	t.addNewcomers(group)
	chains := map[uint8][]rule{}
	for _, g := range grains {
		newcomers := chainInsideNew
		if g.version == 0 {
			newcomers = chainStrangers
		}
		chains[g.version] = append(chains[g.version], t.grainRules(g, newcomers)...)
	}
	t.addChain(chainInsideRest, nil, append(chains[0], say("no room", count(counterMissed), accept()))...)
	t.addChain(chainInside4, nil, append(chains[4], say("", goTo(chainInsideRest)))...)
	t.addChain(chainInside6, nil, append(chains[6], say("", goTo(chainInsideRest)))...)
	t.addChain(chainInside, nil,
		say("", t.version(false), jumpTo(chainInsideTell)),
		say("", t.version(true), jumpTo(chainInsideTell)),
		say("who has which address", t.protocolIs(unix.ETH_P_ARP), t.perPort(setInsideTell, tellsPerPort),
			logTo(group, insideTellSize, nameThreshold)),
		say("", t.version(false), goTo(chainInside4)),
		say("", t.version(true), goTo(chainInside6)),
		say("", goTo(chainInsideRest)))
	return t.insideForward(), t.insideInput()
}

func (t *table) insideForward() []rule {
	id := idGroups + uint32(t.family)<<16
	t.addSet(anonymousSet(id, nftables.TypePktType, []byte{unix.PACKET_BROADCAST}, []byte{unix.PACKET_MULTICAST}))
	return []rule{
		say("a group's frames come here once for each port", metaIn(expr.MetaKeyPKTTYPE, id), leave()),
		say("inside the home", iifIn(setPorts), jumpTo(chainInside)),
	}
}

func (t *table) insideInput() []rule {
	kind := func(k byte) []expr.Any { return []expr.Any{meta(expr.MetaKeyPKTTYPE), equal(k)} }
	return []rule{
		say("IP for the router", kind(unix.PACKET_HOST), t.version(false), leave()),
		say("", kind(unix.PACKET_HOST), t.version(true), leave()),
		say("of others, to who listens in", kind(unix.PACKET_OTHERHOST), leave()),
		say("to a group, or no IP", iifIn(setPorts), jumpTo(chainInside)),
	}
}

// addInsideTell adds the chain that logs what tells names and addresses, each time: DNS, mDNS and DHCP.
func (t *table) addInsideTell(group uint16) {
	asked, answers := idInsideAsked+uint32(t.family)<<16, idInsideAnswers+uint32(t.family)<<16
	t.addSet(anonymousSet(asked, nftables.TypeInetService, []byte{0, 53}, []byte{0, 67}, []byte{0, 68}, []byte{2, 34}, []byte{2, 35}, []byte{0x14, 0xe9}))
	t.addSet(anonymousSet(answers, nftables.TypeInetService, []byte{0, 53}, []byte{0x14, 0xe9}))
	t.addSet(portRate(setInsideTell, "how much of that each port brings"))
	log := func() []expr.Any {
		return append(t.perPort(setInsideTell, tellsPerPort), logTo(group, insideTellSize, nameThreshold)...)
	}
	t.addChain(chainInsideTell, nil,
		say("", protocol(unix.IPPROTO_UDP), destinationPortIn(asked), log(), leave()),
		say("", protocol(unix.IPPROTO_UDP), sourcePortIn(answers), log()))
}

// addNewcomers adds the chains for the first frame of an element, which say whether it gets one.
func (t *table) addNewcomers(group uint16) {
	t.addSet(portRate(setInsideNew, "how many conversations begin at each port"))
	t.addSet(portRate(setStrangers, "and how many pairs of MACs"))
	t.addChain(chainInsideNew, nil,
		say("", t.perPort(setInsideNew, flowsPerPort), logTo(group, insideSnaplen, nameThreshold), leave()),
		say("", count(counterInside), goTo(chainInsideRest)))
	t.addChain(chainStrangers, nil,
		say("", t.perPort(setStrangers, pairsPerPort), logTo(group, insideSnaplen, nameThreshold), leave()),
		say("", count(counterMissed), accept()))
}

func portRate(name, comment string) set {
	return set{spec: nftables.Set{
		Name: name, Comment: comment, KeyType: nftables.TypeIFName, HasTimeout: true, Timeout: insideTimeout,
		Dynamic: true, Size: maxInterfaces * 2,
	}}
}

// perPort lets through what stays within the rate for each interface that frames come in by.
func (t *table) perPort(set string, perSecond uint32) []expr.Any {
	return []expr.Any{meta(expr.MetaKeyIIFNAME), &expr.Dynset{
		SrcRegKey: reg, SetName: set, Operation: uint32(unix.NFT_DYNSET_OP_UPDATE), Exprs: []expr.Any{
			&expr.Limit{Type: expr.LimitTypePkts, Rate: uint64(perSecond), Unit: expr.LimitTimeSecond, Burst: perSecond * 5},
		},
	}}
}

func accept() []expr.Any { return verdict(expr.VerdictAccept) }

func sourcePortIn(id uint32) []expr.Any {
	return []expr.Any{load(expr.PayloadBaseTransportHeader, 0, 2), anonymous(id)}
}
