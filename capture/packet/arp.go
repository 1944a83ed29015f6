package packet

import (
	"encoding/binary"
	"net/netip"
)

const (
	arpLen         = 28
	arpEthernet    = 1 // hardware types (IANA)
	arpIEEE802     = 6
	arpHeaderBytes = 8
)

// decodeARP reads RFC 826 for IPv4 on Ethernet. The hardware addresses inside are not kept: who sent a frame is
// what its link-layer header says.
func (p *Packet) decodeARP(b []byte, whole int) error {
	if len(b) < arpHeaderBytes {
		return arpErrors.missing(arpHeaderBytes, whole)
	}
	hardware := binary.BigEndian.Uint16(b)
	if hardware != arpEthernet && hardware != arpIEEE802 ||
		binary.BigEndian.Uint16(b[2:]) != EtherTypeIPv4 || b[4] != 6 || b[5] != 4 {
		return arpErrors.malformed
	}
	if len(b) < arpLen {
		return arpErrors.missing(arpLen, whole)
	}
	p.ARPOp = binary.BigEndian.Uint16(b[6:])
	p.Src = netip.AddrFrom4([4]byte(b[14:18]))
	p.Dst = netip.AddrFrom4([4]byte(b[24:28]))
	return nil
}
