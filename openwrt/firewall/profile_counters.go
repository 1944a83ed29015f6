package firewall

import (
	"context"
	"encoding/binary"
	"fmt"
	"reflect"

	"github.com/google/nftables"
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// ProfileCounters are what the kernel counted for one profile, since its policy was applied first.
type ProfileCounters struct {
	// From and To are by the index of Policy.From and Policy.To. In an open policy a rule counts the packets that opened
	// connections, on a bridge all that it let pass; answers are not counted.
	From, To               []Count
	RefusedFrom, RefusedTo Count // what no rule allowed, or one dropped; in mode Watch it passed
}

// Profiles reads back what the kernel counted for each profile of the last applied State.
func (f *Firewall) Profiles(ctx context.Context) (map[[6]byte]ProfileCounters, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	intact, err := f.intactLocked(ctx)
	if err == nil && intact {
		err = f.tallyLocked(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("read counters of profiles: %w", err)
	}
	out := make(map[[6]byte]ProfileCounters, len(f.state.Profiles))
	for _, p := range f.state.Profiles {
		c := ProfileCounters{
			From: make([]Count, len(p.Policy.From)), To: make([]Count, len(p.Policy.To)),
			RefusedFrom: f.ledger.tallies[tally{p.MAC, false, refused}],
			RefusedTo:   f.ledger.tallies[tally{p.MAC, true, refused}],
		}
		for i := range c.From {
			c.From[i] = f.ledger.tallies[tally{p.MAC, false, i}]
		}
		for i := range c.To {
			c.To[i] = f.ledger.tallies[tally{p.MAC, true, i}]
		}
		out[p.MAC] = c
	}
	return out, nil
}

// tallyLocked adds up what the rules counted since they were read last.
func (f *Firewall) tallyLocked(ctx context.Context) error {
	if len(f.state.Profiles) == 0 {
		return nil
	}
	for _, t := range f.tables {
		if err := f.tallyTable(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

func (f *Firewall) tallyTable(ctx context.Context, t table) error {
	of := map[string][]rule{}
	for _, c := range t.chains {
		of[c.name] = c.rules
	}
	at := map[string]int{}
	return f.sockets.rules(ctx, t.family, func(chain string, counted Count) {
		i := at[chain]
		at[chain]++
		if rules := of[chain]; i < len(rules) && rules[i].tally != nil {
			f.ledger.tally(cell{t.family, chain, fmt.Sprint(i)}, *rules[i].tally, counted)
		}
	})
}

// tally adds what a rule counted since it was read last.
func (l *ledger) tally(at cell, of tally, now Count) {
	credit(l.tallies, of, now.since(l.rules[at]))
	l.rules[at] = now
}

// keepTallies forgets the counters of devices whose policy is another one, or none, from now on.
func (l *ledger) keepTallies(before, now []Profile) {
	same := map[[6]byte]bool{}
	for _, p := range now {
		for _, q := range before {
			same[p.MAC] = same[p.MAC] || p.MAC == q.MAC && reflect.DeepEqual(p.Policy, q.Policy)
		}
	}
	for of := range l.tallies {
		if !same[of.mac] {
			delete(l.tallies, of)
		}
	}
}

// rules goes through all rules of our table, those of a chain in their order, with their counters. One dump for all of
// them, read in place.
func (s sockets) rules(ctx context.Context, family nftables.TableFamily, fn func(chain string, counted Count)) error {
	name, err := netlink.MarshalAttributes([]netlink.Attribute{{Type: unix.NFTA_RULE_TABLE, Data: []byte(tableName + "\x00")}})
	if err != nil {
		return err
	}
	c, err := s.netfilter(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := c.Send(netlink.Message{
		Header: netlink.Header{
			Type:  netlink.HeaderType(unix.NFNL_SUBSYS_NFTABLES<<8 | unix.NFT_MSG_GETRULE),
			Flags: netlink.Request | netlink.Dump,
		},
		Data: append([]byte{byte(family), unix.NFNETLINK_V0, 0, 0}, name...),
	}); err != nil {
		return fmt.Errorf("ask for rules of table %s: %w", familyName(family), err)
	}
	for m, err := range c.ReceiveIter() {
		if err != nil {
			return fmt.Errorf("read rules of table %s: %w", familyName(family), err)
		}
		if len(m.Data) > 4 {
			fn(readRule(m.Data[4:]))
		}
	}
	return nil
}

// readRule finds a rule's chain and its first counter.
func readRule(b []byte) (chain string, counted Count) {
	for typ, value := range walk(b) {
		switch {
		case typ == unix.NFTA_RULE_CHAIN && len(value) > 0:
			chain = string(value[:len(value)-1])
		case typ == unix.NFTA_RULE_EXPRESSIONS:
			for _, e := range walk(value) {
				if n, ok := readCounter(e); ok {
					counted = n
				}
			}
		}
	}
	return chain, counted
}

func readCounter(b []byte) (n Count, ok bool) {
	for typ, value := range walk(b) {
		switch {
		case typ == unix.NFTA_EXPR_NAME:
			ok = string(value) == "counter\x00"
		case typ == unix.NFTA_EXPR_DATA && ok:
			for typ, value := range walk(value) {
				if len(value) != 8 {
					continue
				}
				switch typ {
				case unix.NFTA_COUNTER_BYTES:
					n.Bytes = binary.BigEndian.Uint64(value)
				case unix.NFTA_COUNTER_PACKETS:
					n.Packets = binary.BigEndian.Uint64(value)
				}
			}
		}
	}
	return n, ok
}
