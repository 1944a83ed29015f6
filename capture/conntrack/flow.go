package conntrack

import "net/netip"

// Flow is a connection from its device's side, as the router forwards it: between the translation of
// destinations and that of sources. That is where nflog sees its packets too.
type Flow struct {
	Device, Remote netip.AddrPort // ports are zero in protocols without
	Protocol       uint8
	ICMP           ICMP // of the first packet; zero but for ICMP and ICMPv6

	// Outside is the address and port by which the remote knows the device: the router's own with NAT, the
	// device's without. Not valid where the remote is a device too.
	Outside netip.AddrPort
	// OutsideICMP is the ID of ICMP outside.
	OutsideICMP uint16

	Out    bool // the device began
	Peer   bool // the remote is a device too; then Device is the one that began
	Tx, Rx Counters
}

// Flow tells the device's side of the connection from the other. inHome reports whether an address is a
// device's: in the LAN, and not the router's own. ok is false for connections of the router itself and those
// that only pass by.
//
// The ends are the two senders: who sends the original direction began, who sends the replies answers, whatever
// address was asked. So one rule holds for plain connections, NAT, port mappings and redirections.
func (e *Entry) Flow(inHome func(netip.Addr) bool) (f Flow, ok bool) {
	initiator := netip.AddrPortFrom(e.Orig.Src, e.Orig.SrcPort)
	responder := netip.AddrPortFrom(e.Reply.Src, e.Reply.SrcPort)
	f = Flow{Protocol: e.Orig.Protocol, ICMP: e.Orig.ICMP}
	switch began, answers := inHome(initiator.Addr()), inHome(responder.Addr()); {
	case began:
		f.Device, f.Remote, f.Out, f.Peer = initiator, responder, true, answers
		f.setOutside(e.Reply.Dst, e.Reply.DstPort, e.Reply.ICMP.ID)
	case answers:
		f.Device, f.Remote = responder, initiator
		f.setOutside(e.Orig.Dst, e.Orig.DstPort, e.Orig.ICMP.ID)
	default:
		return Flow{}, false
	}
	f.Tx, f.Rx = f.Split(e.OrigCounters, e.ReplyCounters)
	return f, true
}

func (f *Flow) setOutside(addr netip.Addr, port, id uint16) {
	if f.Peer {
		return
	}
	f.Outside, f.OutsideICMP = netip.AddrPortFrom(addr, port), id
}

// Split returns counters of the original and the reply direction as what the device sent and received.
func (f *Flow) Split(orig, reply Counters) (tx, rx Counters) {
	if f.Out {
		return orig, reply
	}
	return reply, orig
}
