package firewall

import (
	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// The same word is said a little differently in each family: table bridge knows that it sees Ethernet, the
// others must be told first, and a table that sees IPv4 and IPv6 which of them is meant.

func (t *table) sourceIn(set string) []expr.Any {
	return append(t.fromEthernet(), etherSourceIn(set)...)
}

// destinationIn is for chains where a packet leaves.
func (t *table) destinationIn(set string) []expr.Any {
	return append(t.toEthernet(), etherDestinationIn(set)...)
}

func (t *table) perSource(set string, perSecond uint32) []expr.Any {
	return append(t.fromEthernet(), perSource(set, perSecond)...)
}

func (t *table) fromEthernet() []expr.Any {
	if t.family == nftables.TableFamilyBridge {
		return nil
	}
	return fromEthernet()
}

// ipv4 matches IPv4 packets without a VLAN tag.
func (t *table) ipv4() []expr.Any {
	if t.family == nftables.TableFamilyINet {
		return nfprotoIPv4()
	}
	return append(t.fromEthernet(), etherType(unix.ETH_P_IP)...)
}

// version matches IPv4 or IPv6 packets, also behind the one VLAN tag that the kernel takes off.
func (t *table) version(v6 bool) []expr.Any {
	protocol, number := uint16(unix.ETH_P_IP), byte(unix.NFPROTO_IPV4)
	if v6 {
		protocol, number = unix.ETH_P_IPV6, unix.NFPROTO_IPV6
	}
	if t.family == nftables.TableFamilyINet {
		return []expr.Any{meta(expr.MetaKeyNFPROTO), equal(number)}
	}
	return t.protocolIs(protocol)
}

// protocolIs compares what a frame holds, behind that tag.
func (t *table) protocolIs(number uint16) []expr.Any {
	return []expr.Any{meta(expr.MetaKeyPROTOCOL), equal(byte(number>>8), byte(number))}
}

// toEthernet is fromEthernet for packets that leave.
func (t *table) toEthernet() []expr.Any {
	if t.family == nftables.TableFamilyBridge {
		return nil
	}
	return toEthernet()
}

func (t *table) arp(op uint16) []expr.Any {
	return append(t.fromEthernet(), arpOperation(op)...)
}
