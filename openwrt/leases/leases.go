// Package leases reads who has which address from the DHCP server's lease file.
package leases

import (
	"net/netip"
	"time"
)

// Lease is one line of dnsmasq's lease file.
type Lease struct {
	MAC     [6]byte // zero for DHCPv6 leases, which carry no MAC
	Addr    netip.Addr
	Name    string    // as the client said it, cleaned, at most 64 characters; "" where it said none
	Expires time.Time // UTC; zero: never
}
