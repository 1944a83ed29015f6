package firewall

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// ruleRead is what we read of a rule in the kernel.
type ruleRead struct {
	chain   string
	handle  uint64
	counted Count
}

// rules goes through all rules of our table, those of a chain in their order, with their counters. One dump for all of
// them, read in place.
func (s sockets) rules(ctx context.Context, t tableID, fn func(ruleRead)) error {
	name, err := netlink.MarshalAttributes([]netlink.Attribute{{Type: unix.NFTA_RULE_TABLE, Data: []byte(t.name + "\x00")}})
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
		Data: append([]byte{byte(t.family), unix.NFNETLINK_V0, 0, 0}, name...),
	}); err != nil {
		return fmt.Errorf("ask for rules of table %s: %w", t, err)
	}
	for m, err := range c.ReceiveIter() {
		if err != nil {
			return fmt.Errorf("read rules of table %s: %w", t, err)
		}
		if len(m.Data) > 4 {
			fn(readRule(m.Data[4:]))
		}
	}
	return nil
}

// readRule finds a rule's chain, its number and its counter.
func readRule(b []byte) (r ruleRead) {
	for typ, value := range walk(b) {
		switch {
		case typ == unix.NFTA_RULE_CHAIN && len(value) > 0:
			r.chain = string(value[:len(value)-1])
		case typ == unix.NFTA_RULE_HANDLE && len(value) == 8:
			r.handle = binary.BigEndian.Uint64(value)
		case typ == unix.NFTA_RULE_EXPRESSIONS:
			for _, e := range walk(value) {
				if n, ok := readCounter(e); ok {
					r.counted = n
				}
			}
		}
	}
	return r
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
