package packet

import (
	"encoding/binary"
	"math"
	"net/netip"
)

const (
	ipv4Len = 20
	ipv6Len = 40

	maxDatagram = math.MaxUint16 // the largest payload either version can put together from fragments

	// lengthUnknown is the wire length of a packet whose link layer does not tell it.
	lengthUnknown = math.MaxInt
)

// decodeIP tells the version by the first half-byte.
func (p *Packet) decodeIP(b []byte, whole int) error {
	p.Network = b
	if len(b) == 0 {
		return versionErrors.missing(1, whole)
	}
	switch b[0] >> 4 {
	case 4:
		p.EtherType = EtherTypeIPv4
		return p.decodeIPv4(b, whole)
	case 6:
		p.EtherType = EtherTypeIPv6
		return p.decodeIPv6(b, whole)
	}
	return versionErrors.malformed
}

// decodeIPv4 reads RFC 791. The total length decides where the packet ends; what an Ethernet frame holds behind
// it is padding. A packet that claims to be longer than its frame is refused, as by every receiver, but counts
// for its flow with what was sent of it.
func (p *Packet) decodeIPv4(b []byte, whole int) error {
	if len(b) < ipv4Len {
		return ipv4Errors.missing(ipv4Len, whole)
	}
	header := int(b[0]&0x0f) * 4
	total := int(binary.BigEndian.Uint16(b[2:]))
	if total == 0 {
		// Segmentation offload: captured before the network card filled the field in.
		total = len(b)
		if whole != lengthUnknown {
			total = whole
		}
	}
	tooLong := total > whole
	total = min(total, whole)
	if b[0]>>4 != 4 || header < ipv4Len || total < header {
		return ipv4Errors.malformed
	}
	p.Src = netip.AddrFrom4([4]byte(b[12:16]))
	p.Dst = netip.AddrFrom4([4]byte(b[16:20]))
	p.Proto = b[9]
	p.Length = clamp(total)
	if len(b) < header {
		return ipv4Errors.truncated
	}
	field := binary.BigEndian.Uint16(b[6:])
	id := uint32(binary.BigEndian.Uint16(b[4:]))
	if err := p.setFragment(int(field&0x1fff)*8, field&0x2000 != 0, id, total-header); err != nil {
		return err
	}
	err := p.decodeTransport(b[header:min(len(b), total)], total-header)
	if tooLong {
		return ipv4Errors.malformed
	}
	return err
}

// setFragment notes which part of which datagram this is. An IPv6 "atomic" fragment, which is the whole
// datagram, is none (RFC 6946).
func (p *Packet) setFragment(offset int, more bool, id uint32, size int) error {
	if offset == 0 && !more {
		return nil
	}
	p.Fragment, p.FragOffset, p.FragID = true, uint16(offset), id
	if offset+size > maxDatagram {
		return fragmentErrors.malformed
	}
	return nil
}
