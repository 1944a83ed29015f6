package firewall

import (
	"encoding/binary"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// Where conntrack counts, capture needs each connection's first packet only, and those in which a client says
// which server it means. Packets are counted in both directions, so that a server's answers come in between.
const (
	firstPacket = 2 // below it: the first of a connection
	// helloTCP takes the three packets of the handshake, a hello of two segments, and acknowledgements.
	helloTCP = 9
	// helloSnaplen takes a hello with a post-quantum key share whole (1.6 to 2 kB) also where the driver has put the
	// segments together again (GRO).
	helloSnaplen = 4096
	helloUDP     = 6 // QUIC's hello is in the first two or three datagrams (RFC 9001 section 4)
)

// helloPorts are those on which clients name their server in clear: HTTP, TLS and what is like them.
var helloPorts = []uint16{80, 443, 853, 8080, 8443, 8883}

// addFirst adds the chains that log the packets that firstRules choose.
func (t *table) addFirst(l Log) {
	t.counters = append(t.counters, counterPackets)
	ports := anonymousSet(idHellos, nftables.TypeInetService)
	for _, p := range helloPorts {
		ports.elements = append(ports.elements, nftables.SetElement{Key: binary.BigEndian.AppendUint16(nil, p)})
	}
	t.addSet(ports)
	t.addChain(chainFirst, nil, logRules(l.Group, helloSnaplen, packetThreshold, l.rate(), counterPackets)...)
}

func firstRules() []rule {
	return []rule{
		say("the first packet of each connection", sentPackets(firstPacket), goTo(chainFirst)),
		say("what follows from the other side", fromReplier(), leave()),
		say("names of servers", protocol(unix.IPPROTO_TCP), destinationPortIn(idHellos), sentPackets(helloTCP), goTo(chainFirst)),
		say("names of servers, by QUIC", protocol(unix.IPPROTO_UDP), destinationPort(443), sentPackets(helloUDP), goTo(chainFirst)),
	}
}

// underWay lets go of nearly all that a router forwards, before anything else is asked of it: a long connection has
// told its names. DNS is looked at for ever; DHCP is not forwarded. Of a packet of 7 µs this one rule takes a
// fortieth, and all the others would take a tenth (2026-11, with retpolines).
func underWay() rule {
	return say("under way", atLeastSent(helloTCP), not(sourcePort(53)), not(destinationPort(53)), leave())
}

// sentPackets matches while the packet's connection has had fewer packets than n, this one among them. It never does
// where nf_conntrack_acct is 0.
func sentPackets(n uint64) []expr.Any { return comparePackets(expr.CmpOpLt, n) }

// atLeastSent matches once it has had so many.
func atLeastSent(n uint64) []expr.Any { return comparePackets(expr.CmpOpGte, n) }

func comparePackets(op expr.CmpOp, n uint64) []expr.Any {
	return []expr.Any{
		&expr.Ct{Key: expr.CtKeyPKTS, Register: reg},
		&expr.Byteorder{SourceRegister: reg, DestRegister: reg, Op: expr.ByteorderHton, Len: 8, Size: 8},
		&expr.Cmp{Op: op, Register: reg, Data: binary.BigEndian.AppendUint64(nil, n)},
	}
}

// fromReplier matches packets from whom the connection was opened to.
func fromReplier() []expr.Any {
	return []expr.Any{&expr.Ct{Key: expr.CtKeyDIRECTION, Register: reg}, equal(1)}
}
