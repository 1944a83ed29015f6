package agent

import (
	"slices"

	"spinneret/agent/decide"
	"spinneret/capture"
	"spinneret/capture/packet"
	"spinneret/openwrt/firewall"
)

// stops reports whether a quarantine stops a flow from its first packet on: it began under one that covers it, and
// nothing came back. What was cut off in its midst has ended.
func (h *home) stops(f *capture.Flow) bool {
	if f.RxPackets > 0 && f.TxPackets > 0 {
		return false
	}
	return slices.ContainsFunc(h.book.Of(f.Device), func(o decide.Order) bool { return h.refuses(o, f) }) ||
		slices.ContainsFunc(h.book.Of(f.Peer), func(o decide.Order) bool { return o.Level == string(firewall.Full) && h.refuses(o, f) })
}

// refuses is what the rules of a level do, without those few that let a device get its address and its router's.
func (h *home) refuses(o decide.Order, f *capture.Flow) bool {
	if f.First.Before(o.Since) || !h.inForce(o) || isLifeline(f) {
		return false
	}
	switch firewall.Level(o.Level) {
	case firewall.Flow:
		return covers(targets(o.To), f)
	case firewall.Internet:
		if f.Scope == capture.ScopeLAN || !f.Remote.IsValid() {
			return false
		}
	}
	return f.Scope == capture.ScopeRouter || !covers(h.exceptions(o), f)
}

func covers(list []firewall.Target, f *capture.Flow) bool {
	icmp := -1
	if typ, ok := f.ICMP.Type(); ok {
		icmp = int(typ)
	}
	return f.Remote.IsValid() && slices.ContainsFunc(list, func(t firewall.Target) bool {
		return t.Covers(f.Remote, uint8(f.Protocol), f.RemotePort, icmp)
	})
}

// isLifeline is ARP, DHCP and neighbour discovery: some of it passes at every level.
func isLifeline(f *capture.Flow) bool {
	switch f.Protocol {
	case capture.NoIP | capture.Protocol(packet.EtherTypeARP):
		return true
	case packet.ProtoUDP:
		return slices.Contains([]uint16{67, 68, 546, 547}, f.Port)
	case packet.ProtoICMPv6:
		typ, ok := f.ICMP.Type()
		return !ok || typ >= 133 && typ <= 137 // RFC 4861 section 4
	}
	return false
}
