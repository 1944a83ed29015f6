package firewall

import (
	"encoding/binary"
	"net/netip"

	"github.com/google/nftables"
	"github.com/google/nftables/binaryutil"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// The words that rules are made of, each named for what nft prints. A word leaves nothing behind in a
// register that the next one needs, so they can be said in any order.
//
// What is used, and the kernel that brought it: table inet 3.14, bridge 3.18, netdev ingress 4.2, netdev
// egress 5.16; sets with timeouts and concatenations 4.1; rate limits in a dynamic set 4.3; limit burst 4.3;
// named counters 4.10; sets whose elements count 5.7; log to a group with snaplen and queue-threshold 3.14;
// comments of rules 3.15, of elements 4.2, of sets 4.10; intervals in concatenations 5.6. Nothing newer than
// 6.6.

// reg is the register of words with one operand (NFT_REG_1); it is 16 bytes, enough for an interface name.
const reg = unix.NFT_REG_1

func meta(key expr.MetaKey) *expr.Meta {
	return &expr.Meta{Key: key, Register: reg}
}

func lookup(name string) *expr.Lookup {
	return &expr.Lookup{SourceRegister: reg, SetName: name}
}

func equal(data ...byte) *expr.Cmp {
	return &expr.Cmp{Op: expr.CmpOpEq, Register: reg, Data: data}
}

func load(base expr.PayloadBase, offset, length uint32) *expr.Payload {
	return &expr.Payload{DestRegister: reg, Base: base, Offset: offset, Len: length}
}

func iifIn(set string) []expr.Any {
	return []expr.Any{meta(expr.MetaKeyIIFNAME), lookup(set)}
}

func oifIn(set string) []expr.Any {
	return []expr.Any{meta(expr.MetaKeyOIFNAME), lookup(set)}
}

func etherSourceIn(set string) []expr.Any {
	return []expr.Any{load(expr.PayloadBaseLLHeader, 6, 6), lookup(set)}
}

func etherDestinationIn(set string) []expr.Any {
	return []expr.Any{load(expr.PayloadBaseLLHeader, 0, 6), lookup(set)}
}

// etherType reads the type from the frame itself, so a frame with a VLAN tag is of type 0x8100, not of what
// the tag wraps.
func etherType(t uint16) []expr.Any {
	return []expr.Any{load(expr.PayloadBaseLLHeader, 12, 2), equal(binary.BigEndian.AppendUint16(nil, t)...)}
}

// arpOperation matches Ethernet ARP for IPv4 (RFC 826) of the given operation and nothing else.
func arpOperation(op uint16) []expr.Any {
	words := etherType(unix.ETH_P_ARP)
	return append(
		words,
		load(expr.PayloadBaseNetworkHeader, 0, 8),
		equal(0, 1, 8, 0, 6, 4, byte(op>>8), byte(op)),
	)
}

// arpSenderIn looks up the sender three ways: the frame's source, the sender's MAC and its IPv4 address.
func arpSenderIn(set string) []expr.Any {
	// Each part of a concatenation starts at a 32-bit register: 8 (where NFT_REG_1 lies), 10 and 12.
	return []expr.Any{
		load(expr.PayloadBaseLLHeader, 6, 6),
		&expr.Payload{DestRegister: unix.NFT_REG32_02, Base: expr.PayloadBaseNetworkHeader, Offset: 8, Len: 6},
		&expr.Payload{DestRegister: unix.NFT_REG32_04, Base: expr.PayloadBaseNetworkHeader, Offset: 14, Len: 4},
		lookup(set),
	}
}

func arpTargetIn(set string) []expr.Any {
	return []expr.Any{load(expr.PayloadBaseNetworkHeader, 24, 4), lookup(set)}
}

func ipSourceIn(set string) []expr.Any {
	return []expr.Any{load(expr.PayloadBaseNetworkHeader, 12, 4), lookup(set)}
}

func ipDestinationIn(set string) []expr.Any {
	return []expr.Any{load(expr.PayloadBaseNetworkHeader, 16, 4), lookup(set)}
}

// ipWhole matches packets that are no fragment: neither "more fragments" nor an offset (RFC 791).
func ipWhole() []expr.Any {
	return []expr.Any{
		load(expr.PayloadBaseNetworkHeader, 6, 2),
		&expr.Bitwise{SourceRegister: reg, DestRegister: reg, Len: 2, Mask: []byte{0x3f, 0xff}, Xor: []byte{0, 0}},
		equal(0, 0),
	}
}

func protocol(number byte) []expr.Any {
	return []expr.Any{meta(expr.MetaKeyL4PROTO), equal(number)}
}

func udpPorts(source, destination uint16) []expr.Any {
	ports := binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, source), destination)
	return append(protocol(unix.IPPROTO_UDP), load(expr.PayloadBaseTransportHeader, 0, 4), equal(ports...))
}

func sourcePort(port uint16) []expr.Any {
	return []expr.Any{load(expr.PayloadBaseTransportHeader, 0, 2), equal(byte(port>>8), byte(port))}
}

func destinationPort(port uint16) []expr.Any {
	return []expr.Any{load(expr.PayloadBaseTransportHeader, 2, 2), equal(byte(port>>8), byte(port))}
}

// notToHost matches broadcast and multicast frames (and those of others, in promiscuous mode).
func notToHost() []expr.Any {
	return []expr.Any{
		meta(expr.MetaKeyPKTTYPE),
		&expr.Cmp{Op: expr.CmpOpNeq, Register: reg, Data: []byte{unix.PACKET_HOST}},
	}
}

