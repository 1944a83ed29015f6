package party

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"spinneret/capture/packet"
	"spinneret/mud"
)

// Apart is a device's policy as the firewall and hearsay get it. Where it names DNS servers of its own, its domain names
// have its MAC behind a slash, which no name has, and so addresses of their own: what those servers say opens nothing for
// others. A device may have named its description itself, with a server that lies.
func Apart(p mud.Policy, mac packet.MAC) mud.Policy {
	if len(serversOf(p)) > 0 {
		p.From, p.To = marked(p.From, mac), marked(p.To, mac)
	}
	return p
}

func marked(rules []mud.Rule, mac packet.MAC) []mud.Rule {
	rules = slices.Clone(rules)
	for i := range rules {
		remote := slices.Clone(rules[i].Remote)
		for j, e := range remote {
			if e.Kind == mud.Name && !strings.HasSuffix(e.Name, ".local") { // which is who says so by mDNS
				remote[j].Name = fmt.Sprintf("%s/%x", e.Name, mac[:])
			}
		}
		rules[i].Remote = remote
	}
	return rules
}

// portDNS is that of RFC 1035 section 4.2.
const portDNS = 53

// Servers are whose answers to a device count: the DNS servers of the home, and those that its policy names.
func (h Home) Servers(d Device) []netip.Prefix {
	w := h.class(d, mud.ClassDNS)
	w.Prefixes = append(w.Prefixes, serversOf(d.Profile.Policy)...)
	return w.tidy().Prefixes
}

// serversOf are the DNS servers that a policy names.
func serversOf(p mud.Policy) (list []netip.Prefix) {
	for _, r := range p.From {
		if r.Drop || r.Held != "" || !r.RemotePort.Set || r.RemotePort.Not || r.RemotePort.Low != portDNS {
			continue
		}
		for _, e := range r.Remote {
			if e.Kind == mud.Prefix {
				list = append(list, e.Prefix)
			}
		}
	}
	return list
}
