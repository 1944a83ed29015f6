package firewall

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"net/netip"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// Messages and attributes of ctnetlink (linux/netfilter/nfnetlink_conntrack.h).
const (
	ctGet    = 1 // IPCTNL_MSG_CT_GET
	ctDelete = 2 // IPCTNL_MSG_CT_DELETE

	ctaTupleOrig  = 1
	ctaTupleReply = 2
	ctaStatus     = 3
	ctaID         = 12
	ctaZone       = 18

	ctaTupleIP    = 1
	ctaTupleProto = 2
	ctaIPv4Src    = 1
	ctaIPv4Dst    = 2
	ctaIPv6Src    = 3
	ctaIPv6Dst    = 4
	ctaProtoNum   = 1
	ctaProtoSrc   = 2
	ctaProtoDst   = 3
	ctaICMPType   = 5
	ctaICMPv6Type = 8
)

// endFlows ends every connection that is doomed. It reads all of them, one message at a time, and deletes
// those, so it costs one walk over the table however many addresses a device had.
//
// The kernel could delete by CTA_FILTER, and does not help: with a delete it takes that only since Linux 6.11,
// and for IPv6 it gets the comparison the wrong way round (ctnetlink_filter_match_tuple, still so in 6.18): it
// ends the connections of everybody else.
func (s sockets) endFlows(ctx context.Context, doomed func(entry) bool) error {
	reader, err := s.netfilter(ctx)
	if err != nil {
		return err
	}
	defer reader.Close()
	deleter, err := s.netfilter(ctx)
	if err != nil {
		return err
	}
	defer deleter.Close()
	if _, err := reader.Send(ctMessage(ctGet, netlink.Request|netlink.Dump, unix.AF_UNSPEC, nil)); err != nil {
		return fmt.Errorf("ask for conntrack entries: %w", err)
	}
	for m, err := range reader.ReceiveIter() {
		if err != nil {
			return fmt.Errorf("read conntrack entries: %w", err)
		}
		if err := deleteIf(deleter, m, doomed); err != nil {
			return err
		}
	}
	return nil
}

// deleteIf deletes the entry that m tells of if it is doomed.
func deleteIf(c *netlink.Conn, m netlink.Message, doomed func(entry) bool) error {
	if len(m.Data) < 4 {
		return nil
	}
	if !doomed(parseEntry(m.Data[4:])) {
		return nil
	}
	named, err := handle(m.Data[4:])
	if err != nil {
		return fmt.Errorf("name conntrack entry: %w", err)
	}
	_, err = c.Execute(ctMessage(ctDelete, netlink.Request|netlink.Acknowledge, m.Data[0], named))
	if err != nil && !errors.Is(err, unix.ENOENT) { // it ended by itself
		return fmt.Errorf("delete conntrack entry: %w", err)
	}
	return nil
}

// entry is one connection, as whoever began it sees it and as whoever answers does.
type entry struct {
	orig, reply tuple
	answered    bool
}

// tuple is one direction of a connection: what src sends, and to whom.
type tuple struct {
	src, dst netip.Addr
	protocol uint8
	port     uint16 // of dst; 0 where there are none
	from     uint16 // the port of src
	icmpType int    // -1 where it is no ICMP
}

// parseEntry reads both tuples. It runs for every connection of the home and allocates nothing.
func parseEntry(b []byte) entry {
	const seenReply = 1 << 1 // IPS_SEEN_REPLY of nf_conntrack_common.h
	e := entry{orig: tuple{icmpType: -1}, reply: tuple{icmpType: -1}}
	for typ, value := range attributes(b) {
		switch typ {
		case ctaTupleOrig:
			e.orig = parseTuple(value)
		case ctaTupleReply:
			e.reply = parseTuple(value)
		case ctaStatus:
			e.answered = len(value) == 4 && binary.BigEndian.Uint32(value)&seenReply != 0
		}
	}
	return e
}

func parseTuple(b []byte) tuple {
	t := tuple{icmpType: -1}
	for typ, value := range attributes(b) {
		switch typ {
		case ctaTupleIP:
			t.addresses(value)
		case ctaTupleProto:
			t.ports(value)
		}
	}
	return t
}