// metaIn loads a meta key and looks it up in an anonymous set.
func metaIn(key expr.MetaKey, id uint32) []expr.Any {
	return []expr.Any{meta(key), anonymous(id)}
}

func destinationPortIn(id uint32) []expr.Any {
	return []expr.Any{load(expr.PayloadBaseTransportHeader, 2, 2), anonymous(id)}
}

func anonymous(id uint32) *expr.Lookup {
	return &expr.Lookup{SourceRegister: reg, SetName: "__set%d", SetID: id}
}

// perSource lets through what stays within the rate for each source MAC; the set keeps a bucket for each.
func perSource(set string, perSecond uint32) []expr.Any {
	return []expr.Any{
		load(expr.PayloadBaseLLHeader, 6, 6),
		&expr.Dynset{
			SrcRegKey: reg, SetName: set, Operation: uint32(unix.NFT_DYNSET_OP_UPDATE),
			Exprs: []expr.Any{limit(perSecond)},
		},
	}
}

// limit is a token bucket that holds what one second may bring.
func limit(perSecond uint32) *expr.Limit {
	return &expr.Limit{Type: expr.LimitTypePkts, Rate: uint64(perSecond), Unit: expr.LimitTimeSecond, Burst: perSecond}
}

func within(perSecond uint32) []expr.Any {
	return []expr.Any{limit(perSecond)}
}

func logTo(group uint16, snaplen uint32, threshold uint16) []expr.Any {
	return []expr.Any{&expr.Log{
		Key:   1<<unix.NFTA_LOG_GROUP | 1<<unix.NFTA_LOG_SNAPLEN | 1<<unix.NFTA_LOG_QTHRESHOLD,
		Group: group, Snaplen: snaplen, QThreshold: threshold,
	}}
}

// logAs is logTo at once, with a prefix that says why.
func logAs(group uint16, prefix string) []expr.Any {
	words := logTo(group, packetSnaplen, 1)
	l := words[0].(*expr.Log)
	l.Key |= 1 << unix.NFTA_LOG_PREFIX
	l.Data = []byte(prefix)
	return words
}

func count(name string) []expr.Any {
	return []expr.Any{&expr.Objref{Type: int(nftables.ObjTypeCounter), Name: name}}
}

func verdict(kind expr.VerdictKind) []expr.Any {
	return []expr.Any{&expr.Verdict{Kind: kind}}
}

func drop() []expr.Any  { return verdict(expr.VerdictDrop) }
func leave() []expr.Any { return verdict(expr.VerdictReturn) }

func goTo(name string) []expr.Any {
	return []expr.Any{&expr.Verdict{Kind: expr.VerdictGoto, Chain: name}}
}

func jumpTo(name string) []expr.Any {
	return []expr.Any{&expr.Verdict{Kind: expr.VerdictJump, Chain: name}}
}

// not turns the last of words round, a lookup or a comparison with one value.
func not(words []expr.Any) []expr.Any {
	switch last := words[len(words)-1].(type) {
	case *expr.Lookup:
		last.Invert = true
	case *expr.Cmp:
		last.Op = expr.CmpOpNeq
	}
	return words
}

// interfaceKey is a name as the kernel compares it: IFNAMSIZ bytes, filled up with zeros.
func interfaceKey(name string) []byte {
	key := make([]byte, unix.IFNAMSIZ)
	copy(key, name)
	return key
}

// names is a set of interfaces.
func names(name, comment string, interfaces []string) set {
	s := set{spec: nftables.Set{
		Name: name, Comment: comment, KeyType: nftables.TypeIFName, KeyByteOrder: binaryutil.NativeEndian,
	}}
	for _, i := range interfaces {
		s.elements = append(s.elements, nftables.SetElement{Key: interfaceKey(i)})
	}
	return s
}

// addresses is a set of addresses of one family.
func addresses(name, comment string, typ nftables.SetDatatype, addrs []netip.Addr) set {
	s := set{spec: nftables.Set{
		Name: name, Comment: comment, KeyType: typ, KeyByteOrder: binaryutil.BigEndian,
	}}
	for _, a := range addrs {
		s.elements = append(s.elements, nftables.SetElement{Key: a.AsSlice()})
	}
	return s
}

// fromEthernet matches interfaces whose frames have a MAC where Ethernet has it.
func fromEthernet() []expr.Any {
	return []expr.Any{
		meta(expr.MetaKeyIIFTYPE),
		equal(binaryutil.NativeEndian.PutUint16(unix.ARPHRD_ETHER)...),
	}
}

func nfprotoIPv4() []expr.Any {
	return []expr.Any{meta(expr.MetaKeyNFPROTO), equal(unix.NFPROTO_IPV4)}
}

// anonymousSet is a set in braces within one rule.
func anonymousSet(id uint32, typ nftables.SetDatatype, keys ...[]byte) set {
	s := set{spec: nftables.Set{ID: id, Name: "__set%d", Anonymous: true, Constant: true, KeyType: typ}}
	for _, k := range keys {
		s.elements = append(s.elements, nftables.SetElement{Key: k})
	}
	return s
}

// toEthernet is fromEthernet for packets that leave.
func toEthernet() []expr.Any {
	words := fromEthernet()
	words[0] = meta(expr.MetaKeyOIFTYPE)
	return words
}
