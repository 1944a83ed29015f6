package coap

import (
	"encoding/binary"
	"fmt"
	"io"
)

// ReadStream reads the next message of a stream (RFC 8323 section 3.2); one of more than limit bytes after its header
// is an error, as is one that is cut short.
func ReadStream(r io.Reader, limit int) (m Message, err error) {
	var first [1]byte
	if _, err := io.ReadFull(r, first[:]); err != nil {
		return m, err
	}
	length, err := streamLength(r, int(first[0]>>4))
	if err != nil {
		return m, err
	}
	token := int(first[0] & 15)
	if token > maxToken || length > limit {
		return m, fmt.Errorf("a message of %d bytes: %w", length, ErrFormat)
	}
	b := make([]byte, 1+token+length)
	if _, err := io.ReadFull(r, b); err != nil {
		return m, noEOF(err)
	}
	m = Message{Type: NonConfirmable, Code: Code(b[0])}
	return m, m.parseRest(token, b[1:])
}

// streamLength reads what the first four bits leave open of the length of options and payload.
func streamLength(r io.Reader, nibble int) (int, error) {
	size := map[int]int{13: 1, 14: 2, 15: 4}[nibble]
	if size == 0 {
		return nibble, nil
	}
	var b [4]byte
	if _, err := io.ReadFull(r, b[4-size:]); err != nil {
		return 0, noEOF(err)
	}
	return int(int64(binary.BigEndian.Uint32(b[:])) + streamOffset(nibble)), nil
}

func streamOffset(nibble int) int64 {
	return map[int]int64{13: 13, 14: 269, 15: 65805}[nibble]
}

// noEOF is for the middle of a message, where the end of a stream comes too early.
func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// Stream is m as it goes over a stream.
func (m *Message) Stream() []byte {
	rest := m.appendRest(nil)
	var b []byte
	switch n := len(rest); {
	case n < 13:
		b = []byte{byte(n) << 4}
	case n < 269:
		b = []byte{13 << 4, byte(n - 13)}
	case n < 65805:
		b = binary.BigEndian.AppendUint16([]byte{14 << 4}, uint16(n-269))
	default:
		b = binary.BigEndian.AppendUint32([]byte{15 << 4}, uint32(n-65805))
	}
	b[0] |= byte(len(m.Token))
	return append(append(append(b, byte(m.Code)), m.Token...), rest...)
}
