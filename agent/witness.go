package agent

import (
	"net/netip"
	"time"

	"spinneret/agent/decide"
	"spinneret/capture"
	"spinneret/capture/packet"
	"spinneret/openwrt/firewall"
)

// witnessPause is how long after a cut the last counts of what passed before it may still come in.
const witnessPause = 2 * time.Second

// witness counts what passes of a device in spite of an order, by the counters that show its traffic, not by those of
// the rules: were a rule wrong, it would see.
type witness struct {
	passed uint64
	flows  map[witnessKey]uint64 // packets of each flow, as of the last look
}

type witnessKey struct {
	local, remote  netip.Addr
	protocol       capture.Protocol
	near, far      uint16
	peer           packet.MAC
	firstUnixNanos int64
}

// watchPassing looks at what the devices under orders still move.
func (h *home) watchPassing(now time.Time) {
	seen := map[string]bool{}
	for _, o := range h.book.All() {
		seen[o.ID] = true
		w := h.witnesses[o.ID]
		if w == nil {
			w = &witness{}
			h.witnesses[o.ID] = w
		}
		w.look(h.flowsBuf, o, h.exceptions(o), now.Sub(o.Since) > witnessPause)
	}
	for id := range h.witnesses {
		if !seen[id] {
			delete(h.witnesses, id)
		}
	}
}

func (w *witness) look(flows []capture.Flow, o decide.Order, except []firewall.Target, counting bool) {
	now := map[witnessKey]uint64{}
	stopped := targets(o.To)
	for i := range flows {
		f := &flows[i]
		if f.Device != o.MAC || !stops(o, f, stopped) || matches(except, f) {
			continue
		}
		key := witnessKey{f.DeviceAddr, f.Remote, f.Protocol, f.DevicePort, f.RemotePort, f.Peer, f.First.UnixNano()}
		now[key] = f.RxPackets + f.TxPackets
		if counting && w.flows != nil && now[key] > w.flows[key] {
			w.passed += now[key] - w.flows[key]
		}
	}
	w.flows = now
}

// stops reports whether an order is to stop a flow. Inside the home the router sees only part of what passes.
func stops(o decide.Order, f *capture.Flow, to []firewall.Target) bool {
	if o.Level == string(firewall.Flow) {
		return matches(to, f)
	}
	return f.Scope == capture.ScopeInternet
}

func matches(list []firewall.Target, f *capture.Flow) bool {
	for _, t := range list {
		if t.Prefix.Contains(f.Remote) && (t.Protocol == 0 || t.Protocol == uint8(f.Protocol)) && portMatches(t, f) {
			return true
		}
	}
	return false
}

func portMatches(t firewall.Target, f *capture.Flow) bool {
	if t.LastPort == 0 {
		return t.ICMPType < 0 // a flow does not say which type it is
	}
	return t.FirstPort <= f.RemotePort && f.RemotePort <= t.LastPort
}

func (h *home) passed(id string) uint64 {
	if w := h.witnesses[id]; w != nil {
		return w.passed
	}
	return 0
}
