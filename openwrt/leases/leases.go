// Package leases reads who has which address from the lease files of the router's DHCP servers, dnsmasq and odhcpd.
package leases

import (
	"net/netip"
	"time"
)

// Lease is an address that a server has lent.
type Lease struct {
	MAC     [6]byte // zero for DHCPv6 leases, which carry no MAC
	Addr    netip.Addr
	Name    string    // as the client said it, cleaned, at most 64 characters; "" where it said none
	Expires time.Time // UTC; zero: never
}
