// Package neigh follows the kernel's links, addresses, default routes, neighbours and bridge ports through rtnetlink.
package neigh

import (
	"bytes"
	"cmp"
	"net/netip"
	"slices"
	"sort"
)

// The most of each kind that a Snapshot holds. The kernel keeps 1024 neighbours a family unless told otherwise
// (gc_thresh3), so only a router under attack, or one that is no home's, comes near.
const (
	maxLinks      = 1024
	maxAddrs      = 4096
	maxNeighbours = 4096
	maxDefaults   = 64
)

// Snapshot is the kernel's view at one moment. Each list is in order and without duplicates, so two snapshots of
// the same state are equal.
type Snapshot struct {
	Links      []Link
	Addrs      []Addr
	Neighbours []Neighbour
	Defaults   []Default
	Stations   []Station

	Members []Member // VLANs of the ports of bridges

	// Moves are the latest moves of stations, oldest first, at most 256. One stays for some snapshots, so that who
	// misses a snapshot misses no move: tell new ones by Seq. Read, which looks only once, gives none.
	Moves []Move

	// MissedNotices counts how often the kernel had more notices than there was room for. What a Snapshot says is
	// right all the same, but for moves: a MAC may have moved and moved back unseen.
	MissedNotices uint64

	// Skipped counts what the kernel told beyond the bounds of the lists.
	Skipped int

	database database // of a dump that is not complete yet
}

// Link is one network interface.
type Link struct {
	Index  int32
	Name   string
	MAC    [6]byte
	Master int32  // index of the bridge that it is a port of, 0 for none
	Kind   string // "bridge", "veth", "vlan" … as rtnetlink's IFLA_INFO_KIND, "" for hardware
	Up     bool

	VLAN    uint16 // number of a VLAN, 0 for what is none
	Parent  int32  // index of the interface that a VLAN is part of
	Filters bool   // a bridge that keeps VLANs apart
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

// Default is one default route of the main table.
type Default struct {
	Index   int32
	Gateway netip.Addr // not valid on point-to-point links
}

// equal reports whether both snapshots say the same.
func (s Snapshot) equal(other Snapshot) bool {
	return slices.Equal(s.Links, other.Links) && slices.Equal(s.Addrs, other.Addrs) &&
		slices.Equal(s.Neighbours, other.Neighbours) && slices.Equal(s.Defaults, other.Defaults) &&
		slices.Equal(s.Stations, other.Stations) && slices.Equal(s.Moves, other.Moves) && slices.Equal(s.Members, other.Members) &&
		s.MissedNotices == other.MissedNotices && s.Skipped == other.Skipped
}

// sort puts the lists into one order, whatever order the kernel told them in.
func (s *Snapshot) sort() {
	sort.Slice(s.Links, func(i, j int) bool { return s.Links[i].Index < s.Links[j].Index })
	sort.Slice(s.Addrs, func(i, j int) bool {
		a, b := &s.Addrs[i], &s.Addrs[j]
		return cmp.Or(cmp.Compare(a.Index, b.Index), a.Prefix.Addr().Compare(b.Prefix.Addr()),
			cmp.Compare(a.Prefix.Bits(), b.Prefix.Bits())) < 0
	})
	sort.Slice(s.Neighbours, func(i, j int) bool {
		a, b := &s.Neighbours[i], &s.Neighbours[j]
		return cmp.Or(cmp.Compare(a.Index, b.Index), a.Addr.Compare(b.Addr), bytes.Compare(a.MAC[:], b.MAC[:])) < 0
	})
	sort.Slice(s.Defaults, func(i, j int) bool {
		a, b := &s.Defaults[i], &s.Defaults[j]
		return cmp.Or(cmp.Compare(a.Index, b.Index), a.Gateway.Compare(b.Gateway)) < 0
	})
	sort.Slice(s.Stations, func(i, j int) bool { return compareStations(s.Stations[i], s.Stations[j]) < 0 })
	sort.Slice(s.Members, func(i, j int) bool {
		a, b := s.Members[i], s.Members[j]
		return cmp.Or(cmp.Compare(a.Port, b.Port), cmp.Compare(a.First, b.First), cmp.Compare(a.Last, b.Last)) < 0
	})
	s.Links = slices.CompactFunc(s.Links, func(a, b Link) bool { return a.Index == b.Index })
	s.Addrs = slices.Compact(s.Addrs)
	s.Neighbours = slices.Compact(s.Neighbours)
	s.Defaults = slices.Compact(s.Defaults)
	s.Stations = slices.Compact(s.Stations)
	s.Members = slices.Compact(s.Members)
}
