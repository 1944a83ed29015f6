package agent

import (
	"bytes"
	"slices"
	"time"

	"spinneret/capture"
	"spinneret/capture/packet"
	"spinneret/mud"
	"spinneret/mud/shelf"
)

// profiles are the makers' descriptions of the home's devices (RFC 8520).
type profiles struct {
	shelf  *shelf.Shelf
	acted  uint64 // shelf.Changes when the rules were last asked for
	kept   uint64 // and when they were last written down
	keptAt time.Time
}

// profile is what one device is held to.
type profile struct {
	MAC    packet.MAC
	Mode   shelf.Mode
	Source shelf.Source // who says that the device is of this kind: only the owner can be believed
	URL    mud.URL
	Policy mud.Policy
	Known  bool // no policy where not: the device is treated as one without a description
}

// allProfiles lists the devices that have a description, those too whose mode is off, by MAC.
func (h *home) allProfiles() (list []profile) {
	for _, mac := range h.shelf.Holders() {
		holder, _ := h.shelf.Holder(mac)
		p := profile{MAC: packet.MAC(mac), Mode: holder.Mode, Source: holder.Source(), URL: holder.Heard}
		if t := h.shelf.Holds(mac); t != nil {
			p.URL = t.URL
			p.Policy, p.Known = t.Policy()
		}
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b profile) int { return bytes.Compare(a.MAC[:], b.MAC[:]) })
	return list
}

// actOnProfiles has the rules made anew where a policy, a mode, or what a device has changed.
func (h *home) actOnProfiles() {
	if h.acted == h.shelf.Changes() {
		return
	}
	h.acted, h.dirty, h.stale = h.shelf.Changes(), true, true
	if h.enforcer != nil {
		h.next()
	}
}

// profileStores tell how full the shelf is.
func (h *home) profileStores() []capture.Store {
	titles, holders, evicted := h.shelf.Full()
	return []capture.Store{
		{Name: "makers' descriptions", Used: titles, Limit: shelf.MaxTitles, Evicted: evicted},
		{Name: "devices with a description", Used: holders, Limit: shelf.MaxHolders},
	}
}
