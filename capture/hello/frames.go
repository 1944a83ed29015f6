package hello

import "iter"

// Frames that an Initial packet can have (RFC 9000 sections 12.4 and 19).
const (
	framePadding = 0x00
	framePing    = 0x01
	frameACK     = 0x02
	frameACKECN  = 0x03
	frameCrypto  = 0x06
)

// cryptoFrames gives the pieces of TLS in the content of a packet, each with its place in the stream, up to the
// first frame that is damaged or ends the connection.
func cryptoFrames(content []byte) iter.Seq2[int, []byte] {
	return func(yield func(int, []byte) bool) {
		c := cursor{rest: content}
		for len(c.rest) > 0 {
			switch c.number(1) {
			case framePadding, framePing:
			case frameACK:
				c.skipACK(0)
			case frameACKECN:
				c.skipACK(3)
			case frameCrypto:
				at := c.varint()
				data := c.take(c.length())
				if !c.bad && at < maxHeld && !yield(int(at), data) {
					return
				}
			default:
				return
			}
		}
	}
}

// skipACK passes over RFC 9000 section 19.3: largest, delay, ranges, and the counts that end it.
func (c *cursor) skipACK(counts int) {
	c.varint()
	c.varint()
	for n := 2*c.varint() + 1 + uint64(counts); n > 0 && !c.bad; n-- {
		c.varint()
	}
}
