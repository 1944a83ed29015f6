package capture

import (
	"net/netip"

	"spinneret/capture/packet"
)

// Home says which interfaces, addresses and MACs are the home's (the contract's section 2). It is never changed
// after it was handed to a Table: hand over a new one.
type Home struct {
	// LANInterfaces are the kernel indexes of the LAN interfaces. Empty means that the packets carry no
	// interface (a pcap): then every frame is taken as seen on the LAN.
	LANInterfaces []int32

	// LAN holds the prefixes of the home. Link-local, multicast and broadcast addresses are the home's
	// without being listed.
	LAN []netip.Prefix

	RouterMACs  []packet.MAC // never devices
	RouterAddrs []netip.Addr // scope "router"

	// Neighbours gives a MAC for an address that was not seen sending yet: the kernel's neighbour table.
	Neighbours map[netip.Addr]packet.MAC
}
