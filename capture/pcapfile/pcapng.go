package pcapfile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"
)

// Block types of pcapng (draft-ietf-opsawg-pcapng section 4).
const (
	blockSection   = 0x0a0d0d0a
	blockInterface = 1
	blockPacket    = 2 // obsolete, but old files have it
	blockSimple    = 3
	blockEnhanced  = 6

	byteOrderMagic = 0x1a2b3c4d

	maxBlock      = 2 * maxFrame // a packet and its options; only blocks that are skipped may be longer
	maxInterfaces = 1024
)

var errBlock = errors.New("the file is damaged: a block of an impossible length")

// nextgen is the state of reading a pcapng file.
type nextgen struct {
	order      binary.ByteOrder
	interfaces []ngInterface // of the current section
	last       time.Time     // of the packet before, for those without a time of their own
}

// readSection reads the section header that a pcapng file begins with.
func readSection(r *Reader) (format, error) {
	n := &nextgen{last: time.Unix(0, 0)}
	head, err := r.readRest(8)
	if err != nil {
		return nil, errForeign
	}
	if err := n.section(r, [4]byte(head[4:])); err != nil {
		return nil, errForeign
	}
	return n, nil
}

func (n *nextgen) next(r *Reader, f *Frame) error {
	for {
		head, err := r.read(8)
		if err != nil {
			return err
		}
		kind, length := n.order.Uint32(head), n.order.Uint32(head[4:])
		switch kind {
		case blockSection:
			err = n.section(r, [4]byte(head[4:]))
		case blockInterface:
			err = n.addInterface(r, length)
		case blockEnhanced:
			return n.enhanced(r, length, f)
		case blockPacket:
			return n.obsolete(r, length, f)
		case blockSimple:
			return n.simple(r, length, f)
		default:
			err = skipBlock(r, length)
		}
		if err != nil {
			return err
		}
	}
}

// section begins a new section, whose byte order is its own; head is the block's length in that order.
func (n *nextgen) section(r *Reader, head [4]byte) error {
	magic, err := r.readRest(4)
	if err != nil {
		return err
	}
	switch {
	case binary.BigEndian.Uint32(magic) == byteOrderMagic:
		n.order = binary.BigEndian
	case binary.LittleEndian.Uint32(magic) == byteOrderMagic:
		n.order = binary.LittleEndian
	default:
		return errors.New("the file is damaged: a section without a byte order")
	}
	n.interfaces = n.interfaces[:0]
	// The four bytes of the magic are gone already, so the block looks that much shorter.
	body, err := n.body(r, n.order.Uint32(head[:])-4, 12)
	if err != nil {
		return err
	}
	if major := n.order.Uint16(body); major != 1 {
		return fmt.Errorf("pcapng version %d: convert it to 1.0 with editcap -F pcapng", major)
	}
	return nil
}

// body reads what stands between a block's first eight bytes and the repetition of its length.
func (n *nextgen) body(r *Reader, length, least uint32) ([]byte, error) {
	if length < 12+least || length%4 != 0 || length > maxBlock {
		return nil, errBlock
	}
	b, err := r.readRest(int(length - 8))
	if err != nil {
		return nil, err
	}
	return b[:len(b)-4], nil
}

func skipBlock(r *Reader, length uint32) error {
	if length < 12 || length%4 != 0 {
		return errBlock
	}
	_, err := io.CopyN(io.Discard, r.in, int64(length-8))
	return unexpected(err)
}

// enhanced reads an Enhanced Packet Block.
func (n *nextgen) enhanced(r *Reader, length uint32, f *Frame) error {
	body, err := n.body(r, length, 20)
	if err != nil {
		return err
	}
	return n.packet(f, n.order.Uint32(body), body[4:])
}

// obsolete reads a Packet Block, which has a count of drops where the later ones have half of the interface.
func (n *nextgen) obsolete(r *Reader, length uint32, f *Frame) error {
	body, err := n.body(r, length, 20)
	if err != nil {
		return err
	}
	return n.packet(f, uint32(n.order.Uint16(body)), body[4:])
}

// packet reads time stamp, lengths and data, which both blocks have alike.
func (n *nextgen) packet(f *Frame, id uint32, b []byte) error {
	in, err := n.lookup(id)
	if err != nil {
		return err
	}
	captured, length := n.order.Uint32(b[8:]), n.order.Uint32(b[12:])
	data := b[16:]
	if uint64(captured) > uint64(min(len(data), maxFrame)) {
		return fmt.Errorf("the file is damaged: a packet of %d bytes in a block of %d", captured, len(b))
	}
	stamp := uint64(n.order.Uint32(b))<<32 | uint64(n.order.Uint32(b[4:]))
	if at, ok := in.time(stamp); ok {
		n.last = at
	}
	f.Time, f.Link = n.last, in.link
	f.setData(data[:captured], length)
	return nil
}

// simple reads a Simple Packet Block: of the first interface, cut at its snap length, without a time.
func (n *nextgen) simple(r *Reader, length uint32, f *Frame) error {
	body, err := n.body(r, length, 4)
	if err != nil {
		return err
	}
	in, err := n.lookup(0)
	if err != nil {
		return err
	}
	sent := n.order.Uint32(body)
	data := body[4:]
	captured := min(sent, uint32(len(data)), maxFrame)
	if in.snapLen > 0 {
		captured = min(captured, in.snapLen)
	}
	f.Time, f.Link = n.last, in.link
	f.setData(data[:captured], sent)
	return nil
}

func (n *nextgen) lookup(id uint32) (*ngInterface, error) {
	if uint64(id) >= uint64(len(n.interfaces)) {
		return nil, fmt.Errorf("the file is damaged: a packet of interface %d, which is not described", id)
	}
	in := &n.interfaces[id]
	return in, in.link.check()
}
