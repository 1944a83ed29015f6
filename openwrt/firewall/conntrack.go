package firewall

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
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
	ctaID         = 12
	ctaZone       = 18
	ctaFilter     = 25

	ctaTupleIP    = 1
	ctaTupleProto = 2
	ctaIPv4Src    = 1
	ctaIPv4Dst    = 2
	ctaIPv6Src    = 3
	ctaProtoNum   = 1
	ctaProtoSrc   = 2
	ctaProtoDst   = 3

	ctaFilterOrigFlags  = 1
	ctaFilterReplyFlags = 2
	filterIPSrc         = 1 << 0 // CTA_FILTER_FLAG_CTA_IP_SRC
)

// flowOwner is an address whose connections one quarantine has ended.
type flowOwner struct {
	id   string
	addr netip.Addr
}

// endFlowsLocked ends the connections of devices that are newly cut off, at every address that they ever
// used. The rules are in force by now, so none comes back.
func (f *Firewall) endFlowsLocked(ctx context.Context) error {
	wanted := map[flowOwner]bool{}
	fresh := map[netip.Addr]bool{}
	for _, q := range f.state.Quarantines {
		for _, a := range q.Addresses {
			o := flowOwner{q.ID, a.Unmap().WithZone("")}
			if wanted[o] = true; o.addr.IsValid() && !f.cleared[o] {
				fresh[o.addr] = true
			}
		}
	}
	if len(fresh) > 0 && f.kernel.conntrack {
		if err := f.sockets.endFlows(ctx, fresh); err != nil {
			return err
		}
	}
	f.cleared = wanted
	return nil
}

// endFlows ends every connection that one of the addresses began or answers, by sweep or, where that is
// cheaper and the kernel can, by asking for each address.
func (s sockets) endFlows(ctx context.Context, addrs map[netip.Addr]bool) error {
	const fewAddresses = 4 // each costs the kernel two walks over its table, the sweep one walk and its copy
	if len(addrs) > fewAddresses {
		return s.sweep(ctx, addrs)
	}
	rest := map[netip.Addr]bool{}
	for a := range addrs {
		switch err := s.endFlowsOf(ctx, a); {
		case errors.Is(err, errNoFilter):
			rest[a] = true
		case err != nil:
			return err
		}
	}
	if len(rest) == 0 {
		return nil
	}
	return s.sweep(ctx, rest)
}

// errNoFilter says that the kernel cannot delete by a part of a tuple.
var errNoFilter = errors.New("no filtered delete")

// endFlowsOf deletes by CTA_FILTER, which Linux takes with a delete since 6.11. Before, it refuses a tuple that
// is not whole with EINVAL, or the filter with EOPNOTSUPP; it never deletes more than asked.
func (s sockets) endFlowsOf(ctx context.Context, a netip.Addr) error {
	c, err := s.netfilter(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	for _, tuple := range []uint16{ctaTupleOrig, ctaTupleReply} {
		data, err := filterBySource(a, tuple)
		if err != nil {
			return err
		}
		_, err = c.Execute(ctMessage(ctDelete, netlink.Request|netlink.Acknowledge, family(a), data))
		if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.EOPNOTSUPP) {
			return errNoFilter
		}
		if err != nil {
			return fmt.Errorf("delete conntrack entries: %w", err)
		}
	}
	return nil
}

func filterBySource(a netip.Addr, tuple uint16) ([]byte, error) {
	source := uint16(ctaIPv4Src)
	if a.Is6() {
		source = ctaIPv6Src
	}
	flags := uint16(ctaFilterOrigFlags)
	if tuple == ctaTupleReply {
		flags = ctaFilterReplyFlags
	}
	ae := netlink.NewAttributeEncoder()
	ae.Nested(tuple, func(ae *netlink.AttributeEncoder) error {
		ae.Nested(ctaTupleIP, func(ae *netlink.AttributeEncoder) error {
			ae.Bytes(source, a.AsSlice())
			return nil
		})
		return nil
	})
	ae.Nested(ctaFilter, func(ae *netlink.AttributeEncoder) error {
		ae.Uint32(flags, filterIPSrc)
		return nil
	})
	return ae.Encode()
}

// sweep reads all connections, one message at a time, and deletes those of addrs: one walk however many
// addresses a device had.
func (s sockets) sweep(ctx context.Context, addrs map[netip.Addr]bool) error {
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
		if err := deleteIf(deleter, m, addrs); err != nil {
			return err
		}
	}
	return nil
}

// deleteIf deletes the entry that m tells of if one of addrs is a source of it.
func deleteIf(c *netlink.Conn, m netlink.Message, addrs map[netip.Addr]bool) error {
	if len(m.Data) < 4 {
		return nil
	}
	e, err := parseEntry(m.Data[4:])
	if err != nil || !addrs[e.orig] && !addrs[e.reply] {
		return err
	}
	_, err = c.Execute(ctMessage(ctDelete, netlink.Request|netlink.Acknowledge, m.Data[0], e.handle))
	if err != nil && !errors.Is(err, unix.ENOENT) { // it ended by itself
		return fmt.Errorf("delete conntrack entry: %w", err)
	}
	return nil
}

// entry is one connection: who began it, who answers, and the attributes that name it for a delete. The ID
// is among them, so that a new connection with the same tuple stays.
type entry struct {
	orig, reply netip.Addr
	handle      []byte
}

func parseEntry(b []byte) (entry, error) {
	var e entry
	ad, err := netlink.NewAttributeDecoder(b)
	if err != nil {
		return e, fmt.Errorf("parse conntrack entry: %w", err)
	}
	var handle []netlink.Attribute
	for ad.Next() {
		switch typ := ad.Type(); typ {
		case ctaTupleOrig:
			ad.Nested(func(ad *netlink.AttributeDecoder) error { return parseSource(ad, &e.orig) })
			handle = append(handle, netlink.Attribute{Type: typ | unix.NLA_F_NESTED, Data: ad.Bytes()})
		case ctaTupleReply:
			ad.Nested(func(ad *netlink.AttributeDecoder) error { return parseSource(ad, &e.reply) })
		case ctaID, ctaZone:
			handle = append(handle, netlink.Attribute{Type: typ, Data: ad.Bytes()})
		}
	}
	if err := ad.Err(); err != nil {
		return e, fmt.Errorf("parse conntrack entry: %w", err)
	}
	e.handle, err = netlink.MarshalAttributes(handle)
	return e, err
}

func parseSource(ad *netlink.AttributeDecoder, to *netip.Addr) error {
	for ad.Next() {
		if ad.Type() != ctaTupleIP {
			continue
		}
		ad.Nested(func(ad *netlink.AttributeDecoder) error {
			for ad.Next() {
				if ad.Type() == ctaIPv4Src || ad.Type() == ctaIPv6Src {
					*to, _ = netip.AddrFromSlice(ad.Bytes()) // of another length: no address of ours
				}
			}
			return nil
		})
	}
	return nil
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

func family(a netip.Addr) byte {
	if a.Is4() {
		return unix.AF_INET
	}
	return unix.AF_INET6
}
