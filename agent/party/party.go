// Package party says who the parties in makers' descriptions are in this home: which addresses and devices a class such
// as local-networks or same-manufacturer stands for now. It is pure: what is known of the home comes in, profiles for
// the firewall come out, and they are made anew whenever the home changes.
package party

import (
	"net/netip"
	"slices"

	"spinneret/capture/packet"
	"spinneret/mud"
	"spinneret/openwrt/firewall"
)

// Home is all that the parties of policies depend on.
type Home struct {
	Networks    []Network
	Devices     []Device
	Resolvers   []netip.Addr // that DHCP hands out beside the router itself
	TimeServers []netip.Addr
	Controllers []Controller
	// Names are the addresses that a domain name stands for, as devices were told.
	Names func(name string) []netip.Addr
}

// Network is one network of the home: the router's own addresses in it, each with the length of its prefix.
type Network struct{ Router []netip.Prefix }

// Device is a device of the home; one without a profile may still be another's party.
type Device struct {
	MAC       packet.MAC
	Addresses []netip.Addr
	URL       mud.URL // that makes it a member of classes; the zero URL where it has none, or none to be believed
	Announced string  // its own name by mDNS, "" where it has none
	Profile   *Profile
}

// Profile is what a device is held to.
type Profile struct {
	Policy mud.Policy
	Mode   firewall.ProfileMode
}

// Controller is what the owner assigned to a class, or to the devices of one MUD URL (RFC 8520 section 4).
type Controller struct {
	Class     string  // of `controller`, "" for my-controller
	URL       mud.URL // whose `my-controller` it is
	Devices   []packet.MAC
	Addresses []netip.Addr
}

// Profiles are the devices' profiles, each with the parties that its policy names and that anybody is.
func (h Home) Profiles() []firewall.Profile {
	var list []firewall.Profile
	for _, d := range h.Devices {
		if d.Profile == nil {
			continue
		}
		list = append(list, firewall.Profile{
			MAC: d.MAC, Mode: d.Profile.Mode, Policy: d.Profile.Policy,
			Addresses: slices.Clone(d.Addresses), Sets: h.sets(d),
		})
	}
	return list
}

// sets are the parties of a device's policy. A party that is nobody has no set, and matches nothing.
func (h Home) sets(d Device) map[mud.Endpoint]firewall.Party {
	sets := map[mud.Endpoint]firewall.Party{}
	for e := range Endpoints(d.Profile.Policy) {
		if p := h.who(d, e).tidy(); len(p.Prefixes)+len(p.MACs) > 0 {
			sets[e] = firewall.Party(p)
		}
	}
	return sets
}

// who is everybody that an endpoint of a device's policy stands for.
func (h Home) who(d Device, e mud.Endpoint) who {
	switch e.Kind {
	case mud.Name:
		return h.named(e.Name)
	case mud.LocalNetworks:
		return h.around(d)
	case mud.Manufacturer:
		return h.those(d, func(u mud.URL) bool { return u.Host() == e.Name })
	case mud.SameManufacturer:
		own := d.Profile.Policy.URL.Authority()
		return h.those(d, func(u mud.URL) bool { return u.Authority() == own })
	case mud.Model:
		return h.those(d, func(u mud.URL) bool { return u.String() == e.Name })
	case mud.MyController:
		return h.controllers(func(c Controller) bool { return c.Class == "" && c.URL == d.Profile.Policy.URL })
	case mud.Controller:
		return h.class(d, e.Name)
	}
	return who{}
}

// class are the members of a class of controllers: those that every router has, and those that the owner put there.
func (h Home) class(d Device, name string) who {
	members := h.controllers(func(c Controller) bool { return c.Class == name })
	switch name {
	case mud.ClassDNS:
		members.add(h.Resolvers...)
	case mud.ClassNTP:
		members.add(h.TimeServers...)
	case mud.ClassGateway:
	default:
		return members
	}
	members.add(h.router(d)...)
	return members
}

// those are the other devices whose MUD URL is one of a kind.
func (h Home) those(d Device, kind func(mud.URL) bool) (members who) {
	for _, other := range h.Devices {
		if other.MAC != d.MAC && other.URL != (mud.URL{}) && kind(other.URL) {
			members.join(other)
		}
	}
	return members
}

func (h Home) controllers(assigned func(Controller) bool) (members who) {
	for _, c := range h.Controllers {
		if !assigned(c) {
			continue
		}
		members.add(c.Addresses...)
		for _, d := range h.Devices {
			if slices.Contains(c.Devices, d.MAC) {
				members.join(d)
			}
		}
	}
	return members
}
