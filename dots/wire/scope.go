package wire

import (
	"net/netip"
	"slices"
)

// PortRange is ports from Lower to Upper, both included (RFC 9132 section 4.4.1.1).
type PortRange struct{ Lower, Upper uint16 }

// TypeRange is ICMP types from Lower to Upper, both included (RFC 9066 section 5.3.1).
type TypeRange struct{ Lower, Upper uint8 }

// Scope is what a request is about: traffic from Sources to Targets. Empty lists of ports, protocols or types mean any.
type Scope struct {
	Targets     []netip.Prefix
	TargetPorts []PortRange
	Protocols   []uint8  // IANA numbers
	FQDNs, URIs []string // for the administrator to read; they are never resolved
	Sources     []netip.Prefix
	SourcePorts []PortRange
	SourceICMP  []TypeRange
}

// Indefinite is the lifetime that has no end (RFC 9132 section 4.4.1.1).
const Indefinite = -1

// AttackStatus is what the client says of how well it went (RFC 9132 section 4.4.3, key 29).
type AttackStatus uint8

// The registered values; zero where it was not said.
const (
	UnderAttack    AttackStatus = 1
	AttackMitigate AttackStatus = 2
)

// Request is the body of a PUT for a mitigation.
type Request struct {
	Scope
	Lifetime int64 // seconds, or Indefinite
	Efficacy AttackStatus
}

// Equal reports whether two scopes ask for the same, in whatever order.
func (s Scope) Equal(o Scope) bool {
	return sameSet(s.Targets, o.Targets) && sameSet(s.TargetPorts, o.TargetPorts) && sameSet(s.Protocols, o.Protocols) &&
		sameSet(s.FQDNs, o.FQDNs) && sameSet(s.URIs, o.URIs) && sameSet(s.Sources, o.Sources) &&
		sameSet(s.SourcePorts, o.SourcePorts) && sameSet(s.SourceICMP, o.SourceICMP)
}

func sameSet[T comparable](a, b []T) bool {
	within := func(x, y []T) bool {
		return !slices.ContainsFunc(x, func(v T) bool { return !slices.Contains(y, v) })
	}
	return within(a, b) && within(b, a)
}

// Overlaps reports whether two scopes share traffic: targets and sources both meet. RFC 9132 section 4.4.1.3 compares
// targets alone, by which the second of two infected devices behind one victim would take the place of the first;
// RFC 9066 says nothing of it. Behind NAT the source ports are what tells the devices apart.
func (s Scope) Overlaps(o Scope) bool {
	return len(shared(s.Targets, o.Targets)) > 0 && len(shared(s.Sources, o.Sources)) > 0 && portsMeet(s.SourcePorts, o.SourcePorts)
}

// shared lists the narrower of each pair of prefixes that have addresses in common.
func shared(a, b []netip.Prefix) (list []netip.Prefix) {
	for _, p := range a {
		for _, q := range b {
			narrow := p
			if q.Bits() > p.Bits() {
				narrow = q
			}
			if p.Overlaps(q) && !slices.Contains(list, narrow) {
				list = append(list, narrow)
			}
		}
	}
	return list
}

// met lists those of own that have addresses in common with others.
func met(own, others []netip.Prefix) (list []netip.Prefix) {
	for _, p := range own {
		if slices.ContainsFunc(others, p.Overlaps) {
			list = append(list, p)
		}
	}
	return list
}

// portsMeet takes no list for every port.
func portsMeet(a, b []PortRange) bool {
	if len(a) == 0 || len(b) == 0 {
		return true
	}
	return slices.ContainsFunc(a, func(p PortRange) bool {
		return slices.ContainsFunc(b, func(q PortRange) bool { return p.Lower <= q.Upper && q.Lower <= p.Upper })
	})
}
