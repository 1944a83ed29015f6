package wire

import (
	"bytes"
	"fmt"
)

// Limits of what a peer may send. A request that fits one datagram (RFC 9132 section 7.3) stays far below.
const (
	MaxBody     = 8192 // bytes
	maxNested   = 8
	maxElements = 256
	maxText     = 255 // bytes of a name
)

// dotsTag may stand before the whole body (RFC 9132 section 10.5): 271 in three bytes.
var dotsTag = []byte{0xd9, 0x01, 0x0f}

// object is one CBOR map, its values still to be read.
type object map[uint64]rawCBOR

// untag takes the optional tag off a body.
func untag(body []byte) ([]byte, error) {
	if len(body) > MaxBody {
		return nil, &Error{Code: TooLarge, Text: fmt.Sprintf("the body has %d bytes, more than %d", len(body), MaxBody)}
	}
	return bytes.TrimPrefix(body, dotsTag), nil
}

// open reads one map with whole numbers as keys.
func open(raw []byte, where string) (object, error) {
	var o object
	if err := unmarshal(raw, &o); err != nil || o == nil {
		return nil, badRequest("%s is no CBOR map with numbers as keys and each key once", where)
	}
	return o, nil
}

// only refuses keys that are not known and have to be understood.
func (o object) only(where string, known ...uint64) error {
	for key := range o {
		if required(key) && !contains(known, key) {
			return badRequest("%s has the key %d, which is not understood here", where, key)
		}
	}
	return nil
}

func contains(list []uint64, key uint64) bool {
	for _, k := range list {
		if k == key {
			return true
		}
	}
	return false
}

// inside opens the map under a key that has to be the only one of a body: the shape of every DOTS message.
func inside(body []byte, key uint64, where string) (object, error) {
	raw, err := untag(body)
	if err != nil {
		return nil, err
	}
	top, err := open(raw, "the body")
	if err != nil {
		return nil, err
	}
	if err := top.only("the body", key); err != nil {
		return nil, err
	}
	if _, ok := top[key]; !ok {
		return nil, badRequest("the body has no %s (key %d)", where, key)
	}
	return open(top[key], where)
}

// read decodes a value of an object strictly into v.
func (o object) read(key uint64, v any) error {
	if err := unmarshal(o[key], v); err != nil {
		return badRequest("%s (key %d) has the wrong type", names[key], key)
	}
	return nil
}
