// Package lldp reads the MUD URLs that devices name by LLDP (IEEE 802.1AB, RFC 8520 section 12).
package lldp

import (
	"encoding/binary"
	"errors"
)

// Types of TLVs (IEEE 802.1AB table 8-1), and of the one that RFC 8520 section 12 defines.
const (
	typeEnd        = 0
	typeTTL        = 3
	typeOwn        = 127
	organisation   = 0x00005e // of IANA
	subtypeMUDURL  = 1
	maxTLVs        = 128
	headerOfOwnTLV = 4 // organisation and subtype
)

var errFrame = errors.New("LLDP frame that ends inside a TLV")

// Message is what is read of a frame.
type Message struct {
	TTL    uint16 // seconds for which it holds; 0 takes back what was said before
	MUDURL string // as it came; "" where there is none, or it is no text
}

// Parse reads what follows the Ethernet header. What was cut short is refused whole.
func Parse(b []byte) (m Message, err error) {
	for range maxTLVs {
		if len(b) < 2 {
			return Message{}, errFrame
		}
		header := binary.BigEndian.Uint16(b)
		kind, size := header>>9, int(header&0x1ff)
		if kind == typeEnd {
			return m, nil
		}
		if len(b) < 2+size {
			return Message{}, errFrame
		}
		m.take(kind, b[2:2+size])
		b = b[2+size:]
	}
	return Message{}, errFrame
}

func (m *Message) take(kind uint16, value []byte) {
	switch {
	case kind == typeTTL && len(value) >= 2:
		m.TTL = binary.BigEndian.Uint16(value)
	case kind == typeOwn && len(value) > headerOfOwnTLV && m.MUDURL == "" &&
		binary.BigEndian.Uint32(value) == organisation<<8|subtypeMUDURL:
		m.MUDURL = text(value[headerOfOwnTLV:])
	}
}

// text is a URL up to the space that may follow it; "" where it has anything but visible ASCII.
func text(b []byte) string {
	for i, c := range b {
		if c == ' ' || c == 0 && i > 0 {
			b = b[:i]
			break
		}
		if c < ' ' || c > '~' {
			return ""
		}
	}
	return string(b)
}
