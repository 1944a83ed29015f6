package neigh

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"testing"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// message builds one rtnetlink message from its fixed header and its attributes.
func message(typ netlink.HeaderType, header []byte, build func(*netlink.AttributeEncoder)) netlink.Message {
	ae := netlink.NewAttributeEncoder()
	build(ae)
	b, err := ae.Encode()
	if err != nil {
		panic(err)
	}
	return netlink.Message{Header: netlink.Header{Type: typ}, Data: append(header, b...)}
}

func neighbour(state uint16, mac []byte) netlink.Message {
	h := make([]byte, sizeNd)
	h[0] = unix.AF_INET
	binary.NativeEndian.PutUint32(h[4:], 3)
	binary.NativeEndian.PutUint16(h[8:], state)
	return message(unix.RTM_NEWNEIGH, h, func(ae *netlink.AttributeEncoder) {
		ae.Bytes(unix.NDA_DST, []byte{192, 168, 1, 163})
		ae.Bytes(unix.NDA_LLADDR, mac)
	})
}

// defaultRoute is a route whose next hop is told by build; table is its routing table, bits its length.
func defaultRoute(table, bits byte, build func(*netlink.AttributeEncoder)) netlink.Message {
	h := make([]byte, sizeRt)
	h[0], h[1], h[4], h[7] = unix.AF_INET, bits, table, unix.RTN_UNICAST
	return message(unix.RTM_NEWROUTE, h, build)
}

func viaGateway(ae *netlink.AttributeEncoder) {
	ae.Uint32(unix.RTA_OIF, 2)
	ae.Bytes(unix.RTA_GATEWAY, []byte{203, 0, 113, 1})
}

func TestOnlyResolvedUnicastNeighboursCount(t *testing.T) {
	device := []byte{2, 0, 0, 0, 0, 1}
	tests := map[string]struct {
		m    netlink.Message
		want int
	}{
		"reachable":        {neighbour(unix.NUD_REACHABLE, device), 1},
		"stale":            {neighbour(unix.NUD_STALE, device), 1},
		"delay":            {neighbour(unix.NUD_DELAY, device), 1},
		"probe":            {neighbour(unix.NUD_PROBE, device), 1},
		"permanent":        {neighbour(unix.NUD_PERMANENT, device), 1},
		"incomplete":       {neighbour(unix.NUD_INCOMPLETE, device), 0},
		"failed":           {neighbour(unix.NUD_FAILED, device), 0},
		"noarp":            {neighbour(unix.NUD_NOARP, device), 0},
		"multicast MAC":    {neighbour(unix.NUD_PERMANENT, []byte{1, 0, 0x5e, 0, 0, 1}), 0},
		"zero MAC":         {neighbour(unix.NUD_PERMANENT, make([]byte, 6)), 0},
		"MAC of 20 bytes":  {neighbour(unix.NUD_REACHABLE, make([]byte, 20)), 0},
		"bridge FDB entry": {bridged(neighbour(unix.NUD_REACHABLE, device)), 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var s Snapshot
			if err := s.process(test.m); err != nil {
				t.Fatal(err)
			}
			if len(s.Neighbours) != test.want {
				t.Errorf("neighbours %v, want %d", s.Neighbours, test.want)
			}
		})
	}
}

func bridged(m netlink.Message) netlink.Message {
	m.Data[0] = unix.AF_BRIDGE
	return m
}

func TestDefaultRoutes(t *testing.T) {
	gateway := Default{2, netip.MustParseAddr("203.0.113.1")}
	tests := map[string]struct {
		m    netlink.Message
		want []Default
	}{
		"with a gateway":   {defaultRoute(unix.RT_TABLE_MAIN, 0, viaGateway), []Default{gateway}},
		"to a network":     {defaultRoute(unix.RT_TABLE_MAIN, 24, viaGateway), nil},
		"of another table": {defaultRoute(100, 0, viaGateway), nil},
		"of a table over 255": {defaultRoute(unix.RT_TABLE_MAIN, 0, func(ae *netlink.AttributeEncoder) {
			viaGateway(ae)
			ae.Uint32(unix.RTA_TABLE, 1000)
		}), nil},
		"point to point": {defaultRoute(unix.RT_TABLE_MAIN, 0, func(ae *netlink.AttributeEncoder) {
			ae.Uint32(unix.RTA_OIF, 7)
		}), []Default{{Index: 7}}},
		"over an IPv6 gateway": {defaultRoute(unix.RT_TABLE_MAIN, 0, func(ae *netlink.AttributeEncoder) {
			ae.Uint32(unix.RTA_OIF, 2)
			ae.Bytes(unix.RTA_VIA, append([]byte{unix.AF_INET6, 0}, netip.MustParseAddr("fe80::1").AsSlice()...))
		}), []Default{{2, netip.MustParseAddr("fe80::1")}}},
		"over two gateways": {defaultRoute(unix.RT_TABLE_MAIN, 0, func(ae *netlink.AttributeEncoder) {
			ae.Bytes(unix.RTA_MULTIPATH, append(nexthop(2, 1), nexthop(6, 2)...))
		}), []Default{gateway, {6, netip.MustParseAddr("203.0.113.2")}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var s Snapshot
			if err := s.process(test.m); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(s.Defaults, test.want) {
				t.Errorf("defaults %v, want %v", s.Defaults, test.want)
			}
		})
	}
}

