package firewall

import (
	"bytes"
	"maps"
	"reflect"
	"slices"
	"sort"
	"time"

	"github.com/google/nftables"

	"spinneret/mud"
)

// profiles are those of a State, with what their rules are made of.
type profiles struct {
	all     []Profile // sorted by MAC
	parties parties
	indoors indoors
	each    bool   // every packet is judged in table inet, not only those that open a connection
	group   uint16 // of nflog
	now     time.Time
	*memory
}

// memory is what a Firewall keeps from one State to the next: what it learned, and the chains that it wrote. Thousands of
// rules take tens of milliseconds to write and compare, and nearly all stay as they are.
type memory struct {
	learned learned
	written map[writtenFor]written
}

type writtenFor struct {
	family nftables.TableFamily
	mac    [6]byte
}

// written are the chains of one device in one table, and what they depend on.
type written struct {
	policy  mud.Policy
	mode    ProfileMode
	each    bool
	group   uint16
	indoors indoors
	parties []partyFacts

	chains []chain
	sets   []string // that they ask
}

// partyFacts is what rules depend on of a party: not its members, where those are in sets.
type partyFacts struct {
	suffix       string
	in4, in6, on bool
}

func newMemory() *memory {
	return &memory{learned{}, map[writtenFor]written{}}
}

// keep forgets what is of nobody.
func (m *memory) keep(profiles []Profile, named map[string]bool, now time.Time) {
	m.learned.keep(named, now)
	macs := map[[6]byte]bool{}
	for _, p := range profiles {
		macs[p.MAC] = true
	}
	maps.DeleteFunc(m.written, func(of writtenFor, _ written) bool { return !macs[of.mac] })
}

func profilesOf(s State, now time.Time) profiles {
	p := profiles{all: sortedProfiles(s.Profiles), group: s.Log.Mud, now: now, memory: s.memory}
	if p.memory == nil {
		p.memory = newMemory()
	}
	p.parties, p.indoors = partiesOf(p.all), indoorsOf(s.LAN)
	for _, n := range p.parties.all {
		n.in4, n.in6 = p.indoors.has(n.spans4), p.indoors.has(n.spans6)
	}
	p.each = slices.ContainsFunc(p.all, Profile.judgesEach)
	return p
}

func sortedProfiles(profiles []Profile) []Profile {
	out := slices.Clone(profiles)
	for i := range out {
		out[i].named = out[i].endpoints()
	}
	sort.Slice(out, func(i, j int) bool { return bytes.Compare(out[i].MAC[:], out[j].MAC[:]) < 0 })
	return out
}

// judgesEach says whether all packets of the device are judged in table inet: to the letter, or since some entry drops
// packets of whatever connection.
func (p Profile) judgesEach() bool {
	drops := func(r mud.Rule) bool { return r.Drop && r.Held == "" }
	return p.Policy.Strict || slices.ContainsFunc(p.Policy.From, drops) || slices.ContainsFunc(p.Policy.To, drops)
}

// write returns the chains of one device: those of before, if they would be the same.
func (p profiles) write(family nftables.TableFamily, one Profile) written {
	w := written{policy: one.Policy, mode: one.Mode, each: p.each, group: p.group, indoors: p.indoors, parties: p.facts(one)}
	before := p.written[writtenFor{family, one.MAC}]
	if w.chains, w.sets = before.chains, before.sets; w.chains != nil && reflect.DeepEqual(w, before) {
		return before
	}
	chains, used := &table{family: family}, map[string]bool{}
	pen{chains, one, p, used}.write()
	w.chains, w.sets = chains.chains, slices.Collect(maps.Keys(used))
	p.written[writtenFor{family, one.MAC}] = w
	return w
}

func (p profiles) facts(one Profile) (facts []partyFacts) {
	for _, e := range one.endpoints() {
		n := p.parties.find(e, one.MAC)
		facts = append(facts, partyFacts{n.suffix, n.in4, n.in6, len(n.macs) > 0})
	}
	return facts
}
