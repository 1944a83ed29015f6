package firewall

import (
	"encoding/binary"
	"net/netip"
	"slices"

	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"

	"spinneret/mud"
)

// headerField is where a field of RFC 8519 lies: in the lowest bits of mask, shifted.
type headerField struct {
	protocol       mud.Protocol // that has it; mud.AnyProtocol for IP itself
	base           expr.PayloadBase
	offset, length uint32 // bytes
	mask           uint32
	shift          uint
}

// headerFields are those that can be compared (RFC 791, 792, 4443, 8200, 9293, 768).
var headerFields = map[string]headerField{
	"ipv4 dscp":           {mud.AnyProtocol, expr.PayloadBaseNetworkHeader, 1, 1, 0x3f, 2},
	"ipv4 ecn":            {mud.AnyProtocol, expr.PayloadBaseNetworkHeader, 1, 1, 0x03, 0},
	"ipv4 length":         {mud.AnyProtocol, expr.PayloadBaseNetworkHeader, 2, 2, 0xffff, 0},
	"ipv4 ttl":            {mud.AnyProtocol, expr.PayloadBaseNetworkHeader, 8, 1, 0xff, 0},
	"ipv4 ihl":            {mud.AnyProtocol, expr.PayloadBaseNetworkHeader, 0, 1, 0x0f, 0},
	"ipv4 flags":          {mud.AnyProtocol, expr.PayloadBaseNetworkHeader, 6, 1, 0x07, 5},
	"ipv4 offset":         {mud.AnyProtocol, expr.PayloadBaseNetworkHeader, 6, 2, 0x1fff, 0},
	"ipv4 identification": {mud.AnyProtocol, expr.PayloadBaseNetworkHeader, 4, 2, 0xffff, 0},

	"ipv6 dscp":       {mud.AnyProtocol, expr.PayloadBaseNetworkHeader, 0, 2, 0x3f, 6},
	"ipv6 ecn":        {mud.AnyProtocol, expr.PayloadBaseNetworkHeader, 0, 2, 0x03, 4},
	"ipv6 length":     {mud.AnyProtocol, expr.PayloadBaseNetworkHeader, 4, 2, 0xffff, 0},
	"ipv6 ttl":        {mud.AnyProtocol, expr.PayloadBaseNetworkHeader, 7, 1, 0xff, 0},
	"ipv6 flow-label": {mud.AnyProtocol, expr.PayloadBaseNetworkHeader, 0, 4, 0xfffff, 0},

	"tcp sequence-number":        {mud.TCP, expr.PayloadBaseTransportHeader, 4, 4, 0xffffffff, 0},
	"tcp acknowledgement-number": {mud.TCP, expr.PayloadBaseTransportHeader, 8, 4, 0xffffffff, 0},
	"tcp data-offset":            {mud.TCP, expr.PayloadBaseTransportHeader, 12, 1, 0x0f, 4},
	"tcp reserved":               {mud.TCP, expr.PayloadBaseTransportHeader, 12, 1, 0x0f, 0},
	"tcp flags":                  {mud.TCP, expr.PayloadBaseTransportHeader, 13, 1, 0xff, 0},
	"tcp window-size":            {mud.TCP, expr.PayloadBaseTransportHeader, 14, 2, 0xffff, 0},
	"tcp urgent-pointer":         {mud.TCP, expr.PayloadBaseTransportHeader, 18, 2, 0xffff, 0},
	"udp length":                 {mud.UDP, expr.PayloadBaseTransportHeader, 4, 2, 0xffff, 0},

	"icmp type":           {mud.ICMP, expr.PayloadBaseTransportHeader, 0, 1, 0xff, 0},
	"icmp code":           {mud.ICMP, expr.PayloadBaseTransportHeader, 1, 1, 0xff, 0},
	"icmp rest-of-header": {mud.ICMP, expr.PayloadBaseTransportHeader, 4, 4, 0xffffffff, 0},
}

