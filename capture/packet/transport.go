package packet

import "encoding/binary"

const (
	tcpLen  = 20
	udpLen  = 8
	icmpLen = 8
)

// decodeTransport reads the header of p.Proto; b is what was captured of the IP payload and whole its length by
// the IP header. Later fragments have no such header.
func (p *Packet) decodeTransport(b []byte, whole int) error {
	if p.FragOffset > 0 {
		return nil
	}
	switch {
	case p.Proto == ProtoTCP:
		return p.decodeTCP(b, whole)
	case p.Proto == ProtoUDP:
		return p.decodeUDP(b, whole)
	case p.Proto == ProtoICMP && p.EtherType == EtherTypeIPv4,
		p.Proto == ProtoICMPv6 && p.EtherType == EtherTypeIPv6:
		return p.decodeICMP(b, whole)
	}
	return nil
}

// decodePorts reads what TCP and UDP headers begin with, so that a header that is cut short later still tells
// whose packet it is.
func (p *Packet) decodePorts(b []byte) {
	if len(b) >= 4 {
		p.SrcPort = binary.BigEndian.Uint16(b)
		p.DstPort = binary.BigEndian.Uint16(b[2:])
	}
}

// decodeTCP reads RFC 9293 section 3.1. Options that were not captured are no error: nothing reads them, and a
// log of short packet heads often ends there.
func (p *Packet) decodeTCP(b []byte, whole int) error {
	p.decodePorts(b)
	if len(b) < tcpLen {
		return tcpErrors.missing(tcpLen, whole)
	}
	header := int(b[12]>>4) * 4
	if header < tcpLen || header > whole {
		return tcpErrors.malformed
	}
	p.TCPSeq, p.TCPAck = binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint32(b[8:])
	p.TCPFlags = b[13]
	p.Payload = b[min(header, len(b)):]
	return nil
}

// decodeUDP reads RFC 768. Only the first fragment of a datagram may be shorter than its length field says.
func (p *Packet) decodeUDP(b []byte, whole int) error {
	p.decodePorts(b)
	if len(b) < udpLen {
		return udpErrors.missing(udpLen, whole)
	}
	length := int(binary.BigEndian.Uint16(b[4:]))
	if length < udpLen || length > whole && !p.Fragment {
		return udpErrors.malformed
	}
	p.Payload = b[udpLen:min(length, len(b))]
	return nil
}

// decodeICMP reads the eight bytes that all messages of RFC 792 and RFC 4443 begin with.
func (p *Packet) decodeICMP(b []byte, whole int) error {
	if len(b) < icmpLen {
		return icmpErrors.missing(icmpLen, whole)
	}
	p.ICMPType, p.ICMPCode = b[0], b[1]
	p.Payload = b[icmpLen:]
	return nil
}
