package registry

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"spinneret/capture/packet"
)

// Find returns the one device that text means: its MAC, one of its present addresses, or its exact name. The error
// names the devices where there are several.
func (r *Registry) Find(text string) (Device, error) {
	found := r.matches(text)
	switch len(found) {
	case 0:
		return Device{}, fmt.Errorf("no device is %.100q: give a MAC, an address or a name as the list of devices has it", text)
	case 1:
		return found[0], nil
	}
	list := make([]string, len(found))
	for i, d := range found {
		list[i] = fmt.Sprintf("%s (%s)", d.MAC, d.Name)
	}
	return Device{}, fmt.Errorf("%d devices are %.100q: say which by MAC: %s", len(found), text, strings.Join(list, ", "))
}

// ByAddress returns who was heard last of the devices that have an address.
func (r *Registry) ByAddress(a netip.Addr) (Device, bool) { return r.byAddr[a].device() }

func (r *Registry) matches(text string) (found []Device) {
	if mac, err := packet.ParseMAC(text); err == nil {
		if rec := r.byMAC[mac]; rec != nil {
			return []Device{rec.Device}
		}
	}
	addr, err := netip.ParseAddr(text)
	addr = addr.Unmap().WithZone("")
	for _, rec := range r.order {
		if rec.Name == text || err == nil && slices.Contains(rec.Addresses, addr) {
			found = append(found, rec.Device)
		}
	}
	return found
}
