// Package neigh follows the kernel's links, addresses, default routes and neighbours through rtnetlink.
package neigh

import "net/netip"

// Snapshot is the kernel's view at one moment.
type Snapshot struct {
	Links      []Link
	Addrs      []Addr
	Neighbours []Neighbour
	Defaults   []Default
}

// Link is one network interface.
type Link struct {
	Index  int32
	Name   string
	MAC    [6]byte
	Master int32  // index of the bridge that it is a port of, 0 for none
	Kind   string // "bridge", "veth", "vlan" … as rtnetlink's IFLA_INFO_KIND, "" for hardware
	Up     bool
}

// Addr is one address of the router itself.
type Addr struct {
	Index  int32
	Prefix netip.Prefix // the address with its prefix length
}

// Neighbour is one resolved entry of the neighbour table (ARP or ND).
type Neighbour struct {
	Index int32
	Addr  netip.Addr
	MAC   [6]byte
}

// Default is one default route.
type Default struct {
	Index   int32
	Gateway netip.Addr // not valid on point-to-point links
}
