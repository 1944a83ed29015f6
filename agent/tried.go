package agent

import (
	"context"
	"slices"
	"time"

	"spinneret/capture"
	"spinneret/capture/packet"
)

// hearTries takes what the firewall logs of devices that are cut off. No observer hears it: what was dropped taught
// nobody anything, and nothing passed that the table could count.
func (h *home) hearTries(ctx context.Context, src capture.Source, _ *capture.Table, _ ...capture.Observer) error {
	return src.Run(ctx, func(p *packet.Packet) {
		f := capture.Flow{Protocol: capture.Protocol(p.Proto), Port: p.DstPort, ICMP: capture.ICMPOf(p.ICMPType)}
		if !isLifeline(&f) && (!p.Fragment || p.FragOffset == 0) {
			h.tries.Add(p)
		}
	})
}

// tried are the tries that lasted until since at least, with who the far end is.
func (h *home) tried(since time.Time) []capture.Flow {
	list := h.tries.Flows(since)
	for i := range list {
		f := &list[i]
		switch {
		case slices.Contains(h.net.RouterAddrs, f.Remote):
			f.Scope = capture.ScopeRouter
		case h.inHome(f.Remote):
			d, _ := h.registry.ByAddress(f.Remote)
			f.Scope, f.Peer = capture.ScopeLAN, d.MAC
		}
	}
	return list
}

// meetTries shows with a device whom it tried to reach on the internet in the last second or two: who has a name, or was
// tried again. A scan would fill the map with addresses.
func (h *home) meetTries(now time.Time) {
	h.tries.Sweep(now)
	for _, f := range h.tried(now.Add(-2 * fullTick * tick)) {
		name, _ := h.name(f.Device, f.Remote)
		if f.Scope == capture.ScopeInternet && (name != "" || f.TxPackets > 1) {
			h.traffic.Meet(f)
		}
	}
}
