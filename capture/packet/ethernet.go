package packet

import (
	"encoding/binary"
	"math"
)

// Tags and lengths of IEEE 802.3 and 802.1Q.
const (
	etherTypeVLAN    = 0x8100 // 802.1Q
	etherTypeQinQ    = 0x88a8 // 802.1ad
	etherTypeOldQinQ = 0x9100 // what 802.1ad equipment used before there was a number
	etherTypeMin     = 0x0600 // below it the field is a length

	ethernetLen = 14
	maxTags     = 3
)

// Frames that carry a length where others carry an EtherType. Linux gives these numbers to such frames in its
// own protocol fields (linux/if_ether.h), so nflog and a capture file name them alike.
const (
	EtherType8023 = 0x0001 // ETH_P_802_3: Novell's frames without an LLC header
	EtherType8022 = 0x0004 // ETH_P_802_2: an LLC header, for instance of spanning tree
)

// DecodeEthernet reads one frame without FCS, of which origLen bytes were on the wire (as many as were captured
// where origLen says fewer). It sets every field but Time, In and Out, and allocates nothing. An 802.3 frame
// with a SNAP header has the EtherType that SNAP names; without, it has EtherType8022 or EtherType8023. On
// error the frame still counts for its sender: see ErrTruncated and IsIP.
func (p *Packet) DecodeEthernet(frame []byte, origLen int) error {
	*p = Packet{Time: p.Time, In: p.In, Out: p.Out}
	origLen = max(origLen, len(frame))
	p.Length = clamp(origLen)
	if len(frame) < ethernetLen {
		return ethernetErrors.missing(ethernetLen, origLen)
	}
	copy(p.DstMAC[:], frame[0:6])
	copy(p.SrcMAC[:], frame[6:12])
	p.EtherType = binary.BigEndian.Uint16(frame[12:])
	return p.decodeLink(frame[ethernetLen:], origLen-ethernetLen)
}

// DecodeNetwork reads what follows the link-layer header of a link that is not Ethernet and that names its
// content by etherType, or by 0 for "IP of either version". It sets every field but Time, In, Out and the two
// MACs, which are the caller's, and counts only b: Length has no link-layer header in it.
func (p *Packet) DecodeNetwork(etherType uint16, b []byte, origLen int) error {
	p.resetNetwork()
	origLen = max(origLen, len(b))
	p.Length = clamp(origLen)
	if etherType == 0 {
		return p.decodeIP(b, origLen)
	}
	p.EtherType = etherType
	return p.decodeLink(b, origLen)
}

// DecodeIP reads a bare IP packet of either version, of which b may be only the beginning, as nflog hands it
// out. It sets every field but Time, In, Out and the two MACs, which are the caller's.
func (p *Packet) DecodeIP(b []byte) error {
	p.resetNetwork()
	p.Length = clamp(len(b))
	return p.decodeIP(b, lengthUnknown)
}

func clamp(n int) uint32 { return uint32(min(uint64(n), math.MaxUint32)) }

func (p *Packet) resetNetwork() {
	*p = Packet{Time: p.Time, In: p.In, Out: p.Out, SrcMAC: p.SrcMAC, DstMAC: p.DstMAC}
}

// decodeLink takes off VLAN tags and the LLC header, b being what follows p.EtherType and whole its length on
// the wire.
func (p *Packet) decodeLink(b []byte, whole int) error {
	for tags := 0; isTag(p.EtherType); tags++ {
		if len(b) < 4 {
			return vlanErrors.missing(4, whole)
		}
		if tags == maxTags {
			return vlanErrors.malformed
		}
		p.EtherType = binary.BigEndian.Uint16(b[2:])
		b, whole = b[4:], whole-4
	}
	if p.EtherType < etherTypeMin {
		return p.decodeLLC(b, whole)
	}
	return p.decodeNetwork(b, whole)
}

func isTag(etherType uint16) bool {
	return etherType == etherTypeVLAN || etherType == etherTypeQinQ || etherType == etherTypeOldQinQ
}

// decodeLLC reads the IEEE 802.2 header and, where there is one, the SNAP header (RFC 1042).
func (p *Packet) decodeLLC(b []byte, whole int) error {
	p.EtherType, p.Network = EtherType8022, b
	if len(b) < 3 {
		return llcErrors.missing(3, whole)
	}
	if b[0] == 0xff && b[1] == 0xff {
		p.EtherType = EtherType8023
		return nil
	}
	if b[0] != 0xaa || b[1] != 0xaa || b[2] != 0x03 {
		return nil
	}
	if len(b) < 8 {
		return llcErrors.missing(8, whole)
	}
	// Under another organisation's number the last two bytes are no EtherType.
	encapsulated := b[3] == 0 && b[4] == 0 && (b[5] == 0 || b[5] == 0xf8)
	etherType := binary.BigEndian.Uint16(b[6:])
	if !encapsulated || etherType < etherTypeMin {
		return nil
	}
	p.EtherType = etherType
	return p.decodeNetwork(b[8:], whole-8)
}

func (p *Packet) decodeNetwork(b []byte, whole int) error {
	p.Network = b
	switch p.EtherType {
	case EtherTypeIPv4:
		return p.decodeIPv4(b, whole)
	case EtherTypeIPv6:
		return p.decodeIPv6(b, whole)
	case EtherTypeARP:
		return p.decodeARP(b, whole)
	case EtherTypeLLDP:
		p.Payload = b
	}
	return nil
}
