package capture

import "spinneret/capture/packet"

// ICMP says which type of ICMP or ICMPv6 a device sent in a flow, as far as that is known and was only one.
type ICMP uint16

// severalICMP is an ICMP of more than one type.
const severalICMP ICMP = 1 << 9

// ICMPOf is the ICMP of one type.
func ICMPOf(typ uint8) ICMP { return ICMP(typ) + 1 }

// Type is the type, where there is one.
func (i ICMP) Type() (typ uint8, ok bool) { return uint8(i - 1), i != 0 && i < severalICMP }

// and is the ICMP of a flow in which another type was sent, or the same.
// Neighbours look for each other beside whatever they say (RFC 4861): that counts where there is nothing else.
func (i ICMP) and(typ uint8) ICMP {
	one := ICMPOf(typ)
	switch {
	case i == 0 || i == one || i.isND():
		return one
	case one.isND():
		return i
	}
	return severalICMP
}

// isND reports whether it is neighbour discovery. ICMP itself has no such types.
func (i ICMP) isND() bool {
	typ, ok := i.Type()
	return ok && typ >= 133 && typ <= 137
}

// IsICMP reports whether a protocol is ICMP, or ICMPv6.
func (p Protocol) IsICMP() bool { return p == packet.ProtoICMP || p == packet.ProtoICMPv6 }
