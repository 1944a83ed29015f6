package adb

import (
	"encoding/binary"
	"fmt"
)

// values reads the words of a payload. The first error sticks: what is read after it is empty.
type values struct {
	buf []byte
	err error
}

func (v *values) fail(format string, args ...any) {
	if v.err == nil {
		v.err = fmt.Errorf("read ADB: "+format, args...)
	}
}

// span is size bytes at an offset, none where they are not all there.
func (v *values) span(offset, size, align uint64) []byte {
	if offset < headerSize || offset%align != 0 || offset+size > uint64(len(v.buf)) {
		v.fail("%d bytes at %d of %d", size, offset, len(v.buf))
		return nil
	}
	return v.buf[offset : offset+size]
}

// number reads a little endian number of up to eight bytes.
func (v *values) number(offset, size, align uint64) (n uint64) {
	for i, b := range v.span(offset, size, align) {
		n |= uint64(b) << (8 * i)
	}
	return n
}

func (v *values) int(w word) uint64 {
	low := uint64(w & lowBits)
	switch kind := w >> typeShift; {
	case w == 0:
		return 0
	case kind == typeInt:
		return low
	case kind == typeInt32:
		return v.number(low, 4, 4)
	case kind == typeInt64:
		return v.number(low, 8, 4)
	default:
		v.fail("word %08x is no number", uint32(w))
		return 0
	}
}

func (v *values) blob(w word) []byte {
	if w == 0 {
		return nil
	}
	prefix, ok := map[word]uint64{typeBlob8: 1, typeBlob16: 2, typeBlob32: 4}[w>>typeShift]
	if !ok {
		v.fail("word %08x is no text", uint32(w))
		return nil
	}
	offset := uint64(w & lowBits)
	return v.span(offset+prefix, v.number(offset, prefix, prefix), 1)
}

func (v *values) text(w word) string { return string(v.blob(w)) }

// list is the slots of an object or array, without the count.
func (v *values) list(w word) []word {
	if w == 0 {
		return nil
	}
	if kind := w >> typeShift; kind != typeObject && kind != typeArray {
		v.fail("word %08x is no object", uint32(w))
		return nil
	}
	offset := uint64(w & lowBits)
	n := v.number(offset, 4, 4)
	if n < 2 {
		v.fail("an object of %d slots", n)
		return nil
	}
	data := v.span(offset+4, 4*(n-1), 4)
	slots := make([]word, 0, len(data)/4)
	for ; len(data) > 0; data = data[4:] {
		slots = append(slots, word(binary.LittleEndian.Uint32(data)))
	}
	return slots
}

// object is an object's slots by field number, as many as the schema has; more are an error.
func (v *values) object(w word, fields int) func(field int) word {
	slots := v.list(w)
	if len(slots) > fields {
		v.fail("an object with field %d, the last known is %d", len(slots), fields)
	}
	return func(field int) word {
		if field > len(slots) {
			return 0
		}
		return slots[field-1]
	}
}