func (t *tuple) addresses(b []byte) {
	for typ, value := range attributes(b) {
		a, _ := netip.AddrFromSlice(value) // of another length: no address of ours
		switch typ {
		case ctaIPv4Src, ctaIPv6Src:
			t.src = a
		case ctaIPv4Dst, ctaIPv6Dst:
			t.dst = a
		}
	}
}

func (t *tuple) ports(b []byte) {
	for typ, value := range attributes(b) {
		switch {
		case typ == ctaProtoNum && len(value) == 1:
			t.protocol = value[0]
		case typ == ctaProtoDst && len(value) == 2:
			t.port = binary.BigEndian.Uint16(value)
		case typ == ctaProtoSrc && len(value) == 2:
			t.from = binary.BigEndian.Uint16(value)
		case (typ == ctaICMPType || typ == ctaICMPv6Type) && len(value) == 1:
			t.icmpType = int(value[0])
		}
	}
}

// handle picks the attributes that name an entry for a delete. The ID is among them, so that a new connection
// with the same tuple stays.
func handle(b []byte) ([]byte, error) {
	var named []netlink.Attribute
	for typ, value := range attributes(b) {
		switch typ {
		case ctaTupleOrig:
			named = append(named, netlink.Attribute{Type: typ | unix.NLA_F_NESTED, Data: value})
		case ctaID, ctaZone:
			named = append(named, netlink.Attribute{Type: typ, Data: value})
		}
	}
	return netlink.MarshalAttributes(named)
}

// attributes walks netlink attributes (RFC 3549 section 2.3.2 calls them TLVs) up to the first that is cut off.
func attributes(b []byte) iter.Seq2[uint16, []byte] {
	return func(yield func(uint16, []byte) bool) {
		for len(b) >= unix.SizeofNlAttr {
			length := int(binary.NativeEndian.Uint16(b))
			typ := binary.NativeEndian.Uint16(b[2:]) &^ (unix.NLA_F_NESTED | unix.NLA_F_NET_BYTEORDER)
			if length < unix.SizeofNlAttr || length > len(b) || !yield(typ, b[unix.SizeofNlAttr:length]) {
				return
			}
			b = b[min((length+3)&^3, len(b)):] // each starts at a multiple of four
		}
	}
}

// hasConntrack asks for a connection that cannot be: a kernel that knows connections says that it has none.
func (s sockets) hasConntrack(ctx context.Context) (bool, error) {
	c, err := s.netfilter(ctx)
	if err != nil {
		return false, err
	}
	defer c.Close()
	ae := netlink.NewAttributeEncoder()
	ae.Nested(ctaTupleOrig, func(ae *netlink.AttributeEncoder) error {
		ae.Nested(ctaTupleIP, func(ae *netlink.AttributeEncoder) error {
			ae.Bytes(ctaIPv4Src, make([]byte, 4))
			ae.Bytes(ctaIPv4Dst, make([]byte, 4))
			return nil
		})
		ae.Nested(ctaTupleProto, func(ae *netlink.AttributeEncoder) error {
			ae.Uint8(ctaProtoNum, unix.IPPROTO_UDP)
			ae.Bytes(ctaProtoSrc, make([]byte, 2))
			ae.Bytes(ctaProtoDst, make([]byte, 2))
			return nil
		})
		return nil
	})
	data, err := ae.Encode()
	if err != nil {
		return false, err
	}
	_, err = c.Execute(ctMessage(ctGet, netlink.Request|netlink.Acknowledge, unix.AF_INET, data))
	return errors.Is(err, unix.ENOENT), nil
}

func ctMessage(typ int, flags netlink.HeaderFlags, family byte, data []byte) netlink.Message {
	header := binary.BigEndian.AppendUint16([]byte{family, unix.NFNETLINK_V0}, 0)
	return netlink.Message{
		Header: netlink.Header{Type: netlink.HeaderType(unix.NFNL_SUBSYS_CTNETLINK<<8 | typ), Flags: flags},
		Data:   append(header, data...),
	}
}
