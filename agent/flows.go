package agent

import (
	"net/netip"
	"time"

	"spinneret/capture"
	"spinneret/capture/owner"
	"spinneret/capture/packet"
	"spinneret/ui"
)

// uiFlow writes a flow as the contract has it.
func (h *home) uiFlow(f *capture.Flow) ui.Flow {
	out := plainFlow(f)
	out.First, out.Last = h.wire(f.First), h.wire(f.Last)
	out.Device, out.Peer = h.heard(f.Device), h.heard(f.Peer)
	if f.Refused || h.stops(f) {
		out.State = "refused"
	}
	out.Asked = textOrNull(f.Asked)
	if f.Remote.IsValid() {
		name, nameSource, who, how := h.farEnd(f)
		nameFarEnd(&out, name, nameSource, who, how)
	}
	return out
}

// plainFlow is what the flow itself says, but for its times and devices.
func plainFlow(f *capture.Flow) ui.Flow {
	out := ui.Flow{
		Protocol: f.Protocol.String(), Direction: direction(f), Scope: scopeNames[f.Scope],
		RxBytes: f.RxBytes, TxBytes: f.TxBytes, RxPackets: f.RxPackets, TxPackets: f.TxPackets, State: "live",
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
		out.Owner, out.OwnerSource = out.Remote, text(string(owner.Address)) // as long as nothing else is known
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

// farEnd is what the far end of a flow is called, and whose it is, "" where that is not known.
func (h *home) farEnd(f *capture.Flow) (name, nameSource, who, how string) {
	name, nameSource = h.name(f.Device, f.Remote)
	if f.Scope != capture.ScopeInternet {
		return name, nameSource, "", ""
	}
	who, source := owner.Of(name, f.Remote)
	return name, nameSource, who, string(source)
}

// nameFarEnd writes what is known of a far end into a flow; "" is what is not.
func nameFarEnd(out *ui.Flow, name, nameSource, who, how string) {
	if name != "" {
		out.Name, out.NameSource = &name, &nameSource
	}
	if who != "" {
		out.Owner, out.OwnerSource = &who, &how
	}
}

// name is what a device calls an address.
func (h *home) name(device packet.MAC, addr netip.Addr) (name, source string) {
	n, ok := h.names.Lookup(device, addr)
	if !ok {
		return "", ""
	}
	return n.Name, string(n.Source)
}

// wire is a time as the contract has it: UTC, in milliseconds, null until the clock is set.
func (h *home) wire(t time.Time) *ui.Time {
	if t.IsZero() || !h.clockSet {
		return nil
	}
	return ui.At(t)
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