// fieldWords compare a field; none where packets of its protocol cannot have it, or not with that value.
func fieldWords(f mud.Field, m mud.Match) []expr.Any {
	h, known := headerFields[f.Header+" "+f.Name]
	carrier := m.Protocol
	if carrier == mud.ICMPv6 {
		carrier = mud.ICMP
	}
	if !known || h.protocol != mud.AnyProtocol && h.protocol != carrier || f.Value&f.Mask&^h.mask != 0 {
		return nil
	}
	mask := f.Mask & h.mask
	want, bits := number(f.Value&mask<<h.shift, h.length), number(mask<<h.shift, h.length)
	words := []expr.Any{load(h.base, h.offset, h.length)}
	if slices.ContainsFunc(bits, func(b byte) bool { return b != 0xff }) {
		words = append(words, &expr.Bitwise{SourceRegister: reg, DestRegister: reg, Len: h.length, Mask: bits, Xor: make([]byte, h.length)})
	}
	return append(words, equal(want...))
}

// number is v in so many bytes, the highest first.
func number(v, length uint32) []byte {
	return binary.BigEndian.AppendUint32(nil, v)[4-length:]
}

// portWords compare a port at an offset of the transport header.
func portWords(p mud.Ports, offset uint32) []expr.Any {
	if !p.Set {
		return nil
	}
	words := []expr.Any{load(expr.PayloadBaseTransportHeader, offset, 2)}
	low, high := number(uint32(p.Low), 2), number(uint32(p.High), 2)
	op := expr.CmpOpEq
	if p.Not {
		op = expr.CmpOpNeq
	}
	if p.Low == p.High {
		return append(words, &expr.Cmp{Op: op, Register: reg, Data: low})
	}
	return append(words, &expr.Range{Op: op, Register: reg, FromData: low, ToData: high})
}

// prefixWords compare an address at an offset of the network header.
func prefixWords(p netip.Prefix, offset uint32) []expr.Any {
	addr := p.Masked().Addr().AsSlice()
	length := uint32(len(addr))
	words := []expr.Any{load(expr.PayloadBaseNetworkHeader, offset, length)}
	if p.Bits() == 0 {
		return nil
	}
	if !p.IsSingleIP() {
		mask := make([]byte, length)
		for i := range p.Bits() {
			mask[i/8] |= 0x80 >> (i % 8)
		}
		words = append(words, &expr.Bitwise{SourceRegister: reg, DestRegister: reg, Len: length, Mask: mask, Xor: make([]byte, length)})
	}
	return append(words, equal(addr...))
}

// transportWords compare what follows the IP header; far is where the remote party's port is.
func transportWords(m mud.Match, d direction) []expr.Any {
	if m.Protocol == mud.AnyProtocol {
		return nil
	}
	far, near := [...]uint32{from: 2, to: 0}[d], [...]uint32{from: 0, to: 2}[d]
	return slices.Concat(protocol(byte(m.Protocol)), portWords(m.LocalPort, near), portWords(m.RemotePort, far))
}

// flagsAre compares some of TCP's flags (RFC 9293 3.1).
func flagsAre(op expr.CmpOp, mask, want byte) []expr.Any {
	return slices.Concat(protocol(unix.IPPROTO_TCP), []expr.Any{
		load(expr.PayloadBaseTransportHeader, 13, 1),
		&expr.Bitwise{SourceRegister: reg, DestRegister: reg, Len: 1, Mask: []byte{mask}, Xor: []byte{0}},
		&expr.Cmp{Op: op, Register: reg, Data: []byte{want}},
	})
}

const tcpSYN, tcpACK = 0x02, 0x10

// opensNothing matches TCP that is not the first packet of a connection.
func opensNothing() []expr.Any { return flagsAre(expr.CmpOpNeq, tcpSYN|tcpACK, tcpSYN) }

// matchable says whether packets can be compared with an entry. Another one allows nothing.
func matchable(a mud.ACE) bool {
	m := a.Match
	ports, hasPorts := m.RemotePort.Set || m.LocalPort.Set, m.Protocol == mud.TCP || m.Protocol == mud.UDP
	if ports && !hasPorts || a.Family == mud.IPv6 && extension(m.Protocol) || m.Protocol > 255 || m.Protocol < mud.AnyProtocol {
		return false
	}
	return !slices.ContainsFunc(m.Fields, func(f mud.Field) bool { return fieldWords(f, m) == nil })
}

// extension says whether a protocol is an extension header, which the kernel passes over to find the last one (RFC 8200 4).
func extension(p mud.Protocol) bool {
	return p == unix.IPPROTO_HOPOPTS || p == unix.IPPROTO_ROUTING || p == unix.IPPROTO_FRAGMENT || p == unix.IPPROTO_DSTOPTS
}
