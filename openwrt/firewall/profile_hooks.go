package firewall

import (
	"net/netip"
	"slices"
	"time"

	"github.com/google/nftables"
	"github.com/google/nftables/binaryutil"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// Maps lead packets into the chains of their devices: by the MAC of what it sends, by its addresses for what the
// router sends and forwards to it, and on a bridge by its MAC there too.

const (
	mapFrom = "mud_from"
	mapTo   = "mud_to"
	mapTo4  = "mud_to4"
	mapTo6  = "mud_to6"

	setBridges = "mud_bridges"

	chainJudgeForward = "mud_forward"
	chainJudgeAround  = "mud_around"
	chainJudgeInput   = "mud_input"
	chainJudgeOutput  = "mud_output"
)

// The chains sit one step before those of table spinneret at the same hook, so that what is refused is not logged there;
// on a bridge what goes to groups is judged behind what is cut off.
const (
	priorityJudge   = 2
	priorityJudgeTo = 1
)

// renderProfiles makes the tables of the profiles.
func renderProfiles(s State, k kernel, now time.Time) (tables []table) {
	if len(s.Profiles) == 0 {
		return nil
	}
	p := profilesOf(s, now)
	t := table{name: profileName, family: nftables.TableFamilyINet}
	t.addProfiles(p, s.LAN, k)
	tables = append(tables, t)
	if ports := bridgePorts(s.LAN); len(ports) > 0 && k.bridge {
		t := table{name: profileName, family: nftables.TableFamilyBridge}
		t.addProfilesInside(p, ports)
		tables = append(tables, t)
	}
	return tables
}

// addProfiles adds the profiles to table inet.
func (t *table) addProfiles(p profiles, lan []LAN, k kernel) {
	t.addSet(names(setLAN, "interfaces of the home", lanNames(lan)))
	t.addSet(names(setEntries, "the same, and ports of its bridges", entries(lan)))
	t.writeProfiles(p)
	t.addToMaps(p.all)
	sent := say("", iifIn(setEntries), t.fromEthernet(), etherMap(6, mapFrom))
	received := []rule{
		say("", oifIn(setLAN), t.version(false), addressMap(false, mapTo4)),
		say("", oifIn(setLAN), t.version(true), addressMap(true, mapTo6)),
	}
	forwarded := append([]rule{sent}, received...)
	var onBridge, around []rule
	if bridges := bridgeNames(lan); len(bridges) > 0 && k.bridge {
		t.addSet(names(setBridges, "whose frames table bridge judges", bridges))
		onBridge = []rule{say("to groups, on a bridge", notToHost(), iifIn(setBridges), leave())}
		t.addChain(chainJudgeAround, nil, append(t.neededAround(), forwarded...)...)
		for _, name := range bridges {
			around = append(around, say("", nameIs(expr.MetaKeyIIFNAME, name), nameIs(expr.MetaKeyOIFNAME, name), goTo(chainJudgeAround)))
		}
	}
	t.addChain(chainJudgeForward, nil, slices.Concat(onBridge, around, forwarded)...)
	t.addChain(chainJudgeInput, nil, slices.Concat(onBridge, t.neededFrom(), []rule{sent})...)
	t.addChain(chainJudgeOutput, nil, slices.Concat(t.neededTo(), received)...)
	t.lead("forward", nftables.ChainHookForward, p.each, nil, chainJudgeForward)
	t.lead("input", nftables.ChainHookInput, p.each, iifIn(setEntries), chainJudgeInput)
	t.lead("output", nftables.ChainHookOutput, p.each, oifIn(setLAN), chainJudgeOutput)
}

// lead adds a base chain that leads to another: with each packet, or with the first one of each connection. Only what was
// let through confirms a connection, so those after it need not be judged again, whether somebody answers or nobody: where
// a profile comes to allow less, see judges.
func (t *table) lead(name string, at *nftables.ChainHook, each bool, in []expr.Any, chain string) {
	rules := []rule{say("", in, jumpTo(chain))}
	if !each {
		announced := ctBits(expr.CtKeySTATUS, expr.CmpOpNeq, statusExpected)
		rules = []rule{
			allowedBefore(), say("", in, unconnected(), jumpTo(chain)),
			say("announced by another connection", in, announced, jumpTo(chain)),
		}
	}
	t.addChain(name, &hook{at: *at, priority: *nftables.ChainPriorityFilter - priorityJudge}, rules...)
}

// writeProfiles adds the sets of parties and the chains of all profiles, and the map by source.
func (t *table) writeProfiles(p profiles) {
	used := map[string]bool{}
	for _, one := range p.all {
		w := p.write(t.family, one)
		t.chains = append(t.chains, w.chains...)
		for _, name := range w.sets {
			used[name] = true
		}
	}
	for _, n := range p.parties.all {
		for _, members := range []set{n.addressSet(false, p.learned, p.now), n.addressSet(true, p.learned, p.now), n.macSet()} {
			if used[members.spec.Name] {
				t.addSet(members)
			}
		}
	}
	t.addSet(macMap(mapFrom, "what devices send", from, p.all))
}

// bridgeNames are those of which table bridge sees all frames: not a VLAN, whose devices may come by other ports.
func bridgeNames(lan []LAN) []string {
	var out []string
	for _, l := range lan {
		if len(l.Ports) > 0 && !l.VLAN {
			out = append(out, l.Name)
		}
	}
	return sortedOnce(out)
}

// macMap leads from MACs to chains.
func macMap(name, comment string, d direction, profiles []Profile) set {
	s := set{spec: nftables.Set{Name: name, Comment: comment, KeyType: nftables.TypeEtherAddr, DataType: nftables.TypeVerdict, IsMap: true}}
	for _, p := range profiles {
		s.elements = append(s.elements, leads(p.MAC[:], chainOf(d, p.MAC)))
	}
	return s
}

func leads(key []byte, chain string) nftables.SetElement {
	return nftables.SetElement{Key: key, VerdictData: &expr.Verdict{Kind: expr.VerdictJump, Chain: chain}}
}

// addToMaps adds the maps from the devices' addresses; one that two of them claim is the first one's.
func (t *table) addToMaps(profiles []Profile) {
	seen := map[netip.Addr]bool{}
	elements := map[bool][]nftables.SetElement{}
	for _, p := range profiles {
		for _, a := range p.Addresses {
			if a = a.Unmap().WithZone(""); !seen[a] {
				seen[a] = true
				elements[a.Is6()] = append(elements[a.Is6()], leads(a.AsSlice(), chainOf(to, p.MAC)))
			}
		}
	}
	for _, v6 := range []bool{false, true} {
		sortElements(elements[v6])
		name, typ := mapTo4, nftables.TypeIPAddr
		if v6 {
			name, typ = mapTo6, nftables.TypeIP6Addr
		}
		t.addSet(set{refilled: true, elements: elements[v6], spec: nftables.Set{
			Name: name, Comment: "what is sent to devices", KeyType: typ, KeyByteOrder: binaryutil.BigEndian,
			DataType: nftables.TypeVerdict, IsMap: true,
		}})
	}
}

// mapped looks the register up and goes where the map says.
func mapped(name string) *expr.Lookup {
	return &expr.Lookup{SourceRegister: reg, SetName: name, DestRegister: unix.NFT_REG_VERDICT, IsDestRegSet: true}
}

func etherMap(offset uint32, name string) []expr.Any {
	return []expr.Any{load(expr.PayloadBaseLLHeader, offset, 6), mapped(name)}
}

func addressMap(v6 bool, name string) []expr.Any {
	k := kind{v6: v6}
	return []expr.Any{load(expr.PayloadBaseNetworkHeader, k.addressAt(from), k.addressLength()), mapped(name)}
}

// neededFrom are the rules for what a device must be able to say to its router.
func (t *table) neededFrom() []rule {
	return []rule{
		say("its lease", t.version(false), udpPorts(68, 67), leave()),
		say("", t.version(true), udpPorts(546, 547), leave()),
		say("groups that it listens to", t.version(false), protocol(unix.IPPROTO_IGMP), leave()),
		say("neighbours, routers and groups", t.version(true), icmp6In(t.ndTypes(idNeededFrom, 131, 132, 133, 135, 136, 143)), leave()),
	}
}

// neededTo are those for what a router must be able to say to a device.
func (t *table) neededTo() []rule {
	return []rule{
		say("its lease", t.version(false), udpPorts(67, 68), leave()),
		say("", t.version(true), udpPorts(547, 546), leave()),
		say("neighbours, routers and groups", t.version(true), icmp6In(t.ndTypes(idNeededTo, 130, 134, 135, 136, 137)), leave()),
	}
}

// neededAround are those for what devices say to each other on one bridge, where bridge-nf-call-iptables brings it here:
// table bridge allows it. What is routed from one bridge to another is judged.
func (t *table) neededAround() []rule {
	return []rule{
		say("its lease, by another than the router", t.version(false), udpPorts(68, 67), leave()),
		say("", t.version(false), udpPorts(67, 68), leave()),
		say("", t.version(true), udpPorts(546, 547), leave()),
		say("", t.version(true), udpPorts(547, 546), leave()),
		say("neighbours", t.version(true), icmp6(135), leave()),
		say("", t.version(true), icmp6(136), leave()),
	}
}

func icmp6(typ byte) []expr.Any {
	return append(protocol(unix.IPPROTO_ICMPV6), load(expr.PayloadBaseTransportHeader, 0, 1), equal(typ))
}

// nameIs compares the name of an interface, which fills the register (IFNAMSIZ).
func nameIs(key expr.MetaKey, name string) []expr.Any {
	padded := make([]byte, unix.IFNAMSIZ)
	copy(padded, name)
	return []expr.Any{meta(key), equal(padded...)}
}
