package neigh

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// carried is what the kernel says of a port's VLANs: each is flags and a number.
func carried(port uint32, infos ...[2]uint16) netlink.Message {
	h := make([]byte, sizeIfInfo)
	h[0] = unix.AF_BRIDGE
	binary.NativeEndian.PutUint32(h[4:], port)
	return message(unix.RTM_NEWLINK, h, func(ae *netlink.AttributeEncoder) {
		ae.Uint32(unix.IFLA_MASTER, 3)
		ae.Nested(unix.IFLA_AF_SPEC, func(vlans *netlink.AttributeEncoder) error {
			for _, i := range infos {
				vlans.Bytes(bridgeVLANInfo, binary.NativeEndian.AppendUint16(binary.NativeEndian.AppendUint16(nil, i[0]), i[1]))
			}
			return nil
		})
	})
}

// link is what the kernel says of one: its kind, and one detail of that.
func link(kind string, typ uint16, detail []byte) netlink.Message {
	h := make([]byte, sizeIfInfo)
	binary.NativeEndian.PutUint32(h[4:], 7)
	return message(unix.RTM_NEWLINK, h, func(ae *netlink.AttributeEncoder) {
		ae.String(unix.IFLA_IFNAME, "it")
		ae.Uint32(unix.IFLA_LINK, 3)
		ae.Nested(unix.IFLA_LINKINFO, func(info *netlink.AttributeEncoder) error {
			info.String(unix.IFLA_INFO_KIND, kind)
			info.Nested(unix.IFLA_INFO_DATA, func(data *netlink.AttributeEncoder) error {
				data.Bytes(typ, detail)
				return nil
			})
			return nil
		})
	})
}

func TestVLANsAreRead(t *testing.T) {
	var s Snapshot
	for _, m := range []netlink.Message{
		carried(4, [2]uint16{6, 1}, [2]uint16{rangeBegin, 10}, [2]uint16{1 << 4, 19}, [2]uint16{0, 30}),
		carried(5),
		link("vlan", unix.IFLA_VLAN_ID, binary.NativeEndian.AppendUint16(nil, 10)),
		link("bridge", unix.IFLA_BR_VLAN_FILTERING, []byte{1}),
		link("veth", unix.IFLA_VLAN_ID, []byte{10, 0}),
	} {
		if err := s.process(m); err != nil {
			t.Fatal(err)
		}
	}
	if want := []Member{{4, 1, 1}, {4, 10, 19}, {4, 30, 30}}; !slices.Equal(s.Members, want) {
		t.Errorf("ports carry %v, want %v", s.Members, want)
	}
	want := []Link{
		{Index: 7, Name: "it", Kind: "vlan", VLAN: 10, Parent: 3},
		{Index: 7, Name: "it", Kind: "bridge", Filters: true},
		{Index: 7, Name: "it", Kind: "veth"},
	}
	if diff := cmp.Diff(want, s.Links); diff != "" {
		t.Errorf("links (-want +got):\n%s", diff)
	}
	if s.carries(4, 9) || !s.carries(4, 10) || !s.carries(4, 15) || s.carries(5, 10) {
		t.Errorf("what is carried is read wrong from %v", s.Members)
	}
}

func TestVLANsAreBounded(t *testing.T) {
	var s Snapshot
	for range maxMembers + 5 {
		if err := s.process(carried(4, [2]uint16{0, 1})); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.Members) != maxMembers || s.Skipped != 5 {
		t.Errorf("%d runs of VLANs, %d skipped", len(s.Members), s.Skipped)
	}
}

// switched is a router whose ports all are in one bridge, with VLANs for the home, the guests and the uplink.
func switched(filters bool) Snapshot {
	s := router()
	s.Links[2].Filters = filters
	s.Links = append(
		s.Links,
		Link{Index: 6, Name: "trunk", Master: 3, Up: true},
		Link{Index: 7, Name: "uplink", Master: 3, Up: true},
		Link{Index: 11, Name: "br-lan.1", Kind: "vlan", VLAN: 1, Parent: 3, Up: true},
		Link{Index: 12, Name: "br-lan.2", Kind: "vlan", VLAN: 2, Parent: 3, Up: true},
		Link{Index: 13, Name: "br-lan.3", Kind: "vlan", VLAN: 3, Parent: 3, Up: true},
	)
	s.Members = []Member{{3, 1, 3}, {4, 1, 1}, {5, 2, 2}, {6, 1, 2}, {7, 1, 1}, {7, 3, 3}}
	s.Stations = append(s.Stations, Station{deviceMAC, 6, 3}, Station{deviceMAC, 7, 3})
	return s
}

// TestTheHomeIsAVLANOfABridge, as where a switch chip keeps the home, the guests and the uplink apart.
func TestTheHomeIsAVLANOfABridge(t *testing.T) {
	gateway := netip.MustParseAddr("192.168.1.254")
	for name, c := range map[string]struct {
		filters  bool
		lan, wan []string
		want     [][]string // ports of each LAN
	}{
		"the home alone":   {true, []string{"br-lan.1"}, []string{"wan"}, [][]string{{"lan2", "trunk", "uplink"}}},
		"with its guests":  {true, []string{"br-lan.1", "br-lan.2"}, []string{"wan"}, [][]string{{"lan2", "trunk", "uplink"}, {"lan1", "trunk"}}},
		"and its uplink":   {true, []string{"br-lan.1"}, []string{"br-lan.3"}, [][]string{{"lan2", "trunk"}}},
		"an access point":  {true, []string{"br-lan.1"}, nil, [][]string{{"lan2", "trunk", "uplink"}}},
		"without a filter": {false, []string{"br-lan.1"}, []string{"wan"}, [][]string{{"lan1", "lan2", "trunk", "uplink"}}},
	} {
		t.Run(name, func(t *testing.T) {
			s := switched(c.filters)
			s.Defaults = []Default{{11, gateway}}
			h, err := s.Home(c.lan, c.wan)
			if err != nil {
				t.Fatal(err)
			}
			for i, l := range h.LAN {
				if !slices.Equal(l.Ports, c.want[i]) || l.VLAN == 0 {
					t.Errorf("%s is VLAN %d with the ports %q, want %q", l.Name, l.VLAN, l.Ports, c.want[i])
				}
			}
			indexes := slices.Clone(h.Indexes)
			slices.Sort(indexes)
			if len(slices.Compact(indexes)) != len(h.Indexes) || len(h.Indexes) != len(h.Ports)+len(c.lan) {
				t.Errorf("indexes %v of the ports %v", h.Indexes, h.Ports)
			}
			for _, st := range h.Stations {
				if h.Ports[st.Port] == "" {
					t.Errorf("a station at port %d, which is not the home's", st.Port)
				}
			}
		})
	}
}
