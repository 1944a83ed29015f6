package capture

import (
	"time"

	"spinneret/capture/packet"
)

// record is one flow in the table: no pointers, so that the collector never looks at the flows. With its share
// of the indexes a flow costs about 175 bytes (16,384 of them 2.9 MB): see TestMemoryPerFlow.
type record struct {
	key   key
	peer  packet.MAC // of the frames' other end, whoever it is
	port  uint16
	near  int32 // slot of the device
	other int32 // slot that the peer had when the flow began, nobody where it is no device

	older, newer int32 // neighbours in the device's list, least recently used at its tail; none at the ends

	state  state
	scope  Scope
	source MACSource
	far    kind
	icmp   ICMP // that the device sent

	outside outer // where the far end knows the device by another address

	txBytes, rxBytes     uint64
	txPackets, rxPackets uint64
	first, last, moved   int64 // nanoseconds since 1970; moved is when the record last went to its list's head
}

// none is the end of a list.
const none = -1

// state is what is known of a flow's course.
type state uint16

const (
	live  state = 1 << iota // the record is in use
	began                   // by the device
	finNear
	finFar
	ended
	guessed   // whose it is, from the address: no frame was seen
	estimated // some of its packets were not counted
	bridged   // the bridge's counters tell its bytes
	elsewhere // conntrack or packets do
)

// TCP flags (RFC 9293 section 3.1).
const (
	tcpFIN = 1 << iota
	tcpSYN
	tcpRST
	_
	tcpACK
)

// track follows a TCP conversation to its end. The sequence numbers are not checked: an end that was forged by
// somebody else is put right by the next SYN, and counts go on either way.
func (r *record) track(flags uint8, sent bool) {
	switch {
	case flags&tcpRST != 0:
		r.state |= ended
	case flags&(tcpSYN|tcpACK) == tcpSYN:
		r.state &^= ended | finNear | finFar
	case flags&tcpFIN != 0:
		if sent {
			r.state |= finNear
		} else {
			r.state |= finFar
		}
		if r.state&(finNear|finFar) == finNear|finFar {
			r.state |= ended
		}
	}
}

// flow writes the record as the outside sees it.
func (r *record) flow() Flow {
	f := Flow{
		Device: r.key.mac, DeviceAddr: r.key.addr(r.key.near), Remote: r.key.addr(r.key.far),
		Protocol: r.key.protocol(), DeviceMAC: r.source, Scope: r.scope,
		Out: r.state&began != 0, Port: r.port,
		RxBytes: r.rxBytes, TxBytes: r.txBytes, RxPackets: r.rxPackets, TxPackets: r.txPackets,
		First: time.Unix(0, r.first).UTC(), Last: time.Unix(0, r.last).UTC(),
		ICMP: r.icmp, Ended: r.state&ended != 0, Estimated: r.state&estimated != 0, Outside: r.outside.addrPort(),
	}
	if r.scope == ScopeLAN {
		f.Peer = r.device()
	}
	if r.key.family != familyNone {
		f.DevicePort, f.RemotePort = r.key.nearPort, r.key.farPort
	}
	return f
}

// hidden reports whether nobody should see the flow yet. Conntrack does not tell where a link-local address is:
// until a device of the home has it, it may as well be the provider's.
func (r *record) hidden() bool {
	return r.near == nobody && r.state&guessed != 0 && r.key.addr(r.key.near).IsLinkLocalUnicast()
}

// device is the device at the other end, zero where there is none.
func (r *record) device() packet.MAC {
	if r.far != station {
		return packet.MAC{}
	}
	return r.peer
}

// sourceBegan guesses from the first packet seen which side began. A SYN or its answer tells; in a TCP
// conversation that was already going on, a port below 1024 facing one above is the server's (RFC 6335
// section 6); everything else is taken as the first packet, and its sender began.
func (s *sighting) sourceBegan() bool {
	if s.p.Proto != packet.ProtoTCP || !s.p.IsIP() {
		return true
	}
	switch s.p.TCPFlags & (tcpSYN | tcpACK) {
	case tcpSYN:
		return true
	case tcpSYN | tcpACK:
		return false
	}
	const firstUser = 1024
	return s.srcPort >= firstUser || s.dstPort < firstUser
}
