package agent

import (
	"net/netip"
	"slices"
	"time"

	"spinneret/capture"
	"spinneret/capture/owner"
	"spinneret/capture/packet"
	"spinneret/ui"
)

// uiFlow writes a flow as the contract has it.
func (h *home) uiFlow(f *capture.Flow) ui.Flow {
	out := ui.Flow{
		Protocol: f.Protocol.String(), Direction: direction(f), Scope: scopeNames[f.Scope],
		RxBytes: f.RxBytes, TxBytes: f.TxBytes, RxPackets: f.RxPackets, TxPackets: f.TxPackets,
		First: h.wire(f.First), Last: h.wire(f.Last), State: "live",
		Device: h.heard(f.Device), Peer: h.heard(f.Peer),
	}
	if f.Outside.IsValid() {
		out.Outside = text(f.Outside.String())
	}
	if f.Ended {
		out.State = "ended"
	}
	if f.Protocol == packet.ProtoTCP || f.Protocol == packet.ProtoUDP {
		out.DevicePort, out.RemotePort, out.Port = &f.DevicePort, &f.RemotePort, &f.Port
	}
	if f.Remote.IsValid() {
		out.Remote = text(f.Remote.String())
		h.nameFlow(f, &out)
	}
	return out
}

var scopeNames = map[capture.Scope]string{
	capture.ScopeInternet: "internet", capture.ScopeRouter: "router", capture.ScopeLAN: "lan",
}

func direction(f *capture.Flow) string {
	if f.Out {
		return "out"
	}
	return "in"
}

func (h *home) nameFlow(f *capture.Flow, out *ui.Flow) {
	name, source := h.name(f.Device, f.Remote)
	if name != "" {
		out.Name, out.NameSource = &name, &source
	}
	if f.Scope != capture.ScopeInternet {
		return
	}
	who, how := owner.Of(name, f.Remote)
	out.Owner, out.OwnerSource = &who, text(string(how))
}

// name is what a device calls an address.
func (h *home) name(device packet.MAC, addr netip.Addr) (name, source string) {
	n, ok := h.names.Lookup(device, addr)
	if !ok {
		return "", ""
	}
	return n.Name, string(n.Source)
}

// flows answers GET flows: the last packet not before since, newest first.
func (h *home) flows(q ui.FlowQuery) (flows []ui.Flow, more bool, err error) {
	var only packet.MAC
	if q.Device != "" {
		if only, err = packet.ParseMAC(q.Device); err != nil {
			return nil, false, ui.UnknownDevice(q.Device)
		}
	}
	found := h.table.AppendFlows(nil, func(f *capture.Flow) bool {
		return (only.IsZero() || f.Device == only || f.Peer == only) && !f.Last.Before(q.Since)
	})
	slices.SortStableFunc(found, func(a, b capture.Flow) int { return b.Last.Compare(a.Last) })
	if more = len(found) > q.Limit; more {
		found = found[:q.Limit]
	}
	flows = make([]ui.Flow, len(found))
	for i := range found {
		flows[i] = h.uiFlow(&found[i])
	}
	return flows, more, nil
}

// wire is a time as the contract has it: UTC, in milliseconds, null until the clock is set.
func (h *home) wire(t time.Time) *time.Time {
	if t.IsZero() || !h.clockSet {
		return nil
	}
	t = t.UTC().Truncate(time.Millisecond)
	return &t
}

// heard is a device's MAC; null where nobody was ever heard from it.
func (h *home) heard(m packet.MAC) *string {
	if _, ok := h.registry.Get(m); !ok {
		return nil
	}
	return macText(m)
}

func macText(m packet.MAC) *string {
	if m.IsZero() {
		return nil
	}
	return text(m.String())
}

func text(s string) *string { return &s }
