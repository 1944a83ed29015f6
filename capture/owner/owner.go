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
	Service Source = "service" // the name lies under a domain of a well-known party
	Domain  Source = "domain"  // the registrable domain of the endpoint's name
	Address Source = "address" // nothing is known but the address
)

// Of gives the party behind an endpoint: a well-known service, the registrable domain of its name (public suffix
// plus one label), or its address where it has no name that could be registered. The name is in lower case,
// without the root's dot.
func Of(name string, addr netip.Addr) (owner string, source Source) {
	if name != "" {
		if s, ok := service(name); ok {
			return s, Service
		}
		if domain, err := publicsuffix.EffectiveTLDPlusOne(name); err == nil {
			return domain, Domain
		}
	}
	return addr.String(), Address
}
