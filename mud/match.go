package mud

import (
	"slices"
	"sort"
)

// matcher reads the matches of one entry.
type matcher struct {
	*reader
	Match
	dir    Direction
	family Family
	drop   bool
	void   bool            // something in it was not understood
	held   string          // why it waits for the owner
	names  map[string]bool // domain names in it
}

// miss remarks a node that is not understood, and what becomes of the entry.
func (m *matcher) miss(n *node, format string, args ...any) {
	m.void = true
	if m.drop {
		format += ": this drop is applied without it"
	} else {
		format += ": the entry is left out"
	}
	m.say(Warning, n, format, args...)
}

// hold makes the entry wait for the owner's word.
func (m *matcher) hold(n *node, why string) {
	if !m.drop {
		m.held = why
		m.say(Hold, n, "%s: in force only if you agree", why)
	}
}

func (m *matcher) matches(n *node) {
	m.Protocol = AnyProtocol
	if n == nil {
		m.check(n, object{})
		return
	}
	o, ok := m.object(n, moduleACL)
	if !ok {
		m.miss(n, "this must be an object")
		return
	}
	// The order of members says nothing, but what icmp means depends on the IP header.
	for _, header := range []string{"ipv4", "ipv6"} {
		if ip := o.at[header]; ip != nil {
			m.container(ip, header)
		}
	}
	for _, inner := range o.inner {
		if name := bare(inner.key, o.modules); name != "ipv4" && name != "ipv6" {
			m.container(inner, name)
		}
	}
	m.check(n, o)
}

// container reads one of the containers that RFC 8520 assumes (RFC 8520 2, 4 and 8).
func (m *matcher) container(n *node, name string) {
	switch name {
	case "ipv4":
		m.ip(n, name, IPv4)
	case "ipv6":
		m.ip(n, name, IPv6)
	case "tcp":
		m.transport(n, name, TCP)
	case "udp":
		m.transport(n, name, UDP)
	case "icmp":
		m.icmp(n)
	case "ietf-mud:mud":
		m.mud(n)
	default:
		m.miss(n, "MUD has no match of this name")
	}
}

// check looks at the matches together.
func (m *matcher) check(n *node, o object) {
	transports := 0
	for _, name := range []string{"tcp", "udp", "icmp"} {
		if o.at[name] != nil {
			transports++
		}
	}
	if transports > 1 || o.at["ipv4"] != nil && o.at["ipv6"] != nil {
		m.miss(n, "a packet has one IP header and one of TCP, UDP and ICMP")
	}
	if m.Protocol == ICMP && m.family == IPv6 || m.Protocol == ICMPv6 && m.family == IPv4 {
		m.miss(n, "protocol %d does not go with the family of the ACL", m.Protocol)
	}
	switch m.Protocol {
	case ICMP:
		m.family = IPv4
	case ICMPv6:
		m.family = IPv6
	}
	// A class and then the part of it, whatever the order of the members was.
	sort.SliceStable(m.Remote, func(i, j int) bool { return rank(m.Remote[i]) < rank(m.Remote[j]) })
	m.caution(n)
}

func rank(e Endpoint) int {
	if e.Kind == Prefix {
		return 1
	}
	return 0
}

// caution holds what the owner should agree to: everything, and addresses that only the maker knows the sense of.
func (m *matcher) caution(n *node) {
	if m.void || m.drop {
		return
	}
	if len(m.Remote) == 0 {
		m.hold(n, "it names no party, so all the world is allowed")
	}
	for _, e := range m.Remote {
		switch {
		case e.Kind == Prefix && e.Prefix.Bits() == 0:
			m.hold(n, "it allows every address")
		case e.Kind == Prefix && !isGroup(e.Prefix):
			m.hold(n, "it names addresses, which may belong to somebody else by now")
		case e.Kind == Controller && e.Name == ClassGateway && !m.isService():
			m.hold(n, "it opens the router itself, beyond DNS, DHCP and time")
		}
	}
}

// isService says whether the match is of a service that every router has for its home.
func (m *matcher) isService() bool {
	port := m.RemotePort
	services := []uint16{53, 67, 123, 547}
	if m.Protocol == TCP {
		services = services[:1]
	}
	return (m.Protocol == UDP || m.Protocol == TCP) && port.Set && !port.Not && port.Low == port.High &&
		slices.Contains(services, port.Low)
}

// protocol sets the protocol; one that contradicts another is not understood.
func (m *matcher) protocol(n *node, p Protocol) {
	if m.Protocol != AnyProtocol && m.Protocol != p {
		m.miss(n, "protocols %d and %d contradict each other", m.Protocol, p)
		return
	}
	m.Protocol = p
}
