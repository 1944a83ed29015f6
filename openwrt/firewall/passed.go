package firewall

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"sync"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// Passed is what one conversation carried inside the home in one direction since it was last told of.
type Passed struct {
	Src, Dst         [6]byte
	EtherType        uint16 // as the kernel names it: 0x0004 where the frame has a length in its place
	SrcAddr, DstAddr netip.Addr
	Protocol         uint8  // of IP
	SrcPort, DstPort uint16 // of TCP and UDP; both 0 in fragments
	// Count has IP bytes, of what is no IP whole frames without FCS. IP that found no room in the finer sets has no
	// addresses. A frame that was filled up to Ethernet's shortest counts with the filling, and segments that the driver put
	// together (GRO) count as one packet.
	Count Count
}

const (
	etherHeader = 14 // what the kernel has taken off before the bridge's hooks
	// passedKey is the longest key: two MACs, each filled up to 8 bytes, two IPv6 addresses, and 4 bytes.
	passedKey = 52
	// absences is how many dumps an element may be missing from before it is forgotten: the kernel walks a table that
	// changes, and may pass one over.
	absences = 3
)

// passage is one element of a set of what passed.
type passage struct {
	grain uint8
	key   [passedKey]byte
}

type passageCount struct {
	Count
	round uint32 // of the dump that it was seen in
}

// passing follows the counters of what passed. The kernel's are never reset.
type passing struct {
	mu      sync.Mutex
	last    map[passage]passageCount
	round   uint32
	pending []Passed // read before the tables were made anew
}

// Passed tells fn what passed inside the home since it was last asked, while Log.Inside is on: only what carried
// something. It waits for no change of the rules, and fn must call no method of f.
func (f *Firewall) Passed(ctx context.Context, fn func(Passed)) error {
	p := &f.passing
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, x := range p.pending {
		fn(x)
	}
	p.pending = p.pending[:0]
	return p.readLocked(ctx, f.sockets, fn)
}

// saveLocked takes what the counters have before the tables are made anew. What passes in the millisecond between is
// not counted.
func (p *passing) saveLocked(ctx context.Context, s sockets) error {
	return p.readLocked(ctx, s, func(x Passed) { p.pending = append(p.pending, x) })
}

func (p *passing) readLocked(ctx context.Context, s sockets, fn func(Passed)) error {
	p.round++
	c, err := s.netfilter(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	whole := true
	for i, g := range grains {
		complete, err := elements(c, g.set, func(key []byte, n Count) { p.seenLocked(i, key, n, fn) })
		if errors.Is(err, unix.ENOENT) {
			return nil // not on, or taken away: who watches the tables puts them back
		}
		if err != nil {
			return fmt.Errorf("read set %s: %w", g.set, err)
		}
		whole = whole && complete
	}
	if !whole {
		return nil
	}
	for k, c := range p.last {
		if p.round-c.round >= absences {
			delete(p.last, k)
		}
	}
	return nil
}

func (p *passing) seenLocked(g int, key []byte, n Count, fn func(Passed)) {
	if len(key) > passedKey {
		return
	}
	at := passage{grain: uint8(g)}
	copy(at.key[:], key)
	before := p.last[at]
	d := n.since(before.Count)
	p.last[at] = passageCount{n, p.round}
	if d.Packets == 0 {
		return
	}
	if x, ok := grains[g].passed(key, d); ok {
		fn(x)
	}
}

// passed reads the key of an element.
func (g grain) passed(key []byte, n Count) (p Passed, ok bool) {
	const macs = 16
	a := g.addressLen()
	if len(key) < macs+2*a+4 {
		return p, false
	}
	p.Src, p.Dst, p.Protocol, p.Count = [6]byte(key), [6]byte(key[8:]), g.proto, n
	rest := key[macs+2*a:]
	if g.version == 0 {
		p.EtherType = binary.BigEndian.Uint16(rest)
		if p.EtherType != unix.ETH_P_IP && p.EtherType != unix.ETH_P_IPV6 {
			p.Count.Bytes += etherHeader * n.Packets
		}
		return p, true
	}
	p.EtherType = unix.ETH_P_IP
	if g.version == 6 {
		p.EtherType = unix.ETH_P_IPV6
	}
	p.SrcAddr, _ = netip.AddrFromSlice(key[macs : macs+a])
	p.DstAddr, _ = netip.AddrFromSlice(key[macs+a : macs+2*a])
	if g.proto == 0 {
		p.Protocol = rest[0]
	} else {
		p.SrcPort, p.DstPort = binary.BigEndian.Uint16(rest), binary.BigEndian.Uint16(rest[2:])
	}
	return p, true
}

// elements dumps a set of table bridge whose elements count. complete is false where the set changed meanwhile.
func elements(c *netlink.Conn, set string, fn func(key []byte, n Count)) (complete bool, err error) {
	names, err := netlink.MarshalAttributes([]netlink.Attribute{
		{Type: unix.NFTA_SET_ELEM_LIST_TABLE, Data: []byte(tableName + "\x00")},
		{Type: unix.NFTA_SET_ELEM_LIST_SET, Data: []byte(set + "\x00")},
	})
	if err != nil {
		return false, err
	}
	replies, err := c.Execute(netlink.Message{
		Header: netlink.Header{
			Type:  unix.NFNL_SUBSYS_NFTABLES<<8 | unix.NFT_MSG_GETSETELEM,
			Flags: netlink.Request | netlink.Dump,
		},
		Data: append([]byte{unix.NFPROTO_BRIDGE, unix.NFNETLINK_V0, 0, 0}, names...),
	})
	if err != nil {
		return false, err
	}
	complete = true
	for _, m := range replies {
		complete = complete && m.Header.Flags&netlink.DumpInterrupted == 0
		if len(m.Data) > 4 {
			elementsOf(m.Data[4:], fn)
		}
	}
	return complete, nil
}

// elementsOf finds the elements in one message of a dump.
func elementsOf(message []byte, fn func(key []byte, n Count)) {
	for typ, list := range walk(message) {
		if typ != unix.NFTA_SET_ELEM_LIST_ELEMENTS {
			continue
		}
		for _, element := range walk(list) {
			if key, n, ok := countedElement(element); ok {
				fn(key, n)
			}
		}
	}
}

func countedElement(b []byte) (key []byte, n Count, ok bool) {
	for typ, value := range walk(b) {
		switch typ {
		case unix.NFTA_SET_ELEM_KEY:
			for t, v := range walk(value) {
				if t == unix.NFTA_DATA_VALUE {
					key = v
				}
			}
		case unix.NFTA_SET_ELEM_EXPR:
			n, ok = counterOf(value)
		}
	}
	return key, n, ok && key != nil
}

// counterOf reads an expression that is a counter.
func counterOf(b []byte) (n Count, ok bool) {
	for typ, value := range walk(b) {
		if typ != unix.NFTA_EXPR_DATA {
			continue
		}
		for t, v := range walk(value) {
			switch {
			case len(v) != 8:
			case t == unix.NFTA_COUNTER_BYTES:
				n.Bytes, ok = binary.BigEndian.Uint64(v), true
			case t == unix.NFTA_COUNTER_PACKETS:
				n.Packets = binary.BigEndian.Uint64(v)
			}
		}
	}
	return n, ok
}
