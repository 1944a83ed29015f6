package party

import (
	"bytes"
	"cmp"
	"iter"
	"net/netip"
	"slices"
	"sort"
	"strings"

	"spinneret/mud"
	"spinneret/openwrt/firewall"
)

// who is a party that is being put together.
type who firewall.Party

func (w *who) add(addrs ...netip.Addr) {
	for _, a := range addrs {
		w.Prefixes = append(w.Prefixes, netip.PrefixFrom(a.WithZone(""), a.BitLen()))
	}
}

func (w *who) join(d Device) {
	w.add(d.Addresses...)
	w.MACs = append(w.MACs, d.MAC)
}

// tidy puts everybody in order, each once: the same home always gives the same profiles.
func (w who) tidy() who {
	sort.Slice(w.Prefixes, func(i, j int) bool {
		a, b := w.Prefixes[i], w.Prefixes[j]
		return cmp.Or(a.Addr().Compare(b.Addr()), a.Bits()-b.Bits()) < 0
	})
	sort.Slice(w.MACs, func(i, j int) bool { return bytes.Compare(w.MACs[i][:], w.MACs[j][:]) < 0 })
	return who{Prefixes: slices.Compact(w.Prefixes), MACs: slices.Compact(w.MACs)}
}

// named are the addresses of a domain name. A name below .local is what a device calls itself by mDNS (RFC 6762), so it
// is that device; others are what DNS said.
func (h Home) named(name string) (w who) {
	if !strings.HasSuffix(name, ".local") {
		if h.Names != nil {
			w.add(h.Names(name)...)
		}
		return w
	}
	for _, d := range h.Devices {
		if d.Announced == name {
			w.join(d)
		}
	}
	return w
}

// Endpoints are the endpoints of a policy that stand for somebody else, each once: all but addresses. Those of rules that
// wait for the owner are not among them.
func Endpoints(p mud.Policy) iter.Seq[mud.Endpoint] {
	return func(yield func(mud.Endpoint) bool) {
		seen := map[mud.Endpoint]bool{}
		for _, rules := range [][]mud.Rule{p.From, p.To} {
			for _, r := range rules {
				if r.Held != "" {
					continue
				}
				for _, e := range slices.Concat(r.Remote, r.Local) {
					if e.Kind == mud.Prefix || seen[e] {
						continue
					}
					seen[e] = true
					if !yield(e) {
						return
					}
				}
			}
		}
	}
}

// Names are the domain names that a policy speaks of.
func Names(p mud.Policy) (list []string) {
	for e := range Endpoints(p) {
		if e.Kind == mud.Name {
			list = append(list, e.Name)
		}
	}
	slices.Sort(list)
	return list
}
