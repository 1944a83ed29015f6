// Package coap reads and writes the messages of CoAP as DOTS uses it: over datagrams (RFC 7252) and over a stream
// (RFC 8323). It is pure: bytes in, messages out. What is done with them is the session's matter.
//
// It is our own because the exchange of DOTS has rules that a general library stands in the way of (answers that are
// non-confirmable, resets that end an observation), and because a router's flash is small.
package coap

import (
	"encoding/binary"
	"errors"
)

// Type is how a datagram asks to be treated (RFC 7252 section 3). A stream has none.
type Type uint8

// The four types.
const (
	Confirmable    Type = 0
	NonConfirmable Type = 1
	Acknowledgment Type = 2
	Reset          Type = 3
)

// Code is a method or a response, its class in the upper three bits (RFC 7252 section 3).
type Code uint8

// Methods, the empty message, and the signals of a stream (RFC 8323 section 5).
const (
	Empty  Code = 0
	GET    Code = 1
	POST   Code = 2
	PUT    Code = 3
	DELETE Code = 4

	CSM     Code = 7<<5 | 1
	Ping    Code = 7<<5 | 2
	Pong    Code = 7<<5 | 3
	Release Code = 7<<5 | 4
	Abort   Code = 7<<5 | 5
)

// IsRequest reports whether a message with this code asks for something.
func (c Code) IsRequest() bool { return c > 0 && c < 1<<5 }

// IsSignal reports whether a message with this code is about the stream itself.
func (c Code) IsSignal() bool { return c>>5 == 7 }

// The option numbers that DOTS meets (RFC 7252 section 12.2, RFC 7641, RFC 7959).
const (
	IfMatch       uint16 = 1
	URIHost       uint16 = 3
	ETag          uint16 = 4
	Observe       uint16 = 6
	URIPort       uint16 = 7
	URIPath       uint16 = 11
	ContentFormat uint16 = 12
	MaxAge        uint16 = 14
	URIQuery      uint16 = 15
	Accept        uint16 = 17
	Block2        uint16 = 23

	MaxMessageSize uint16 = 2 // in a CSM (RFC 8323 section 5.3.1)
)

// Option is one option of a message.
type Option struct {
	Number uint16
	Value  []byte
}

// Critical reports whether a receiver that does not know the option has to refuse the message (RFC 7252 section 5.4.1).
func (o Option) Critical() bool { return o.Number&1 == 1 }

// Uint is the value as a number; false where it has more than four bytes.
func (o Option) Uint() (uint32, bool) {
	if len(o.Value) > 4 {
		return 0, false
	}
	var b [4]byte
	copy(b[4-len(o.Value):], o.Value)
	return binary.BigEndian.Uint32(b[:]), true
}

// Number is an option that holds a number, in as few bytes as it needs (RFC 7252 section 3.2).
func Number(number uint16, value uint32) Option {
	b := binary.BigEndian.AppendUint32(nil, value)
	for len(b) > 0 && b[0] == 0 {
		b = b[1:]
	}
	return Option{number, b}
}

// Message is one message. Type and ID are those of a datagram.
type Message struct {
	Type    Type
	Code    Code
	ID      uint16
	Token   []byte
	Options []Option // in the order of their numbers
	Payload []byte
}

// Option is the first option with this number.
func (m *Message) Option(number uint16) (Option, bool) {
	for _, o := range m.Options {
		if o.Number == number {
			return o, true
		}
	}
	return Option{}, false
}

// Path is the segments of the Uri-Path.
func (m *Message) Path() (segments []string) {
	for _, o := range m.Options {
		if o.Number == URIPath {
			segments = append(segments, string(o.Value))
		}
	}
	return segments
}

// SetPath adds the segments of a Uri-Path.
func (m *Message) SetPath(segments []string) {
	for _, segment := range segments {
		m.Options = append(m.Options, Option{URIPath, []byte(segment)})
	}
}

// ErrFormat is a message that is none.
var ErrFormat = errors.New("malformed CoAP message")
