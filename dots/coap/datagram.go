package coap

import (
	"bytes"
	"encoding/binary"
)

const (
	version    = 1
	maxToken   = 8
	endOptions = 0xff
)

// ParseDatagram reads a datagram (RFC 7252 section 3); the message keeps parts of it. With ErrFormat the type and ID are
// still told where the header was whole: a confirmable message wants to be reset.
func ParseDatagram(b []byte) (m Message, err error) {
	if len(b) < 4 || b[0]>>6 != version {
		return Message{Type: NonConfirmable}, ErrFormat
	}
	m = Message{Type: Type(b[0] >> 4 & 3), Code: Code(b[1]), ID: binary.BigEndian.Uint16(b[2:])}
	if m.Code == Empty {
		if len(b) != 4 || b[0]&15 != 0 {
			return m, ErrFormat
		}
		return m, nil
	}
	return m, m.parseRest(int(b[0]&15), b[4:])
}

// parseRest reads what follows the header in both forms: token, options, payload.
func (m *Message) parseRest(token int, b []byte) error {
	if token > maxToken || token > len(b) {
		return ErrFormat
	}
	m.Token, b = b[:token], b[token:]
	number := 0
	for len(b) > 0 {
		if b[0] == endOptions {
			if len(b) == 1 {
				return ErrFormat
			}
			m.Payload = b[1:]
			return nil
		}
		delta, length := int(b[0]>>4), int(b[0]&15)
		var ok1, ok2 bool
		b = b[1:]
		delta, b, ok1 = extended(delta, b)
		length, b, ok2 = extended(length, b)
		number += delta
		if !ok1 || !ok2 || length > len(b) || number > 0xffff {
			return ErrFormat
		}
		m.Options = append(m.Options, Option{uint16(number), b[:length]})
		b = b[length:]
	}
	return nil
}

// extended reads the rest of an option's delta or length (RFC 7252 section 3.1).
func extended(nibble int, b []byte) (int, []byte, bool) {
	switch {
	case nibble == 13 && len(b) >= 1:
		return 13 + int(b[0]), b[1:], true
	case nibble == 14 && len(b) >= 2:
		return 269 + int(binary.BigEndian.Uint16(b)), b[2:], true
	}
	return nibble, b, nibble < 13
}

// Datagram is m as a datagram.
func (m *Message) Datagram() []byte {
	b := []byte{version<<6 | byte(m.Type)<<4 | byte(len(m.Token)), byte(m.Code)}
	b = binary.BigEndian.AppendUint16(b, m.ID)
	return m.appendRest(append(b, m.Token...))
}

// appendRest writes options and payload.
func (m *Message) appendRest(b []byte) []byte {
	number := uint16(0)
	for _, o := range m.Options {
		delta, more := shorten(int(o.Number - number))
		length, evenMore := shorten(len(o.Value))
		b = append(b, delta<<4|length)
		b = append(append(append(b, more...), evenMore...), o.Value...)
		number = o.Number
	}
	if len(m.Payload) > 0 {
		b = append(append(b, endOptions), m.Payload...)
	}
	return b
}

// shorten is the reverse of extended.
func shorten(n int) (nibble byte, more []byte) {
	switch {
	case n < 13:
		return byte(n), nil
	case n < 269:
		return 13, []byte{byte(n - 13)}
	}
	return 14, binary.BigEndian.AppendUint16(nil, uint16(n-269))
}

// Clone is a copy of m that keeps nothing of the bytes that m was read from.
func (m *Message) Clone() Message {
	c := *m
	c.Token, c.Payload, c.Options = bytes.Clone(m.Token), bytes.Clone(m.Payload), nil
	for _, o := range m.Options {
		c.Options = append(c.Options, Option{o.Number, bytes.Clone(o.Value)})
	}
	return c
}
