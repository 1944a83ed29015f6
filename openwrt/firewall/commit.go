package firewall

import (
	"fmt"
	"slices"

	"github.com/google/nftables"
	"github.com/google/nftables/userdata"
)

// elementsPerMessage keeps a list of elements within the 64 kB of a netlink attribute.
const elementsPerMessage = 256

// batch collects one transaction.
type batch struct {
	conn *nftables.Conn
}

// replace says that of these names of ours the kernel is to hold the tables that are given, and no others. The old ones
// go and the new ones come in one step.
func (b batch) replace(tables []table, anew []string, usable []nftables.TableFamily) error {
	for _, name := range anew {
		b.remove(name, usable)
		for _, t := range named(tables, name) {
			if err := b.addAs(t.name, t); err != nil {
				return err
			}
		}
	}
	return nil
}

// refill says that the sets that follow the State hold the elements of tables, but for those that are made anew, and
// nothing else changes; those that do so already are left alone. A single element is never deleted: one that expired meanwhile would fail the whole transaction.
func (b batch) refill(tables []table, anew []string) error {
	for _, t := range tables {
		if slices.Contains(anew, t.name) {
			continue
		}
		owner := &nftables.Table{Name: t.name, Family: t.family}
		for _, s := range t.sets {
			if !s.refilled || s.kept {
				continue
			}
			spec := s.in(owner)
			b.conn.FlushSet(spec)
			if err := b.fill(spec, s.elements); err != nil {
				return err
			}
		}
	}
	return nil
}

// addAs adds a table under another name: one that is to be tried only.
func (b batch) addAs(name string, t table) error {
	owner := b.conn.AddTable(&nftables.Table{Name: name, Family: t.family})
	for _, name := range t.counters {
		b.conn.AddObj(&nftables.CounterObj{Table: owner, Name: name})
	}
	for i, s := range t.sets {
		spec := s.in(owner)
		if spec.ID == 0 {
			spec.ID = uint32(idNamed + i) // else the library counts, over all connections and without a lock
		}
		first := s.elements
		if !spec.Anonymous {
			first = nil
		}
		if err := b.conn.AddSet(spec, first); err != nil {
			return fmt.Errorf("add set %s: %w", spec.Name, err)
		}
		if spec.Anonymous || spec.IsMap {
			continue
		}
		if err := b.fill(spec, s.elements); err != nil {
			return err
		}
	}
	for _, c := range t.chains {
		b.conn.AddChain(c.in(owner))
	}
	if err := b.fillMaps(owner, t.sets); err != nil {
		return err
	}
	b.addRules(owner, t.chains)
	return nil
}

// fillMaps fills those that lead to chains, which must be there.
func (b batch) fillMaps(owner *nftables.Table, sets []set) error {
	for _, s := range sets {
		if !s.spec.IsMap {
			continue
		}
		if err := b.fill(s.in(owner), s.elements); err != nil {
			return err
		}
	}
	return nil
}

// addRules adds rules after all chains, as rules lead to other chains.
func (b batch) addRules(owner *nftables.Table, chains []chain) {
	for _, c := range chains {
		for _, r := range c.rules {
			rule := &nftables.Rule{Table: owner, Chain: &nftables.Chain{Name: c.name}, Exprs: r.exprs}
			if r.comment != "" {
				rule.UserData = userdata.AppendString(nil, userdata.TypeComment, r.comment)
			}
			b.conn.AddRule(rule)
		}
	}
}

func (b batch) fill(spec *nftables.Set, elements []nftables.SetElement) error {
	for len(elements) > 0 {
		n := min(len(elements), elementsPerMessage)
		if err := b.conn.SetAddElements(spec, elements[:n]); err != nil {
			return fmt.Errorf("fill set %s: %w", spec.Name, err)
		}
		elements = elements[n:]
	}
	return nil
}

func (s set) in(owner *nftables.Table) *nftables.Set {
	spec := s.spec
	spec.Table = owner
	return &spec
}

func (c chain) in(owner *nftables.Table) *nftables.Chain {
	out := &nftables.Chain{Name: c.name, Table: owner}
	if c.hook == nil {
		return out
	}
	accept := nftables.ChainPolicyAccept
	out.Type = nftables.ChainTypeFilter
	out.Hooknum = &c.hook.at
	out.Priority = &c.hook.priority
	out.Policy = &accept
	out.Device = c.hook.device
	return out
}
