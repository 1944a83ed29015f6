package neigh

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// errNexthop is a list of next hops whose lengths do not add up.
var errNexthop = errors.New("next hop shorter than it says")

// route adds the next hops of a default route of the main table: also of one that holds for some sources only,
// as OpenWrt writes its IPv6 default routes.
func (s *Snapshot) route(b []byte) error {
	ad, err := attributes("route", b, sizeRt)
	if err != nil {
		return err
	}
	table, isDefault := uint32(b[4]), b[1] == 0 && b[7] == unix.RTN_UNICAST
	flags := binary.NativeEndian.Uint32(b[8:])
	var single Default
	var many []Default
	for ad.Next() {
		switch ad.Type() {
		case unix.RTA_TABLE: // the header's byte cannot hold numbers over 255
			table = ad.Uint32()
		case unix.RTA_OIF:
			single.Index = int32(ad.Uint32())
		case unix.RTA_GATEWAY:
			single.Gateway = ip(ad.Bytes())
		case unix.RTA_VIA:
			single.Gateway = via(ad.Bytes())
		case unix.RTA_MULTIPATH:
			ad.Do(func(b []byte) (err error) { many, err = nexthops(b); return err })
		}
	}
	if err := ad.Err(); err != nil {
		return fmt.Errorf("decode route: %w", err)
	}
	if !isDefault || table != unix.RT_TABLE_MAIN || flags&unix.RTM_F_CLONED != 0 {
		return nil
	}
	for _, d := range append(many, single) {
		if d.Index != 0 {
			add(s, &s.Defaults, maxDefaults, d)
		}
	}
	return nil
}

// nexthops reads the struct rtnexthop list of a route with several gateways.
func nexthops(b []byte) (hops []Default, err error) {
	for len(b) >= sizeNexthop {
		n := int(binary.NativeEndian.Uint16(b))
		if n < sizeNexthop || n > len(b) {
			return nil, errNexthop
		}
		ad, err := netlink.NewAttributeDecoder(b[sizeNexthop:n])
		if err != nil {
			return nil, err
		}
		hop := Default{Index: int32(binary.NativeEndian.Uint32(b[4:]))}
		for ad.Next() {
			switch ad.Type() {
			case unix.RTA_GATEWAY:
				hop.Gateway = ip(ad.Bytes())
			case unix.RTA_VIA:
				hop.Gateway = via(ad.Bytes())
			}
		}
		if err := ad.Err(); err != nil {
			return nil, err
		}
		hops = append(hops, hop)
		b = b[min((n+3)&^3, len(b)):]
	}
	return hops, nil
}

// via reads struct rtvia: a gateway of another family than the route's (RFC 5549's IPv4 over IPv6 next hops).
func via(b []byte) netip.Addr {
	if len(b) < 2 {
		return netip.Addr{}
	}
	return ip(b[2:])
}
