package target

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"spinneret/dots/wire"
)

// maxList bounds the targets and the sources of one request: it has to fit one datagram (RFC 9132 section 7.3).
const maxList = 16

// axis collects the distinct values of one attribute; a nil value means any.
type axis[T comparable] struct {
	values []T
	any    bool
}

func (a *axis[T]) add(v *T) {
	switch {
	case v == nil:
		a.any = true
	case !slices.Contains(a.values, *v):
		a.values = append(a.values, *v)
	}
}

// size is how many values the attribute has, any being one.
func (a axis[T]) size() int { return max(len(a.values), 1) }

func (a axis[T]) mixed() bool { return a.any && len(a.values) > 0 }

// Scope is the scope of one request for these targets and sources. A scope on the wire is a list of prefixes, one of
// ports and one of protocols, and means each with each: texts that mean less than that are refused.
func Scope(targets, sources []string) (s wire.Scope, err error) {
	to, err := parseAll(targets, "target")
	if err != nil {
		return s, err
	}
	from, err := parseAll(sources, "source")
	if err != nil {
		return s, err
	}
	if err := fillTargets(&s, to); err != nil {
		return s, err
	}
	return s, fillSources(&s, from)
}

func parseAll(texts []string, what string) (list []Target, err error) {
	if len(texts) == 0 || len(texts) > maxList {
		return nil, fmt.Errorf("give from one to %d of %s", maxList, what)
	}
	for _, text := range texts {
		t, err := Parse(text)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(list, func(o Target) bool { return o.String() == t.String() }) {
			list = append(list, t)
		}
	}
	return list, nil
}

func fillTargets(s *wire.Scope, list []Target) error {
	var prefixes axis[netip.Prefix]
	var ports axis[wire.PortRange]
	var protocols axis[uint8]
	var types axis[wire.TypeRange]
	for _, t := range list {
		prefixes.add(&t.Prefix)
		ports.add(t.Ports)
		protocols.add(t.Protocol)
		types.add(t.ICMP)
	}
	whole := prefixes.size() * ports.size() * protocols.size() * types.size()
	if ports.mixed() || protocols.mixed() || types.mixed() || whole != len(list) {
		return errors.New("these targets differ in more than one of address, port and protocol: make a request of each")
	}
	s.Targets, s.TargetPorts, s.Protocols, s.SourceICMP = prefixes.values, ports.values, protocols.values, types.values
	return nil
}

func fillSources(s *wire.Scope, list []Target) error {
	var prefixes axis[netip.Prefix]
	var ports axis[wire.PortRange]
	for _, t := range list {
		if t.Protocol != nil {
			return fmt.Errorf("%s: the protocol belongs to the target", t)
		}
		prefixes.add(&t.Prefix)
		ports.add(t.Ports)
	}
	if ports.mixed() || prefixes.size()*ports.size() != len(list) {
		return errors.New("these sources differ in address and port: make a request of each")
	}
	s.Sources, s.SourcePorts = prefixes.values, ports.values
	for _, source := range s.Sources {
		if !slices.ContainsFunc(s.Targets, func(p netip.Prefix) bool { return p.Addr().Is4() == source.Addr().Is4() }) {
			return fmt.Errorf("the source %s is of another family than the targets", source)
		}
	}
	return nil
}
