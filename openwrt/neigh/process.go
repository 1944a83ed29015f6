package neigh

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// Sizes of the fixed headers before the attributes (linux/rtnetlink.h, linux/neighbour.h).
const (
	sizeIfInfo  = 16 // struct ifinfomsg
	sizeIfAddr  = 8  // struct ifaddrmsg
	sizeNd      = 12 // struct ndmsg
	sizeRt      = 12 // struct rtmsg
	sizeNexthop = 8  // struct rtnexthop
)

// resolved are the neighbour states in which the MAC is known: not incomplete, failed or noarp.
const resolved = unix.NUD_REACHABLE | unix.NUD_STALE | unix.NUD_DELAY | unix.NUD_PROBE | unix.NUD_PERMANENT

// process adds what one rtnetlink message says. Messages of other kinds are passed over. It is written out here,
// not taken from a library, because those fail a whole dump over one link with an address of odd length.
func (s *Snapshot) process(m netlink.Message) error {
	switch m.Header.Type {
	case unix.RTM_NEWLINK:
		if isBridged(m) {
			return s.members(m.Data)
		}
		return s.link(m.Data)
	case unix.RTM_NEWADDR:
		return s.addr(m.Data)
	case unix.RTM_NEWNEIGH:
		if isBridged(m) {
			return s.station(m.Data)
		}
		return s.neighbour(m.Data)
	case unix.RTM_NEWROUTE:
		return s.route(m.Data)
	}
	return nil
}

// attributes opens the attributes that follow a header of size bytes.
func attributes(kind string, b []byte, size int) (*netlink.AttributeDecoder, error) {
	if len(b) < size {
		return nil, fmt.Errorf("decode %s: %d bytes, want %d or more", kind, len(b), size)
	}
	ad, err := netlink.NewAttributeDecoder(b[size:])
	if err != nil {
		return nil, fmt.Errorf("decode %s: %w", kind, err)
	}
	return ad, nil
}

// add appends v while the list is within its bound.
func add[T any](s *Snapshot, list *[]T, bound int, v T) {
	if len(*list) >= bound {
		s.Skipped++
		return
	}
	*list = append(*list, v)
}

func (s *Snapshot) link(b []byte) error {
	ad, err := attributes("link", b, sizeIfInfo)
	if err != nil {
		return err
	}
	l := Link{
		Index: int32(binary.NativeEndian.Uint32(b[4:])),
		Up:    binary.NativeEndian.Uint32(b[8:])&unix.IFF_UP != 0,
	}
	for ad.Next() {
		switch ad.Type() {
		case unix.IFLA_IFNAME:
			l.Name = ad.String()
		case unix.IFLA_ADDRESS:
			l.MAC = mac(ad.Bytes())
		case unix.IFLA_MASTER:
			l.Master = int32(ad.Uint32())
		case unix.IFLA_LINKINFO:
			ad.Nested(l.info)
		case unix.IFLA_LINK:
			l.Parent = int32(ad.Uint32())
		}
	}
	if err := ad.Err(); err != nil {
		return fmt.Errorf("decode link %d: %w", l.Index, err)
	}
	if l.VLAN == 0 {
		l.Parent = 0 // of a veth it is the other end, in whatever namespace
	}
	add(s, &s.Links, maxLinks, l)
	return nil
}

// info reads what kind of link it is; the kernel says that before what only this kind has.
func (l *Link) info(ad *netlink.AttributeDecoder) error {
	for ad.Next() {
		switch {
		case ad.Type() == unix.IFLA_INFO_KIND:
			l.Kind = ad.String()
		case ad.Type() == unix.IFLA_INFO_DATA && (l.Kind == "vlan" || l.Kind == "bridge"):
			ad.Nested(l.detail)
		}
	}
	return nil
}

func (l *Link) detail(ad *netlink.AttributeDecoder) error {
	for ad.Next() {
		switch b := ad.Bytes(); {
		case l.Kind == "vlan" && ad.Type() == unix.IFLA_VLAN_ID && len(b) == 2:
			l.VLAN = binary.NativeEndian.Uint16(b)
		case l.Kind == "bridge" && ad.Type() == unix.IFLA_BR_VLAN_FILTERING && len(b) == 1:
			l.Filters = b[0] != 0
		}
	}
	return nil
}

func (s *Snapshot) addr(b []byte) error {
	ad, err := attributes("address", b, sizeIfAddr)
	if err != nil {
		return err
	}
	var address, local netip.Addr
	for ad.Next() {
		switch ad.Type() {
		case unix.IFA_ADDRESS:
			address = ip(ad.Bytes())
		case unix.IFA_LOCAL: // on a point-to-point link IFA_ADDRESS is the far end's
			local = ip(ad.Bytes())
		}
	}
	if err := ad.Err(); err != nil {
		return fmt.Errorf("decode address: %w", err)
	}
	if local.IsValid() {
		address = local
	}
	prefix := netip.PrefixFrom(address, int(b[1]))
	if prefix.IsValid() {
		add(s, &s.Addrs, maxAddrs, Addr{int32(binary.NativeEndian.Uint32(b[4:])), prefix})
	}
	return nil
}

func (s *Snapshot) neighbour(b []byte) error {
	ad, err := attributes("neighbour", b, sizeNd)
	if err != nil {
		return err
	}
	if binary.NativeEndian.Uint16(b[8:])&resolved == 0 || b[0] != unix.AF_INET && b[0] != unix.AF_INET6 {
		return nil
	}
	n := Neighbour{Index: int32(binary.NativeEndian.Uint32(b[4:]))}
	for ad.Next() {
		switch ad.Type() {
		case unix.NDA_DST:
			n.Addr = ip(ad.Bytes())
		case unix.NDA_LLADDR:
			n.MAC = mac(ad.Bytes())
		}
	}
	if err := ad.Err(); err != nil {
		return fmt.Errorf("decode neighbour: %w", err)
	}
	if n.Addr.IsValid() && isUnicast(n.MAC) {
		add(s, &s.Neighbours, maxNeighbours, n)
	}
	return nil
}

// ip reads an address of 4 or 16 bytes; any other length gives one that is not valid.
func ip(b []byte) netip.Addr {
	a, _ := netip.AddrFromSlice(b)
	return a
}

// mac reads a 48-bit address; links of other kinds have shorter and longer ones, which give zero.
func mac(b []byte) (m [6]byte) {
	if len(b) == len(m) {
		copy(m[:], b)
	}
	return m
}

// isUnicast reports whether one station is meant: no group bit, not zero.
func isUnicast(m [6]byte) bool { return m[0]&1 == 0 && m != [6]byte{} }
