package agent

import (
	"iter"
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
	var looks []look
	for _, o := range h.book.All() {
		seen[o.ID] = true
		w := h.witnesses[o.ID]
		if w == nil {
			w = &witness{}
			h.witnesses[o.ID] = w
		}
		looks = append(looks, w.look(o, h.exceptions(o), now.Sub(o.Since) > witnessPause))
	}
	if len(looks) > 0 {
		watch(h.table.Flows(h.flowsBuf), looks)
	}
	for id := range h.witnesses {
		if !seen[id] {
			delete(h.witnesses, id)
		}
	}
}

// look is one look of a witness at all flows.
type look struct {
	*witness
	order            decide.Order
	stopped, allowed []firewall.Target
	counting         bool
	now              map[witnessKey]uint64
}

func (w *witness) look(o decide.Order, except []firewall.Target, counting bool) look {
	return look{witness: w, order: o, stopped: targets(o.To), allowed: except, counting: counting, now: map[witnessKey]uint64{}}
}

// watch lets all look at the flows, which are read once.
func watch(flows iter.Seq[*capture.Flow], looks []look) {
	for f := range flows {
		for i := range looks {
			looks[i].see(f)
		}
	}
	for i := range looks {
		looks[i].flows = looks[i].now
	}
}

func (l *look) see(f *capture.Flow) {
	if f.Device != l.order.MAC || !stops(l.order, f, l.stopped) || matches(l.allowed, f) {
		return
	}
	key := witnessKey{f.DeviceAddr, f.Remote, f.Protocol, f.DevicePort, f.RemotePort, f.Peer, f.First.UnixNano()}
	if _, twice := l.now[key]; twice {
		return
	}
	l.now[key] = f.RxPackets + f.TxPackets
	if l.counting && l.flows != nil && l.now[key] > l.flows[key] {
		l.passed += l.now[key] - l.flows[key]
	}
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
