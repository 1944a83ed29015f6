package ubus

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// What ubusd speaks on its socket (ubusmsg.h): a header of eight bytes, version, type, sequence and peer, then a blob of
// attributes, all big endian.
const (
	headerSize = 8

	msgStatus      = 1
	msgData        = 2
	msgLookup      = 4
	msgInvoke      = 5
	msgAddObject   = 6
	msgSubscribe   = 8
	msgUnsubscribe = 9

	attrStatus = 1
	attrPath   = 2
	attrObject = 3
	attrMethod = 4
	attrTarget = 8

	// maxMessage bounds what is read: notifications and answers to us have some hundred bytes.
	maxMessage = 64 << 10
)

// message is one of ubusd's, or one to it.
type message struct {
	kind  byte
	attrs map[byte][]byte
}

// attr is an attribute of a blob (libubox, blob.h): one bit, seven of type, 24 of length with these four bytes, and what
// it holds, filled up to a multiple of four.
func attr(id byte, data []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(id)<<24|uint32(4+len(data)))
	b = append(b, data...)
	return append(b, make([]byte, -len(b)&3)...)
}

func number(id byte, n uint32) []byte { return attr(id, binary.BigEndian.AppendUint32(nil, n)) }

func words(id byte, s string) []byte { return attr(id, append([]byte(s), 0)) }

// frame is a message as it is sent.
func frame(kind byte, seq uint16, attrs ...[]byte) []byte {
	var all []byte
	for _, a := range attrs {
		all = append(all, a...)
	}
	b := append([]byte{0, kind}, binary.BigEndian.AppendUint16(nil, seq)...)
	b = append(b, 0, 0, 0, 0) // no peer
	return append(b, attr(0, all)...)
}

func readMessage(r io.Reader) (m message, err error) {
	var head [headerSize + 4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return m, err
	}
	size := int(binary.BigEndian.Uint32(head[headerSize:])&0xffffff) - 4
	if size < 0 || size > maxMessage {
		return m, fmt.Errorf("read a message of ubus: it says that it has %d bytes", size)
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(r, body); err != nil {
		return m, err
	}
	m = message{head[1], map[byte][]byte{}}
	for len(body) >= 4 {
		word := binary.BigEndian.Uint32(body)
		n := int(word & 0xffffff)
		if n < 4 || n > len(body) {
			return m, errors.New("read a message of ubus: an attribute is longer than the message")
		}
		m.attrs[byte(word>>24)&0x7f] = body[4:n]
		body = body[min((n+3)&^3, len(body)):]
	}
	return m, nil
}

// number is an attribute of four bytes.
func (m message) number(id byte) (uint32, bool) {
	b := m.attrs[id]
	if len(b) != 4 {
		return 0, false
	}
	return binary.BigEndian.Uint32(b), true
}

// text is an attribute that ends with a zero.
func (m message) text(id byte) string {
	b := m.attrs[id]
	return string(b[:max(len(b)-1, 0)])
}
