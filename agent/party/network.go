package party

import "net/netip"

// nearby is what no default route leads to, whatever the home's addresses are: the link itself, and the groups of a link
// or a site. Two of three real entries for local-networks are about groups, for discovery (RFC 4291 section 2.7, RFC
// 2365 section 6, RFC 5771 section 4).
var nearby = func() (list []netip.Prefix) {
	for _, p := range []string{
		"224.0.0.0/24", "239.255.0.0/16", "255.255.255.255/32",
		"fe80::/10", "ff01::/16", "ff02::/16", "ff03::/16", "ff04::/16", "ff05::/16",
	} {
		list = append(list, netip.MustParsePrefix(p))
	}
	return list
}()

// around is local-networks as a device sees it: the network that it is in, and no other of the home, such as the guests'.
func (h Home) around(d Device) who {
	w := who{Prefixes: append([]netip.Prefix(nil), nearby...)}
	if n, ok := h.network(d); ok {
		w.Prefixes = append(w.Prefixes, n.prefixes()...)
	}
	return w
}

// network is the one that a device is in, by its addresses. A device without any can only be in a network that is alone.
func (h Home) network(d Device) (Network, bool) {
	for _, n := range h.Networks {
		for _, p := range n.prefixes() {
			for _, a := range d.Addresses {
				if p.Contains(a) {
					return n, true
				}
			}
		}
	}
	if len(h.Networks) == 1 {
		return h.Networks[0], true
	}
	return Network{}, false
}

// prefixes are the network's own. Link-local ones are everywhere, and one of no length would be the internet.
func (n Network) prefixes() (list []netip.Prefix) {
	for _, p := range n.Router {
		if p = p.Masked(); p.Bits() > 0 && !p.Addr().IsLinkLocalUnicast() {
			list = append(list, p)
		}
	}
	return list
}

// router are the router's addresses in the network of a device.
func (h Home) router(d Device) (list []netip.Addr) {
	n, ok := h.network(d)
	if !ok {
		return nil
	}
	for _, p := range n.Router {
		list = append(list, p.Addr().WithZone(""))
	}
	return list
}
