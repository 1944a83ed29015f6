package conntrack

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Attributes of ctnetlink (linux/netfilter/nfnetlink_conntrack.h). Their values are in network byte order.
const (
	ctaTupleOrig     = 1
	ctaTupleReply    = 2
	ctaStatus        = 3
	ctaProtoInfo     = 4
	ctaMark          = 8
	ctaCountersOrig  = 9
	ctaCountersReply = 10
	ctaID            = 12
	ctaZone          = 18
	ctaTimestamp     = 20

	ctaTupleIP    = 1
	ctaTupleProto = 2
	ctaTupleZone  = 3

	ctaIPv4Src = 1
	ctaIPv4Dst = 2
	ctaIPv6Src = 3
	ctaIPv6Dst = 4

	ctaProtoNum   = 1
	ctaSrcPort    = 2
	ctaDstPort    = 3
	ctaICMPID     = 4
	ctaICMPType   = 5
	ctaICMPCode   = 6
	ctaICMPv6ID   = 7
	ctaICMPv6Type = 8
	ctaICMPv6Code = 9

	ctaCountersPackets = 1
	ctaCountersBytes   = 2

	ctaProtoInfoTCP = 1
	ctaTCPState     = 1

	ctaTimestampStart = 1
	ctaTimestampStop  = 2
)

var (
	errTruncated  = errors.New("attribute is cut off")
	errLength     = errors.New("attribute has a wrong length")
	errIncomplete = errors.New("connection lacks an address")
)

const (
	attributeHeader = 4      // struct nlattr: length and type in the machine's byte order
	attributeType   = 0x3fff // NLA_TYPE_MASK: without the nested and byte order flags
)

// attributes is a run of netlink attributes that next eats from the front.
type attributes []byte

// next returns the first attribute and drops it; ok is false at the end and at an attribute that is cut off.
func (a *attributes) next() (typ uint16, value []byte, ok bool) {
	b := *a
	if len(b) < attributeHeader {
		return 0, nil, false
	}
	length := int(binary.NativeEndian.Uint16(b))
	if length < attributeHeader || length > len(b) {
		return 0, nil, false
	}
	*a = b[min((length+3)&^3, len(b)):] // each starts at a multiple of four
	return binary.NativeEndian.Uint16(b[2:]) & attributeType, b[attributeHeader:length], true
}

// end is called when next had no more: what it left over was cut off.
func (a attributes) end() error {
	if len(a) > 0 {
		return errTruncated
	}
	return nil
}

// each hands every attribute of b to fn, which must be a plain function for this to stay free of garbage.
func each[T any](b []byte, to *T, fn func(to *T, typ uint16, value []byte) error) error {
	a := attributes(b)
	for typ, value, ok := a.next(); ok; typ, value, ok = a.next() {
		if err := fn(to, typ, value); err != nil {
			return fmt.Errorf("attribute %d: %w", typ, err)
		}
	}
	return a.end()
}

func set8(to *uint8, b []byte) error {
	if len(b) != 1 {
		return errLength
	}
	*to = b[0]
	return nil
}

func set16(to *uint16, b []byte) error {
	if len(b) != 2 {
		return errLength
	}
	*to = binary.BigEndian.Uint16(b)
	return nil
}

func set32(to *uint32, b []byte) error {
	if len(b) != 4 {
		return errLength
	}
	*to = binary.BigEndian.Uint32(b)
	return nil
}

func set64(to *uint64, b []byte) error {
	if len(b) != 8 {
		return errLength
	}
	*to = binary.BigEndian.Uint64(b)
	return nil
}
