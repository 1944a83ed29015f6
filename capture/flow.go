package capture

import (
	"net/netip"
	"time"

	"spinneret/capture/packet"
)

// Scope says where the far end of a flow is.
type Scope uint8

// The scopes of the contract's section 4.
const (
	ScopeInternet Scope = iota
	ScopeRouter
	ScopeLAN
)

// MACSource says how the device of a flow is known.
type MACSource uint8

const (
	MACNone      MACSource = iota // the link type has no MACs, or nobody sent from the address yet
	MACFrame                      // the sender's MAC of a frame of this flow
	MACAddress                    // the last MAC that sent from the flow's home address
	MACNeighbour                  // the kernel's neighbour table
)

// Flow is one conversation as conntrack sees it, from its device's side (the contract's section 1).
type Flow struct {
	Device     packet.MAC // zero where not known
	DeviceAddr netip.Addr // not valid for frames without IP
	Remote     netip.Addr // not valid for frames without IP
	Protocol   Protocol
	DevicePort uint16 // 0 in protocols without ports
	RemotePort uint16
	ICMP       ICMP // zero in other protocols

	Peer      packet.MAC // the other device of a LAN flow, zero where there is none
	DeviceMAC MACSource
	Scope     Scope
	Out       bool   // the device began
	Port      uint16 // destination port of the first packet

	RxBytes, TxBytes     uint64 // rx is towards the device
	RxPackets, TxPackets uint64
	First, Last          time.Time
	Ended                bool // FIN in both directions or RST was seen, or conntrack says so

	// Outside is the address and port by which the remote knows the device: the router's own with NAT. Not
	// valid without conntrack, and between two devices.
	Outside   netip.AddrPort
	Estimated bool // more packets may have passed than were counted

	// Refused says that nothing passed: what is counted is a sample of what the device tried. Asked is the name that it
	// asked DNS for then. No Table has such flows.
	Refused bool
	Asked   string
}

// Protocol is an IP protocol number, or an EtherType with NoIP set for frames that carry no IP.
type Protocol uint32

// NoIP marks a Protocol that is an EtherType.
const NoIP Protocol = 1 << 16

// Device is what the table knows of one MAC.
type Device struct {
	MAC                  packet.MAC
	Addresses            []netip.Addr // most recent first, bounded
	First, Last          time.Time    // heard from
	RxBytes, TxBytes     uint64
	RxPackets, TxPackets uint64
}

// Store is how full one bounded store is; every store of the program reports one.
type Store struct {
	Name        string
	Used, Limit int
	Evicted     uint64
}

// Loss is what one input of the program could not deliver.
type Loss struct {
	Where string
	Lost  uint64
}
