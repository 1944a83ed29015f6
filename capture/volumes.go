package capture

import (
	"net/netip"

	"spinneret/capture/packet"
)

// Volumes says where the bytes of a home's flows come from.
type Volumes uint8

const (
	// FromPackets counts every packet that is added: all of them are, as from a capture file.
	FromPackets Volumes = iota
	// FromSamples does too, but not all packets are added: flows say that they are estimates.
	FromSamples
	// FromConntrack leaves what conntrack follows to Account. Packets tell who and what; only those that
	// conntrack does not follow are counted.
	FromConntrack
)

// SetVolumes says where bytes come from, from now on.
func (t *Table) SetVolumes(v Volumes) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.volumes = v
}

// kernelCounts reports whether conntrack counts a packet, so that the table must not. The hooks that conntrack
// has do not tell the receiver's MAC: a packet with one was bridged, past conntrack. Who has no address yet
// shares its connection with all others who have none, so there only the packets say whose they are.
func (t *Table) kernelCounts(p *packet.Packet) bool {
	return t.volumes == FromConntrack && p.IsIP() && p.DstMAC.IsZero() && !p.Src.IsUnspecified() && isCounted(p)
}

// isCounted tells questions and answers of ICMP (RFC 792, RFC 950, RFC 4443, RFC 4620) from all else: errors
// belong to the connection that they are about and add nothing to it, neighbour discovery is not followed.
func isCounted(p *packet.Packet) bool {
	switch p.Proto {
	case packet.ProtoICMP:
		return p.ICMPType == 0 || p.ICMPType == 8 || p.ICMPType >= 13 && p.ICMPType <= 18
	case packet.ProtoICMPv6:
		return p.ICMPType == 128 || p.ICMPType == 129 || p.ICMPType == 139 || p.ICMPType == 140
	}
	return true
}

// AddUntracked is Add for a packet that conntrack does not follow (its state there is "invalid" or
// "untracked"): it counts wherever the other bytes come from.
func (t *Table) AddUntracked(p *packet.Packet) (from, to packet.MAC) {
	return t.see(p, true)
}

// add counts what conntrack counted.
func (d *device) add(tx, rx Volume) {
	d.txBytes += tx.Bytes
	d.txPackets += tx.Packets
	d.rxBytes += rx.Bytes
	d.rxPackets += rx.Packets
}

// resident is who has an address, as far as the address alone tells.
func (t *Table) resident(a netip.Addr, now int64) party {
	switch {
	case t.ground.isGroup(a):
		return party{kind: group}
	case t.ground.isHome(a):
		return t.holder(a, now)
	}
	return party{}
}

// guest is the device that sends from an address outside the home: a container or VPN behind it has one.
func (t *Table) guest(a netip.Addr) party {
	slot, ok := t.owners[a]
	if !ok {
		return party{}
	}
	return party{kind: station, slot: slot, source: MACAddress, mac: t.devices[slot].mac}
}
