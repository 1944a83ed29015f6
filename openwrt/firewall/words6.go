package firewall

import (
	"slices"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// More words: of IPv6, of neighbour discovery, and of frames that are not IP.

func ip6SourceIn(set string) []expr.Any {
	return []expr.Any{load(expr.PayloadBaseNetworkHeader, 8, 16), lookup(set)}
}

// ndMessage matches an ICMPv6 message whose type is in an anonymous set and that no router has forwarded (RFC
// 4861 section 7.1).
func ndMessage(types uint32) []expr.Any {
	return slices.Concat(neverForwarded(), protocol(unix.IPPROTO_ICMPV6), []expr.Any{
		load(expr.PayloadBaseTransportHeader, 0, 1), anonymous(types),
	})
}

// ndType is ndMessage for a single type.
func ndType(typ byte) []expr.Any {
	return slices.Concat(neverForwarded(), protocol(unix.IPPROTO_ICMPV6), []expr.Any{
		load(expr.PayloadBaseTransportHeader, 0, 1), equal(typ),
	})
}

func neverForwarded() []expr.Any {
	return []expr.Any{load(expr.PayloadBaseNetworkHeader, 7, 1), equal(255)}
}

// ip6SourceOf looks up a frame's source with the IPv6 source.
func ip6SourceOf(set string) []expr.Any {
	return []expr.Any{
		load(expr.PayloadBaseLLHeader, 6, 6),
		&expr.Payload{DestRegister: unix.NFT_REG32_02, Base: expr.PayloadBaseNetworkHeader, Offset: 8, Len: 16},
		lookup(set),
	}
}

// ndTargetOf looks up a frame's source with the target address of an ND message (RFC 4861 section 4.3).
func ndTargetOf(set string) []expr.Any {
	return []expr.Any{
		load(expr.PayloadBaseLLHeader, 6, 6),
		&expr.Payload{DestRegister: unix.NFT_REG32_02, Base: expr.PayloadBaseTransportHeader, Offset: 8, Len: 16},
		lookup(set),
	}
}

// ndTypes adds the anonymous set of a rule with ICMPv6 types.
func (t *table) ndTypes(id uint32, types ...byte) uint32 {
	id |= uint32(t.family) << 16 // an ID is for all tables of a transaction
	s := anonymousSet(id, nftables.TypeICMP6Type)
	for _, typ := range types {
		s.elements = append(s.elements, nftables.SetElement{Key: []byte{typ}})
	}
	t.addSet(s)
	return id
}

// neitherIP matches frames that are neither IPv4 nor IPv6.
func (t *table) neitherIP() []expr.Any {
	return []expr.Any{
		meta(expr.MetaKeyPROTOCOL), &expr.Cmp{Op: expr.CmpOpNeq, Register: reg, Data: []byte{unix.ETH_P_IP >> 8, unix.ETH_P_IP & 0xff}},
		meta(expr.MetaKeyPROTOCOL), &expr.Cmp{Op: expr.CmpOpNeq, Register: reg, Data: []byte{unix.ETH_P_IPV6 >> 8, unix.ETH_P_IPV6 & 0xff}},
	}
}

// neverRouted matches IPv6 packets with a link-local source (RFC 4291 section 2.5.6).
func neverRouted() []expr.Any {
	return []expr.Any{
		load(expr.PayloadBaseNetworkHeader, 8, 2),
		&expr.Bitwise{SourceRegister: reg, DestRegister: reg, Len: 2, Mask: []byte{0xff, 0xc0}, Xor: []byte{0, 0}},
		equal(0xfe, 0x80),
	}
}
