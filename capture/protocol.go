package capture

import (
	"fmt"
	"strconv"

	"spinneret/capture/packet"
)

// String writes the protocol as the contract has it: "tcp", "udp", "icmp" and "icmpv6", any other IP protocol
// as its number, an EtherType as "0x88cc".
func (p Protocol) String() string {
	switch p {
	case packet.ProtoTCP:
		return "tcp"
	case packet.ProtoUDP:
		return "udp"
	case packet.ProtoICMP:
		return "icmp"
	case packet.ProtoICMPv6:
		return "icmpv6"
	}
	if p&NoIP != 0 {
		return fmt.Sprintf("0x%04x", uint32(p&^NoIP))
	}
	return strconv.Itoa(int(p))
}

// HasPorts reports whether the ports of a flow mean something.
func (p Protocol) HasPorts() bool { return p == packet.ProtoTCP || p == packet.ProtoUDP }
