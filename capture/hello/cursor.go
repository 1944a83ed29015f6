package hello

import "encoding/binary"

// cursor reads a message from front to back. A read beyond its end gives nothing, and marks it as bad.
type cursor struct {
	rest []byte
	bad  bool
}

func (c *cursor) take(n int) []byte {
	if n < 0 || n > len(c.rest) {
		c.rest, c.bad = nil, true
		return nil
	}
	b := c.rest[:n]
	c.rest = c.rest[n:]
	return b
}

// number reads an unsigned integer of up to four bytes (RFC 8446 section 3.3).
func (c *cursor) number(size int) int {
	n := 0
	for _, b := range c.take(size) {
		n = n<<8 | int(b)
	}
	return n
}

// vector reads a vector with a length of the given size before it (RFC 8446 section 3.4).
func (c *cursor) vector(size int) cursor {
	b := c.take(c.number(size))
	return cursor{rest: b, bad: c.bad}
}

// varint reads a variable-length integer (RFC 9000 section 16).
func (c *cursor) varint() uint64 {
	if len(c.rest) == 0 {
		c.bad = true
		return 0
	}
	var whole [8]byte
	size := 1 << (c.rest[0] >> 6)
	b := c.take(size)
	copy(whole[8-size:], b)
	if !c.bad {
		whole[8-size] &= 0x3f
	}
	return binary.BigEndian.Uint64(whole[:])
}

// length reads a variable-length integer that counts bytes of what follows.
func (c *cursor) length() int {
	n := c.varint()
	if n > uint64(len(c.rest)) {
		c.rest, c.bad = nil, true
		return 0
	}
	return int(n)
}
