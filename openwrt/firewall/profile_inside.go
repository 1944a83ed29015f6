package firewall

import (
	"encoding/binary"
	"slices"

	"github.com/google/nftables"
	"github.com/google/nftables/binaryutil"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// On a bridge a group's frames are forwarded once for each port, so they are judged before, in prerouting; those of one
// receiver in forward. What a device and its router say to each other table inet judges.

// Sets of what IP needs on a bridge, beside the policies.
const (
	setFrames  = "mud_frames"
	setErrors4 = "mud_errors4"
	setNeeded6 = "mud_needed6"
	setInside4 = "mud_inside4"
	setInside6 = "mud_inside6"
)

// addProfilesInside adds the profiles to table bridge.
func (t *table) addProfilesInside(p profiles, ports []string) {
	t.addSet(names(setPorts, "ports of the home's bridges", ports))
	types := func(name, comment string, typ nftables.SetDatatype, keys ...[]byte) {
		set := set{spec: nftables.Set{Name: name, Comment: comment, KeyType: typ, KeyByteOrder: binaryutil.BigEndian}}
		for _, k := range keys {
			set.elements = append(set.elements, nftables.SetElement{Key: k})
		}
		t.addSet(set)
	}
	types(setFrames, "ARP, and signing on to a network", nftables.TypeEtherType, number(unix.ETH_P_ARP, 2), number(unix.ETH_P_PAE, 2))
	types(setErrors4, "that something does not arrive", nftables.TypeICMPType, []byte{3}, []byte{11}, []byte{12})
	types(setNeeded6, "the same, and who neighbours and groups are", nftables.TypeICMP6Type,
		[]byte{1}, []byte{2}, []byte{3}, []byte{4}, []byte{131}, []byte{132}, []byte{133}, []byte{135}, []byte{136}, []byte{143})
	t.addSet(p.indoors.set(false))
	t.addSet(p.indoors.set(true))
	t.writeProfiles(p)
	t.addSet(macMap(mapTo, "what is sent to devices", to, p.all))
	t.addChain("prerouting", &hook{at: *nftables.ChainHookPrerouting, priority: bridgePriorityDNAT + priorityJudgeTo},
		say("to groups", notToHost(), group(1), iifIn(setPorts), etherMap(6, mapFrom)))
	t.addChain("forward", &hook{at: *nftables.ChainHookForward, priority: bridgePriorityFilter - priorityJudge},
		say("", group(0), oifIn(setPorts), etherMap(6, mapFrom)),
		say("", iifIn(setPorts), etherMap(0, mapTo)))
}

// group compares the bit of a destination that says that it is many (IEEE 802).
func group(bit byte) []expr.Any {
	return []expr.Any{
		load(expr.PayloadBaseLLHeader, 0, 1),
		&expr.Bitwise{SourceRegister: reg, DestRegister: reg, Len: 1, Mask: []byte{1}, Xor: []byte{0}},
		equal(bit),
	}
}

// set has the addresses of one family.
func (in indoors) set(v6 bool) set {
	name, typ := setInside4, nftables.TypeIPAddr
	if v6 {
		name, typ = setInside6, nftables.TypeIP6Addr
	}
	spans := slices.DeleteFunc(joined(slices.Clone(in.home)), func(a area) bool { return a.lo.Is4() == v6 })
	return set{elements: intervals(spans), spec: nftables.Set{
		Name: name, Comment: "networks of the home, links and groups", KeyType: typ, KeyByteOrder: binaryutil.BigEndian, Interval: true,
	}}
}

// inside matches what is for the home. A frame for a neighbour that is addressed to the internet would begin a connection in
// conntrack, where that hears of frames (bridge-nf-call-iptables), and what the router is given of it then would go there.
func (t *table) inside(v6 bool) []expr.Any {
	name := map[bool]string{false: setInside4, true: setInside6}[v6]
	k := kind{v6: v6}
	return append(t.version(v6), load(expr.PayloadBaseNetworkHeader, k.addressAt(from), k.addressLength()), lookup(name))
}

// astray are the rules for such frames to groups: conntrack takes those before table inet judges them. No IP packet to one
// receiver is sent to many (RFC 1122 section 3.3.6).
func (p pen) astray() (rules []rule) {
	for _, v6 := range []bool{false, true} {
		rules = append(rules, say("to all who are here, for somebody elsewhere", group(1), not(p.inside(v6)), goTo(refuseOf(from, p.MAC))))
	}
	return rules
}

// neededInside are the rules for what devices must be able to say to each other.
func (t *table) neededInside(d direction) []rule {
	rules := []rule{
		say("ARP, EAPOL", []expr.Any{meta(expr.MetaKeyPROTOCOL), lookup(setFrames)}, leave()),
		say("errors", t.version(false), icmpIn(unix.IPPROTO_ICMP, setErrors4), leave()),
		say("errors, neighbours", t.version(true), icmpIn(unix.IPPROTO_ICMPV6, setNeeded6), leave()),
	}
	// Not of the router, but of a server beside it, which is asked alone for more time (RFC 2131 section 4.4.5). Whoever is
	// none could be told the same by what is said to all.
	if d == to {
		return append(rules,
			say("its lease", t.version(false), udpPorts(67, 68), leave()),
			say("", t.version(true), udpPorts(547, 546), leave()),
		)
	}
	return append(rules,
		say("groups that it listens to", t.version(false), protocol(unix.IPPROTO_IGMP), leave()),
		say("its lease", t.inside(false), udpPorts(68, 67), leave()),
		say("", t.inside(true), udpPorts(546, 547), leave()),
	)
}

func icmpIn(number byte, set string) []expr.Any {
	return append(protocol(number), load(expr.PayloadBaseTransportHeader, 0, 1), lookup(set))
}

func icmp6In(id uint32) []expr.Any {
	return append(protocol(unix.IPPROTO_ICMPV6), load(expr.PayloadBaseTransportHeader, 0, 1), anonymous(id))
}

// States of conntrack, as nf_tables has them (linux/netfilter/nf_conntrack_common.h).
const (
	stateEstablished = 1 << 1
	stateRelated     = 1 << 2
)

// Status of a connection (linux/netfilter/nf_conntrack_common.h).
const (
	statusExpected  = 1 << 0 // another one announced it, to a helper of conntrack's: FTP, SIP, PPTP
	statusConfirmed = 1 << 3
)

// connected matches packets of connections that are not new, and errors about them; where a helper made one related, once
// it was let through.
func connected() []expr.Any {
	through := ctMasked(expr.CtKeySTATUS, expr.CmpOpNeq, statusExpected|statusConfirmed, statusExpected)
	return append(stateOf(expr.CmpOpNeq, stateEstablished|stateRelated), through...)
}

func unconnected() []expr.Any { return stateOf(expr.CmpOpEq, stateEstablished|stateRelated) }

func related() []expr.Any { return stateOf(expr.CmpOpNeq, stateRelated) }

// allowedBefore lets pass what is of a connection of which a packet was let through before.
func allowedBefore() rule {
	return say("of a connection that was allowed", ctBits(expr.CtKeySTATUS, expr.CmpOpNeq, statusConfirmed), leave())
}

// stateOf compares some bits of the state with zero.
func stateOf(op expr.CmpOp, bits uint32) []expr.Any { return ctBits(expr.CtKeySTATE, op, bits) }

// ctBits compares some bits of what conntrack knows with zero. What it does not track has a state, but no status: that
// matches nothing.
func ctBits(key expr.CtKey, op expr.CmpOp, bits uint32) []expr.Any { return ctMasked(key, op, bits, 0) }

// ctMasked compares them with another number.
func ctMasked(key expr.CtKey, op expr.CmpOp, bits, with uint32) []expr.Any {
	return []expr.Any{
		&expr.Ct{Key: key, Register: reg},
		&expr.Bitwise{SourceRegister: reg, DestRegister: reg, Len: 4, Mask: binary.NativeEndian.AppendUint32(nil, bits), Xor: make([]byte, 4)},
		&expr.Cmp{Op: op, Register: reg, Data: binary.NativeEndian.AppendUint32(nil, with)},
	}
}

// fromOpener matches packets from whom the connection was opened by.
func fromOpener() []expr.Any {
	return []expr.Any{&expr.Ct{Key: expr.CtKeyDIRECTION, Register: reg}, equal(0)}
}
