package culprit

import (
	"net/netip"
	"slices"

	"spinneret/capture"
	"spinneret/capture/packet"
	"spinneret/dots/wire"
)

// matches is what the flows say.
type matches struct {
	clues    map[packet.MAC]*clue
	stranger bool // a flow matches whose device is not known
	unseen   bool // a flow matches of which nobody saw a frame: its device is known by the address alone
	early    bool // a flow may match: the outside does not know it yet by any address
}

// matches looks through the flows. The MAC of a frame outranks the owner of the address: who sends from another
// device's address is not taken for it.
func (c Case) matches() matches {
	m := matches{clues: map[packet.MAC]*clue{}}
	var guessed []capture.Flow
	framed, senders := map[netip.Addr]bool{}, c.senders()
	for i := range c.Flows {
		f := &c.Flows[i]
		switch meant, early := c.means(f); {
		case early:
			m.early = true
			if !c.namesPorts() {
				guessed = append(guessed, *f)
			}
		case meant && f.Device.IsZero():
			m.addUnseen(f, senders[f.DeviceAddr], c.Owners(f.DeviceAddr))
		case meant && f.DeviceMAC == capture.MACFrame:
			framed[f.DeviceAddr] = true
			m.add(f.Device, f)
		case meant:
			guessed = append(guessed, *f)
		}
	}
	for i := range guessed {
		if f := &guessed[i]; !framed[f.DeviceAddr] || f.DeviceMAC == capture.MACFrame {
			m.addGuess(f, c.Owners)
		}
	}
	m.early = m.early && (len(m.clues) == 0 || !c.namesPorts())
	return m
}

// senders are the devices that were seen to send from an address to the targets.
func (c Case) senders() map[netip.Addr][]packet.MAC {
	senders := map[netip.Addr][]packet.MAC{}
	for i := range c.Flows {
		f := &c.Flows[i]
		if f.DeviceMAC == capture.MACFrame && inAny(c.Targets, f.Remote) && !slices.Contains(senders[f.DeviceAddr], f.Device) {
			senders[f.DeviceAddr] = append(senders[f.DeviceAddr], f.Device)
		}
	}
	return senders
}

// addUnseen takes a flow of which no frame was seen, as in a flood of so many that not all are logged. Where others of
// that flood were, and all came from one device, so did this one. Else the address is all there is, and may be forged.
func (m *matches) addUnseen(f *capture.Flow, senders, owners []packet.MAC) {
	if len(senders) != 1 {
		m.unseen = m.unseen || len(owners) > 0
		m.stranger = m.stranger || len(owners) == 0
		senders = owners
	}
	for _, mac := range senders {
		m.add(mac, f)
	}
}

// addGuess takes a flow whose frames nobody saw: it may be any device's that used the address.
func (m *matches) addGuess(f *capture.Flow, owners func(netip.Addr) []packet.MAC) {
	m.add(f.Device, f)
	if f.DeviceMAC == capture.MACFrame {
		return
	}
	for _, mac := range owners(f.DeviceAddr) {
		m.add(mac, f)
	}
}

func (m *matches) add(mac packet.MAC, f *capture.Flow) {
	if mac.IsZero() {
		m.stranger = true
		return
	}
	if m.clues[mac] == nil {
		m.clues[mac] = &clue{}
	}
	m.clues[mac].add(f)
}

// means reports whether the provider means a flow, as far as it can be told; early where that turns on an outside
// address that is not known.
func (c Case) means(f *capture.Flow) (meant, early bool) {
	switch {
	case f.Scope != capture.ScopeInternet || f.Last.Before(c.At.Add(-Window)),
		!inAny(c.Targets, f.Remote),
		len(c.Protocols) > 0 && !slices.ContainsFunc(c.Protocols, func(p uint8) bool { return capture.Protocol(p) == f.Protocol }),
		len(c.TargetPorts) > 0 && !inRange(c.TargetPorts, f, f.RemotePort),
		c.namesPorts() && !hasPorts(f.Protocol),
		!c.meansICMP(f):
		return false, false
	}
	outside := f.Outside
	if !outside.IsValid() && f.DeviceAddr.Is6() { // which NAT does not hide
		outside = netip.AddrPortFrom(f.DeviceAddr, f.DevicePort)
	}
	if !outside.IsValid() {
		return false, true
	}
	return inAny(c.Sources, outside.Addr()) && (!c.namesPorts() || inRange(c.SourcePorts, f, outside.Port())), false
}

// meansICMP lets pass what is no ICMP, and where it is not known which type the device sent.
func (c Case) meansICMP(f *capture.Flow) bool {
	typ, known := f.ICMP.Type()
	return len(c.SourceICMP) == 0 || !f.Protocol.IsICMP() || !known ||
		slices.ContainsFunc(c.SourceICMP, func(r wire.TypeRange) bool { return r.Lower <= typ && typ <= r.Upper })
}

func (c Case) namesPorts() bool { return len(c.SourcePorts) > 0 }

func inAny(prefixes []netip.Prefix, a netip.Addr) bool {
	return slices.ContainsFunc(prefixes, func(p netip.Prefix) bool { return p.Contains(a) })
}

func inRange(ranges []wire.PortRange, f *capture.Flow, port uint16) bool {
	return hasPorts(f.Protocol) && slices.ContainsFunc(ranges, func(r wire.PortRange) bool { return r.Lower <= port && port <= r.Upper })
}

func hasPorts(p capture.Protocol) bool { return p == packet.ProtoTCP || p == packet.ProtoUDP }
