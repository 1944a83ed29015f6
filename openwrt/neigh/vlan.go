package neigh

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// maxMembers is how many runs of VLANs all ports together may carry.
const maxMembers = 4096

// From linux/if_bridge.h and linux/rtnetlink.h: what a port says of its VLANs, runs of them as their two ends.
const (
	bridgeVLANInfo = 2      // IFLA_BRIDGE_VLAN_INFO, a struct bridge_vlan_info: flags and number
	rangeBegin     = 1 << 3 // BRIDGE_VLAN_INFO_RANGE_BEGIN
	compressed     = 1 << 2 // RTEXT_FILTER_BRVLAN_COMPRESSED
)

// Member says that a port of a bridge carries VLANs.
type Member struct {
	Port        int32  // interface index
	First, Last uint16 // numbers of the VLANs
}

// memberRequest asks for the VLANs of all ports of bridges.
func memberRequest() []byte {
	b := make([]byte, sizeIfInfo, sizeIfInfo+8)
	b[0] = unix.AF_BRIDGE
	b = binary.NativeEndian.AppendUint16(b, 8)
	b = binary.NativeEndian.AppendUint16(b, unix.IFLA_EXT_MASK)
	return binary.NativeEndian.AppendUint32(b, compressed)
}

// members adds what a port says of its VLANs.
func (s *Snapshot) members(b []byte) error {
	ad, err := attributes("VLANs", b, sizeIfInfo)
	if err != nil {
		return err
	}
	port := int32(binary.NativeEndian.Uint32(b[4:]))
	for ad.Next() {
		if ad.Type() == unix.IFLA_AF_SPEC {
			ad.Nested(func(vlans *netlink.AttributeDecoder) error { s.runs(port, vlans); return nil })
		}
	}
	if err := ad.Err(); err != nil {
		return fmt.Errorf("decode VLANs of port %d: %w", port, err)
	}
	return nil
}

// runs adds the VLANs of a port, each single one or the two ends of a run.
func (s *Snapshot) runs(port int32, vlans *netlink.AttributeDecoder) {
	first := uint16(0)
	for vlans.Next() {
		info := vlans.Bytes()
		if vlans.Type() != bridgeVLANInfo || len(info) != 4 {
			continue
		}
		number := binary.NativeEndian.Uint16(info[2:])
		if binary.NativeEndian.Uint16(info)&rangeBegin != 0 {
			first = number
			continue
		}
		if first == 0 || first > number {
			first = number
		}
		add(s, &s.Members, maxMembers, Member{port, first, number})
		first = 0
	}
}

// carries reports whether a port lets frames of a VLAN in and out.
func (s Snapshot) carries(port int32, vlan uint16) bool {
	return slices.ContainsFunc(s.Members, func(m Member) bool { return m.Port == port && m.First <= vlan && vlan <= m.Last })
}

// ports are the ports by which frames come to a link: those of a bridge, or, where it is a VLAN of one, those of that
// bridge which carry the VLAN, and none by which an uplink comes too: who is there is not at home.
func (s Snapshot) ports(l Link, uplinks []Link) (list []Link) {
	bridge := l
	if l.VLAN != 0 {
		i := slices.IndexFunc(s.Links, func(b Link) bool { return b.Index == l.Parent && b.Kind == "bridge" })
		if i < 0 {
			return nil
		}
		bridge = s.Links[i]
	}
	apart := l.VLAN != 0 && bridge.Filters
	for _, port := range s.Links {
		outside := func(w Link) bool { return w.Parent == bridge.Index && s.carries(port.Index, w.VLAN) }
		if port.Master == bridge.Index && (!apart || s.carries(port.Index, l.VLAN) && !slices.ContainsFunc(uplinks, outside)) {
			list = append(list, port)
		}
	}
	return list
}
