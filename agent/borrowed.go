package agent

import (
	"net/netip"
	"slices"

	"spinneret/capture"
	"spinneret/capture/packet"
	"spinneret/openwrt/firewall"
)

// knowBorrowed tells the firewall what devices that are held to a profile have begun from addresses that are not theirs.
func (h *home) knowBorrowed() {
	held := map[packet.MAC]*firewall.Profile{}
	for i := range h.bound {
		if p := &h.bound[i]; p.Mode == firewall.Enforce {
			p.Borrowed, held[p.MAC] = nil, p
		}
	}
	if len(held) == 0 {
		return
	}
	for f := range h.table.Flows(h.flowsBuf) {
		p := held[f.Device]
		if p == nil || f.DeviceMAC != capture.MACFrame || !f.Out || f.Ended || !f.DeviceAddr.IsValid() ||
			slices.Contains(p.Addresses, f.DeviceAddr) {
			continue
		}
		p.Borrowed = append(p.Borrowed, firewall.Origin{
			From: netip.AddrPortFrom(f.DeviceAddr, f.DevicePort), Protocol: uint8(f.Protocol),
		})
	}
}
