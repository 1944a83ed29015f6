package firewall

import (
	"time"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"
)

// tableName is the name of our table in each family, profileName of the one that holds profiles: those have thousands of
// rules, and a device that is cut off is not to wait until they are made anew. No other table is ever touched, but for
// the guards of both while they change.
const (
	tableName   = "spinneret"
	profileName = tableName + "_mud"
)

// ours are the names of our tables.
var ours = []string{tableName, profileName}

// table is one nftables table as a plain value: what it is to hold, before the kernel sees it. Two of them
// with the same shape need no new chains and rules in the kernel, only other elements.
type table struct {
	name     string
	family   nftables.TableFamily
	counters []string
	sets     []set
	chains   []chain
	tells    bool // of what devices that are cut off try: see addTried
}

// set is a named set, or an anonymous one that a single rule refers to by its ID.
type set struct {
	spec     nftables.Set // without Table
	elements []nftables.SetElement
	owners   [][]string // of each element, the quarantines it is there for; nil: it proves nothing
	refilled bool       // its elements follow the State, not the shape
	filled   time.Time  // when the elements came to the kernel
	kept     bool       // they are there already
	name     string     // the domain name that it is of
	always   []area     // what such a set has for ever
}

type chain struct {
	name  string
	hook  *hook // nil for a chain that rules jump to
	rules []rule
}

// hook says where in the kernel a base chain sits. Its policy is always accept: we only ever drop by rule.
type hook struct {
	at       nftables.ChainHook
	priority nftables.ChainPriority
	device   string // family netdev only
}

type rule struct {
	comment string
	exprs   []expr.Any
	tally   *tally // whom its counter is for; nil: it has none
}

// say makes a rule of its words.
func say(comment string, words ...[]expr.Any) rule {
	r := rule{comment: comment}
	for _, w := range words {
		r.exprs = append(r.exprs, w...)
	}
	return r
}

func (t *table) addSet(s set) {
	t.sets = append(t.sets, s)
}

func (t *table) addChain(name string, h *hook, rules ...rule) {
	t.chains = append(t.chains, chain{name, h, rules})
}

// addBase adds a base chain if it has rules.
func (t *table) addBase(name string, h *hook, rules []rule) {
	if len(rules) > 0 {
		t.addChain(name, h, rules...)
	}
}

// shape is t without the elements that follow the State.
func (t table) shape() table {
	sets := make([]set, len(t.sets))
	copy(sets, t.sets)
	for i := range sets {
		sets[i].filled, sets[i].kept = time.Time{}, false
		if sets[i].refilled {
			sets[i].elements, sets[i].owners, sets[i].always = nil, nil, nil
		}
	}
	t.sets = sets
	return t
}

func shapes(tables []table) []table {
	out := make([]table, len(tables))
	for i, t := range tables {
		out[i] = t.shape()
	}
	return out
}

// tableID names a table.
type tableID struct {
	family nftables.TableFamily
	name   string
}

func (t table) id() tableID { return tableID{t.family, t.name} }

// String is the table as nft writes it.
func (t tableID) String() string {
	switch t.family {
	case nftables.TableFamilyBridge:
		return "bridge " + t.name
	case nftables.TableFamilyNetdev:
		return "netdev " + t.name
	default:
		return "inet " + t.name
	}
}

// named are the tables of one name.
func named(tables []table, name string) (out []table) {
	for _, t := range tables {
		if t.name == name {
			out = append(out, t)
		}
	}
	return out
}