// nexthop is one struct rtnexthop: 203.0.113.last on the interface index.
func nexthop(index uint32, last byte) []byte {
	b := binary.NativeEndian.AppendUint16(nil, sizeNexthop+8)
	b = append(b, 0, 0)
	b = binary.NativeEndian.AppendUint32(b, index)
	b = binary.NativeEndian.AppendUint16(b, 8)
	b = binary.NativeEndian.AppendUint16(b, unix.RTA_GATEWAY)
	return append(b, 203, 0, 113, last)
}

func TestNexthopsThatLieAboutTheirLengthAreAnError(t *testing.T) {
	for _, length := range []uint16{0, 3, 200} {
		hop := nexthop(2, 1)
		binary.NativeEndian.PutUint16(hop, length)
		if hops, err := nexthops(hop); err == nil {
			t.Errorf("length %d: got %v, want an error", length, hops)
		}
	}
}

func TestNeighboursAreBounded(t *testing.T) {
	var s Snapshot
	m := neighbour(unix.NUD_REACHABLE, []byte{2, 0, 0, 0, 0, 1})
	for range maxNeighbours + 5 {
		if err := s.process(m); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.Neighbours) != maxNeighbours || s.Skipped != 5 {
		t.Errorf("%d neighbours, %d skipped; want %d and 5", len(s.Neighbours), s.Skipped, maxNeighbours)
	}
}

func TestOrderOfTheDumpDoesNotMatter(t *testing.T) {
	a, b := router(), router()
	slices.Reverse(b.Links)
	slices.Reverse(b.Addrs)
	slices.Reverse(b.Neighbours)
	b.Addrs = append(b.Addrs, b.Addrs[0]) // told twice, as when two dumps overlap
	a.sort()
	b.sort()
	if !a.equal(b) {
		t.Errorf("snapshots differ:\n%v\n%v", a, b)
	}
	b.Neighbours = b.Neighbours[1:]
	if a.equal(b) {
		t.Error("a snapshot without one neighbour equals the one with it")
	}
}

func FuzzProcess(f *testing.F) {
	for _, m := range []netlink.Message{
		neighbour(unix.NUD_REACHABLE, []byte{2, 0, 0, 0, 0, 1}),
		defaultRoute(unix.RT_TABLE_MAIN, 0, viaGateway),
		defaultRoute(unix.RT_TABLE_MAIN, 0, func(ae *netlink.AttributeEncoder) {
			ae.Bytes(unix.RTA_MULTIPATH, append(nexthop(2, 1), nexthop(6, 2)...))
		}),
	} {
		f.Add(uint16(m.Header.Type), m.Data)
	}
	for _, m := range []netlink.Message{seen(deviceMAC, 4), gone(deviceMAC, 4), carried(4, [2]uint16{rangeBegin, 1}, [2]uint16{1 << 4, 9})} {
		f.Add(uint16(m.Header.Type), m.Data)
	}
	f.Add(uint16(unix.RTM_NEWLINK), make([]byte, sizeIfInfo))
	f.Add(uint16(unix.RTM_NEWADDR), make([]byte, sizeIfAddr+4))
	f.Fuzz(func(t *testing.T, typ uint16, data []byte) {
		var s Snapshot
		m := netlink.Message{Header: netlink.Header{Type: netlink.HeaderType(typ)}, Data: data}
		newMover().notice(m)
		if err := s.process(m); err != nil {
			return
		}
		s.settleStations()
		for _, st := range s.Stations {
			if !isUnicast(st.MAC) || st.Bridge == 0 {
				t.Errorf("station %+v is nowhere", st)
			}
		}
		for _, n := range s.Neighbours {
			if !n.Addr.IsValid() || !isUnicast(n.MAC) {
				t.Errorf("neighbour %+v is not resolved", n)
			}
		}
		for _, a := range s.Addrs {
			if !a.Prefix.IsValid() {
				t.Errorf("address %+v is not valid", a)
			}
		}
	})
}
