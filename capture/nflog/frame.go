package nflog

import (
	"encoding/binary"

	"github.com/florianl/go-nflog/v2"

	"spinneret/capture/packet"
)

const (
	etherHeader  = 14
	etherTypeMin = 0x0600 // IEEE 802.3: below it the field is a length
	llcNone      = 0xffff // what Novell's frames have in place of an LLC header
)

// readFrame fills p from what the kernel tells of a frame on a bridge: it hands over the Ethernet header apart from what
// follows. It is false where something was wrong with the frame; without a header p has no MACs.
//
// A frame with a length in place of a type has the type that the kernel names it by, also where a SNAP header says
// more: the kernel counts it under that.
func readFrame(p *packet.Packet, a *nflog.Attribute) bool {
	*p = packet.Packet{Time: stamp(a), In: index(a.InDev), Out: index(a.OutDev)}
	if a.HwHeader == nil || len(*a.HwHeader) < etherHeader || a.Payload == nil {
		return false
	}
	header, content := *a.HwHeader, *a.Payload
	p.DstMAC, p.SrcMAC = packet.MAC(header[:6]), packet.MAC(header[6:12])
	etherType := binary.BigEndian.Uint16(header[12:])
	if etherType >= etherTypeMin {
		return p.DecodeNetwork(etherType, content, len(content)) == nil
	}
	p.EtherType, p.Length, p.Network = packet.EtherType8022, uint32(len(content)), content
	if len(content) >= 2 && binary.BigEndian.Uint16(content) == llcNone {
		p.EtherType = packet.EtherType8023
	}
	return true
}
