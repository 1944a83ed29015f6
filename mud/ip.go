package mud

import (
	"net/netip"
	"strings"
)

// ip reads an ipv4 or ipv6 container (RFC 8519 4.2, RFC 8520 8).
func (m *matcher) ip(n *node, header string, family Family) {
	if m.family&family == 0 {
		m.miss(n, "%s does not go with the family of the ACL", header)
		return
	}
	m.family = family
	o, ok := m.object(n, moduleACL, moduleDNS)
	if !ok {
		m.miss(n, "this must be an object")
		return
	}
	for _, n := range o.inner {
		switch name := bare(n.key, o.modules); name {
		case "protocol":
			if v, ok := m.number(n, 0, 255); ok {
				m.protocol(n, Protocol(v))
			}
		case "destination-" + header + "-network":
			m.network(n, family, FromDevice)
		case "source-" + header + "-network":
			m.network(n, family, ToDevice)
		case "dst-dnsname":
			m.name(n, family, FromDevice)
		case "src-dnsname":
			m.name(n, family, ToDevice)
		default:
			m.field(n, header, name)
		}
	}
}

// network reads a prefix, which is the remote party's in ACLs of one direction and the device's in the other's.
func (m *matcher) network(n *node, family Family, remoteIn Direction) {
	p, ok := readPrefix(n.text)
	if n.kind != isString || !ok || familyOf(p.Addr()) != family {
		m.miss(n, "this must be a prefix of the ACL's family, like 192.0.2.0/24 or 2001:db8::/32")
		return
	}
	if p != p.Masked() {
		m.say(Note, n, "bits of the host are set: read as %s", p.Masked())
	}
	e := Endpoint{Kind: Prefix, Prefix: p.Masked()}
	if m.dir == remoteIn {
		m.Remote = append(m.Remote, e)
	} else {
		m.Local = append(m.Local, e)
	}
}

// readPrefix takes a bare address for the prefix that holds it alone.
func readPrefix(text string) (netip.Prefix, bool) {
	if a, err := netip.ParseAddr(text); err == nil && a.Zone() == "" {
		return netip.PrefixFrom(a, a.BitLen()), true
	}
	p, err := netip.ParsePrefix(text)
	return p, err == nil
}

func familyOf(a netip.Addr) Family {
	if a.Is4() {
		return IPv4
	}
	return IPv6
}

// isGroup says whether all of p is multicast or the broadcast address, which harm nobody outside the home.
func isGroup(p netip.Prefix) bool {
	a := p.Addr()
	broadcast := a == netip.AddrFrom4([4]byte{255, 255, 255, 255})
	least := 4 // 224.0.0.0/4
	if a.Is6() {
		least = 8 // ff00::/8
	}
	return broadcast || a.IsMulticast() && p.Bits() >= least
}

// name reads a domain name, or an address, which the type inet:host allows too.
func (m *matcher) name(n *node, family Family, dir Direction) {
	if n.kind != isString {
		m.miss(n, "this must be a domain name")
		return
	}
	if m.dir != dir {
		m.miss(n, "a name of the device's own side is not allowed (RFC 8520 8)")
		return
	}
	if a, err := netip.ParseAddr(n.text); err == nil {
		if familyOf(a) != family || a.Zone() != "" {
			m.miss(n, "this address does not go with the family of the ACL")
			return
		}
		m.Remote = append(m.Remote, Endpoint{Kind: Prefix, Prefix: netip.PrefixFrom(a, a.BitLen())})
		return
	}
	rest, wild := strings.CutPrefix(n.text, "*.")
	name, err := canonicalName(rest)
	if err != nil || isAddress(rest) || wild && !strings.Contains(name, ".") {
		m.miss(n, "this is no domain name")
		return
	}
	if wild {
		name = "*." + name
		m.hold(n, "MUD has no wildcards, this one allows every name below "+rest)
	}
	if m.names == nil {
		m.names = map[string]bool{}
	}
	m.names[name] = true
	m.Remote = append(m.Remote, Endpoint{Kind: Name, Name: name})
}
