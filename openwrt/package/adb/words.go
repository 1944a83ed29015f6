package adb

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Value words: the type in the top four bits, an immediate or an offset below.
const (
	typeInt    = 0x1
	typeInt32  = 0x2
	typeInt64  = 0x3
	typeBlob8  = 0x8
	typeBlob16 = 0x9
	typeBlob32 = 0xa
	typeArray  = 0xd
	typeObject = 0xe

	typeShift  = 28
	lowBits    = 1<<typeShift - 1
	headerSize = 8 // version bytes and the root word, before the first value
)

// word is one value: an immediate, or where it lies. Zero is null.
type word uint32

// payload is the content of an ADB block while it grows. It only ever grows: what was written before is shared where
// the same pieces come again, as apk mkpkg does it, so that our packages can be compared with its byte for byte.
type payload struct {
	buf  []byte
	seen map[string]int // pieces → offset
	// copied: blobs are written as one piece, length and text together, as apk mkndx copies them.
	copied bool
}

func newPayload() *payload {
	return &payload{buf: make([]byte, headerSize), seen: map[string]int{}}
}

// append adds pieces at an alignment, or finds them, and returns their offset.
func (p *payload) append(align int, pieces ...[]byte) int {
	var key []byte
	for _, piece := range pieces {
		key = append(binary.AppendUvarint(key, uint64(len(piece))), piece...)
	}
	if at, ok := p.seen[string(key)]; ok && at%align == 0 {
		return at
	}
	at := p.fresh(align, pieces...)
	p.seen[string(key)] = at
	return at
}

// fresh adds pieces that nothing may share.
func (p *payload) fresh(align int, pieces ...[]byte) int {
	for len(p.buf)%align != 0 {
		p.buf = append(p.buf, 0)
	}
	at := len(p.buf)
	for _, piece := range pieces {
		p.buf = append(p.buf, piece...)
	}
	return at
}

func at(kind, offset int) word { return word(kind<<typeShift | offset) }

func (p *payload) int(v uint64) word {
	switch {
	case v <= lowBits:
		return at(typeInt, int(v))
	case v <= math.MaxUint32:
		return at(typeInt32, p.append(4, binary.LittleEndian.AppendUint32(nil, uint32(v))))
	default:
		return at(typeInt64, p.append(4, binary.LittleEndian.AppendUint64(nil, v)))
	}
}

// blob writes bytes in the smallest form; no bytes are null.
func (p *payload) blob(data []byte) word {
	kind, align, length := typeBlob32, 4, binary.LittleEndian.AppendUint32(nil, uint32(len(data)))
	switch n := len(data); {
	case n == 0:
		return 0
	case n <= math.MaxUint8:
		kind, align, length = typeBlob8, 1, []byte{byte(n)}
	case n <= math.MaxUint16:
		kind, align, length = typeBlob16, 2, binary.LittleEndian.AppendUint16(nil, uint16(n))
	}
	if p.copied {
		return at(kind, p.append(align, append(length, data...)))
	}
	return at(kind, p.append(align, length, data))
}

func (p *payload) text(s string) word { return p.blob([]byte(s)) }

// object writes slots, the first of which has field number 1. Null slots at the end are left out. apk's own tools
// write arrays with an object's type, and so do we.
func (p *payload) object(slots ...word) word {
	for len(slots) > 0 && slots[len(slots)-1] == 0 {
		slots = slots[:len(slots)-1]
	}
	if len(slots) == 0 {
		return 0
	}
	data := binary.LittleEndian.AppendUint32(nil, uint32(len(slots)+1))
	for _, s := range slots {
		data = binary.LittleEndian.AppendUint32(data, uint32(s))
	}
	return at(typeObject, p.append(4, data))
}

// finish puts the root into its place and returns the payload.
func (p *payload) finish(root word) ([]byte, error) {
	if len(p.buf) > lowBits {
		return nil, fmt.Errorf("write ADB: %d bytes of names and scripts, the format ends at %d", len(p.buf), lowBits)
	}
	binary.LittleEndian.PutUint32(p.buf[4:], uint32(root))
	return p.buf, nil
}
