package agent

import (
	"maps"
	"net/netip"
	"slices"
	"sort"
	"time"

	"spinneret/agent/culprit"
)

// outsideAddresses are prefixes, and when the home had them last.
type outsideAddresses = map[netip.Prefix]time.Time

// rememberOutside lets sessions know by which addresses the home is seen, now and as long ago as an attack may be: the
// addresses of its way out, private ones too where that leads to another NAT, and prefixes of the home that are not
// private. Addresses behind our own NAT are none that a provider can have seen.
func (h *home) rememberOutside(now time.Time) {
	for _, p := range h.outsideNow() {
		h.outside[p] = now
	}
	maps.DeleteFunc(h.outside, func(_ netip.Prefix, at time.Time) bool { return now.Sub(at) > culprit.Window })
	list := slices.Collect(maps.Keys(h.outside))
	sort.Slice(list, func(i, j int) bool { return list[i].Compare(list[j]) < 0 })
	h.petitions.outside.Store(&list)
}

func (h *home) outsideNow() (list []netip.Prefix) {
	for _, l := range h.snapshot.Links {
		if !slices.Contains(h.net.WAN, l.Name) {
			continue
		}
		for _, a := range h.snapshot.Addrs {
			if addr := a.Prefix.Addr(); a.Index == l.Index && !addr.IsLinkLocalUnicast() {
				list = append(list, netip.PrefixFrom(addr, addr.BitLen()))
			}
		}
	}
	for _, p := range h.net.Prefixes {
		if !p.Addr().IsPrivate() && !p.Addr().IsLinkLocalUnicast() {
			list = append(list, p)
		}
	}
	return list
}
