package agent

import (
	"net/http"
	"slices"

	"spinneret/openwrt/neigh"
	"spinneret/ui"
)

// accessPoint reports whether this machine only bridges, so that another one takes the home to the internet: its own
// way there leads through a LAN interface, or it has no interface besides. A router whose line is down is none.
func (h *home) accessPoint() bool {
	if len(h.options.WAN) > 0 || len(h.net.WAN) > 0 || !h.hasBridge() {
		return false
	}
	isLAN := func(l neigh.Link) bool { return slices.Contains(h.net.Indexes, l.Index) }
	through := func(d neigh.Default) bool { return slices.Contains(h.net.Indexes, d.Index) }
	other := func(l neigh.Link) bool { return l.Name != "lo" && !isLAN(l) }
	return slices.ContainsFunc(h.snapshot.Defaults, through) || !slices.ContainsFunc(h.snapshot.Links, other)
}

// bridgedOnly refuses what takes a router: frames that a bridge passes on to the internet's router go past the rules
// that tell the internet from the home.
func bridgedOnly() error {
	return &ui.Problem{
		Status: http.StatusConflict, Code: "unsupported", Title: "Not on an access point",
		Detail: "bridged traffic bypasses inet forward, and no other interface leads to the internet: " +
			"use level full here, or cut the device off on the router that has the line",
		Member: "level",
	}
}

// watchedElsewhere refuses to hold a device to a description where all that it sends to the internet is bridged: no name
// of the internet is known there, so it would reach none, nor its lease.
func watchedElsewhere() error {
	return &ui.Problem{
		Status: http.StatusConflict, Code: "unsupported", Title: "Not on an access point",
		Detail: "an access point cannot tell a maker's servers from others: hold the device to its description on the router that has the line",
		Member: "mode",
	}
}
