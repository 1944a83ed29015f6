// Package firewall holds the tables inet spinneret and bridge spinneret in the state that it is told: the
// whole desired state goes in, one nftables transaction comes out.
package firewall

import (
	"net/netip"
	"time"
)

// Level is how much of a device's traffic is stopped.
type Level string

// The levels of DESIGN section 5.
const (
	Full     Level = "full"
	Internet Level = "internet"
	Flow     Level = "flow"
)

// State is all that the kernel is to hold for us. The zero State means no tables at all.
type State struct {
	LAN         []LAN
	WAN         []string // interface names
	Log         Log
	Quarantines []Quarantine
}

// LAN is one interface of the home: a bridge with its ports, or a plain interface without.
type LAN struct {
	Name   string
	Ports  []string       // of a bridge; empty for a plain interface
	Router []netip.Prefix // the router's own addresses on it
}

// Log says what capture wants to see, and where. Groups are nflog groups; 0 turns the rule off.
type Log struct {
	Group    uint16 // packets, cut to a snaplen
	DNSGroup uint16 // DNS and DHCP, whole, each at once
	Rate     uint32 // packets a second; what is skipped is counted
}

// Quarantine is one reason why one device is cut off.
type Quarantine struct {
	ID    string
	MAC   [6]byte
	Level Level
	Until time.Time  // zero: until released
	Lease netip.Addr // the device's own IPv4 lease, not valid where it has none
	// Addresses are all addresses that the device ever used: their conntrack entries go.
	Addresses []netip.Addr
}
