package agent

import (
	"net/netip"
	"slices"

	"spinneret/agent/party"
	"spinneret/agent/registry"
	"spinneret/capture/packet"
	"spinneret/mud"
	"spinneret/mud/shelf"
	"spinneret/openwrt/firewall"
)

// partyHome is the home as the parties of descriptions see it.
func (h *home) partyHome() party.Home {
	p := party.Home{Names: h.untaught}
	p.Resolvers, p.TimeServers = h.handed.Servers()
	for _, l := range h.net.LAN {
		p.Networks = append(p.Networks, party.Network{Router: l.Addrs})
	}
	for d := range h.registry.All() {
		p.Controllers = append(p.Controllers, controlledBy(d)...)
	}
	held := map[packet.MAC]profile{}
	for _, x := range h.allProfiles() {
		held[x.MAC] = x
		if _, known := h.registry.Get(x.MAC); !known {
			p.Devices = append(p.Devices, h.partyDevice(registry.Device{MAC: x.MAC}, x))
		}
	}
	for d := range h.registry.All() {
		p.Devices = append(p.Devices, h.partyDevice(d, held[d.MAC]))
	}
	return p
}

// controlledBy is what the owner said that a device controls: a class, or the devices of a MUD URL, which may be one text.
func controlledBy(d registry.Device) (list []party.Controller) {
	for _, class := range d.Controls {
		list = append(list, party.Controller{Class: class, Devices: []packet.MAC{d.MAC}})
		if u, err := mud.ParseURL(class); err == nil {
			list = append(list, party.Controller{URL: u, Devices: []packet.MAC{d.MAC}})
		}
	}
	return list
}

// untaught are the addresses of names that the firewall does not know yet. They come with the profile itself, so that
// there is no moment without them; lessons, which end, take their place right after.
func (h *home) untaught(name string) (list []netip.Addr) {
	if h.learner == nil || h.taught[name] {
		return nil
	}
	for _, l := range h.learner.book.Known(name, h.now()) {
		list = append(list, l.Addr)
	}
	return list
}

func (h *home) partyDevice(d registry.Device, x profile) party.Device {
	out := party.Device{MAC: d.MAC, Addresses: h.presentAddresses(d)}
	if n, ok := h.names.Announced(d.MAC); ok {
		out.Announced = n.Name
	}
	if x.Source == shelf.Owner { // who only says so itself is no member of a class (RFC 8520 section 16)
		out.URL = x.URL
	}
	unasked := x.Mode == shelf.Watch && h.accessPoint() // there all that it does would be told of
	if x.Known && x.Mode != shelf.Off && !unasked {
		out.Profile = &party.Profile{Policy: party.Apart(x.Policy, d.MAC), Mode: firewall.ProfileMode(x.Mode)}
	}
	return out
}

// presentAddresses are those in the home that a device has now; right after a start also those that it had before.
func (h *home) presentAddresses(d registry.Device) (list []netip.Addr) {
	add := func(a netip.Addr) {
		if h.inHome(a) && !slices.Contains(list, a) && !h.isAnothers(a, d.MAC) {
			list = append(list, a)
		}
	}
	for _, a := range d.Addresses {
		add(a)
	}
	if lease := h.leaseOf(d.MAC); lease.IsValid() {
		add(lease)
	}
	for _, a := range h.remembered.addresses(d.MAC) {
		add(a)
	}
	slices.SortFunc(list, netip.Addr.Compare)
	return list
}

// isAnothers reports whether an address that a device sent from is another's: lent to that one, or heard from it since.
func (h *home) isAnothers(a netip.Addr, mac packet.MAC) bool {
	for _, l := range h.leases {
		if l.Addr == a && !packet.MAC(l.MAC).IsZero() {
			return l.MAC != mac
		}
	}
	holder, heard := h.registry.ByAddress(a)
	return heard && holder.MAC != mac
}

// inHome reports whether an address can be a device's own: others that it sends from are forged.
func (h *home) inHome(a netip.Addr) bool {
	if slices.Contains(h.net.RouterAddrs, a) {
		return false
	}
	return a.IsLinkLocalUnicast() || slices.ContainsFunc(h.prefixes, func(p netip.Prefix) bool { return p.Contains(a) })
}
