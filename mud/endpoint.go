package mud

import (
	"net/netip"
	"strings"
)

// Kind is what an endpoint is named by.
type Kind string

// The kinds of endpoints (RFC 8520 3.1, 4 and 8).
const (
	Name             Kind = "name"              // a domain name, with "*." before it for all names below
	Prefix           Kind = "prefix"            // addresses
	LocalNetworks    Kind = "local-networks"    // what is not reached by the default route, multicast and broadcast there too
	Controller       Kind = "controller"        // a class that the owner fills, such as urn:ietf:params:mud:dns
	MyController     Kind = "my-controller"     // what the owner assigned for this MUD URL
	Manufacturer     Kind = "manufacturer"      // devices whose MUD URL has this host
	SameManufacturer Kind = "same-manufacturer" // devices whose MUD URL has the same authority, itself not among them
	Model            Kind = "model"             // devices with exactly this MUD URL
)

// Classes of controllers. DNS and NTP are registered; the gateway is an invention of a tool that made most public files.
const (
	ClassDNS     = "urn:ietf:params:mud:dns"
	ClassNTP     = "urn:ietf:params:mud:ntp"
	ClassGateway = "urn:ietf:params:mud:gateway"
)

// Endpoint is a party. A kind without members matches nothing, never everything.
type Endpoint struct {
	Kind   Kind
	Name   string       // of Name, Controller, Manufacturer (a host), Model (a canonical URL)
	Prefix netip.Prefix // of Prefix
}

// MarshalText writes the endpoint for keeping it, as its kind and what it is named by.
func (e Endpoint) MarshalText() ([]byte, error) {
	if e.Kind == Prefix {
		return []byte(string(e.Kind) + " " + e.Prefix.String()), nil
	}
	return []byte(string(e.Kind) + " " + e.Name), nil
}

// UnmarshalText reads what MarshalText wrote.
func (e *Endpoint) UnmarshalText(text []byte) (err error) {
	kind, name, _ := strings.Cut(string(text), " ")
	*e = Endpoint{Kind: Kind(kind)}
	if e.Kind != Prefix {
		e.Name = name
		return nil
	}
	e.Prefix, err = netip.ParsePrefix(name)
	return err
}
