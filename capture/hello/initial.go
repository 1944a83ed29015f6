package hello

import "iter"

// Fields of QUIC packets (RFC 9000 sections 14.1, 17.2 and 20; RFC 8999 section 5.1).
const (
	minDatagram  = 1200 // a client fills every datagram that has an Initial packet
	longHeader   = 0x80
	fixedBit     = 0x40
	maxID        = 20
	minClientID  = 8 // of the identifier that a client chooses for a server
	maxCoalesced = 8 // packets of one datagram; clients send three kinds
)

// mayBeInitial reports whether a datagram can begin with a client's Initial packet.
func mayBeInitial(b []byte) bool {
	if len(b) < minDatagram || len(b) > maxHeld || b[0]&(longHeader|fixedBit) != longHeader|fixedBit {
		return false
	}
	c := cursor{rest: b[1:]}
	return versionOf(c.number(4)) != nil
}

// initial is a protected Initial packet.
type initial struct {
	version *version
	id      []byte // the server's connection identifier
	raw     []byte // the whole packet
	number  int    // where the packet number stands
}

// initials gives the Initial packets of a datagram, which can hold several packets (RFC 9000 section 12.2).
func initials(b []byte) iter.Seq[*initial] {
	return func(yield func(*initial) bool) {
		for range maxCoalesced {
			in, size := readLong(b)
			if size == 0 || in != nil && !yield(in) {
				return
			}
			b = b[size:]
		}
	}
}

// readLong reads the long header of a packet (RFC 9000 section 17.2), which is nil where it is no Initial one. Its
// size is 0 where it has none, and so no other packet follows.
func readLong(b []byte) (in *initial, size int) {
	c := cursor{rest: b}
	first := byte(c.number(1))
	v := versionOf(c.number(4))
	if c.bad || v == nil || first&(longHeader|fixedBit) != longHeader|fixedBit {
		return nil, 0
	}
	server, client := c.vector(1), c.vector(1)
	kind := (first>>4 - v.initial) & 3 // 0 Initial, 1 0-RTT, 2 Handshake, 3 Retry
	if kind == 0 {
		c.take(c.length()) // token
	}
	n := c.length()
	if c.bad || len(server.rest) > maxID || len(client.rest) > maxID || kind == 3 {
		return nil, 0
	}
	number := len(b) - len(c.rest)
	if kind != 0 {
		return nil, number + n
	}
	return &initial{version: v, id: server.rest, raw: b[:number+n], number: number}, number + n
}
