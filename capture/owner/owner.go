// Package owner tells which party stands behind an endpoint, and how that is known; it never guesses silently.
package owner

import (
	"net/netip"

	"golang.org/x/net/publicsuffix"
)

// Source says how an owner is known.
type Source string

// The sources of the contract that this package can give.
const (
	Domain  Source = "domain"  // the registrable domain of the endpoint's name
	Address Source = "address" // nothing is known but the address
)

// Of gives the party behind an endpoint: the registrable domain of its name (public suffix plus one label), or
// its address where it has no name that could be registered.
func Of(name string, addr netip.Addr) (owner string, source Source) {
	if name != "" {
		if domain, err := publicsuffix.EffectiveTLDPlusOne(name); err == nil {
			return domain, Domain
		}
	}
	return addr.String(), Address
}
