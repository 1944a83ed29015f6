package firewall

import (
	"encoding/binary"
	"iter"
)

const (
	attributeHeader = 4
	attributeType   = 0x3fff // without NLA_F_NESTED and NLA_F_NET_BYTEORDER
)

// walk goes through netlink attributes in place, up to the first that is cut off: a dump of thousands of elements
// should cost no memory for each.
func walk(b []byte) iter.Seq2[uint16, []byte] {
	return func(yield func(uint16, []byte) bool) {
		for len(b) >= attributeHeader {
			n := int(binary.NativeEndian.Uint16(b))
			if n < attributeHeader || n > len(b) {
				return
			}
			if !yield(binary.NativeEndian.Uint16(b[2:])&attributeType, b[attributeHeader:n]) {
				return
			}
			b = b[min((n+3)&^3, len(b)):]
		}
	}
}
