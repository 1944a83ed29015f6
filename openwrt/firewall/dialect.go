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
	if t.family == nftables.TableFamilyNetdev {
		return append(toEthernet(), etherDestinationIn(set)...)
	}
	return etherDestinationIn(set)
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

func (t *table) arp(op uint16) []expr.Any {
	return append(t.fromEthernet(), arpOperation(op)...)
}
