package packet

import (
	"encoding/binary"
	"net/netip"
)

// IPv6 extension headers that are walked (RFC 8200 section 4.1, RFC 4302): the same as Linux walks to find
// the ports of a connection (ipv6_ext_hdr).
const (
	extHopByHop    = 0
	extRouting     = 43
	extFragment    = 44
	extAuth        = 51
	extDestination = 60

	maxExtensions = 8 // RFC 8200 needs five; the rest is a sender's game
)

// decodeIPv6 reads RFC 8200. Jumbograms (RFC 2675) are refused: no home link carries them. For a
// packet longer than its frame see decodeIPv4.
func (p *Packet) decodeIPv6(b []byte, whole int) error {
	if len(b) < ipv6Len {
		return ipv6Errors.missing(ipv6Len, whole)
	}
	payload := int(binary.BigEndian.Uint16(b[4:]))
	tooLong := payload > whole-ipv6Len
	payload = min(payload, whole-ipv6Len)
	total := ipv6Len + payload
	src, dst := netip.AddrFrom16([16]byte(b[8:24])), netip.AddrFrom16([16]byte(b[24:40]))
	// An IPv4-mapped address must not be on the wire (RFC 4291 section 2.5.5.2): further up it would pass for
	// the IPv4 address of somebody else.
	if b[0]>>4 != 6 || src.Is4In6() || dst.Is4In6() {
		return ipv6Errors.malformed
	}
	p.Src, p.Dst = src, dst
	p.Length = uint32(total)
	err := p.decodeExtensions(b[6], b[ipv6Len:min(len(b), total)], payload)
	if tooLong {
		return ipv6Errors.malformed
	}
	return err
}

// decodeExtensions walks from the extension header number next to the transport header. Where it cannot go on,
// Proto is the number of the header that stopped it.
func (p *Packet) decodeExtensions(next uint8, b []byte, whole int) error {
	for range maxExtensions {
		p.Proto = next
		if !isExtension(next) {
			return p.decodeTransport(b, whole)
		}
		if len(b) < 8 {
			return extensionErrors.missing(8, whole)
		}
		size := extensionLen(next, b[1])
		if len(b) < size {
			return extensionErrors.missing(size, whole)
		}
		if next == extFragment {
			field := binary.BigEndian.Uint16(b[2:])
			id := binary.BigEndian.Uint32(b[4:])
			if err := p.setFragment(int(field&^7), field&1 != 0, id, whole-size); err != nil {
				return err
			}
		}
		next, b, whole = b[0], b[size:], whole-size
		if p.FragOffset > 0 {
			p.Proto = next
			return nil
		}
	}
	return extensionErrors.malformed
}

func isExtension(proto uint8) bool {
	switch proto {
	case extHopByHop, extRouting, extFragment, extAuth, extDestination:
		return true
	}
	return false
}

// extensionLen returns a header's length in bytes from its length field.
func extensionLen(proto, field uint8) int {
	switch proto {
	case extFragment:
		return 8
	case extAuth:
		return 4*int(field) + 8
	}
	return 8*int(field) + 8
}
