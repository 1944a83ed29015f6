package pcapfile

import (
	"errors"
	"math/bits"
	"time"
)

// Options of an Interface Description Block (draft-ietf-opsawg-pcapng section 4.2).
const (
	optionEnd        = 0
	optionResolution = 9  // if_tsresol
	optionOffset     = 14 // if_tsoffset
)

// maxSecond is the last second of the year 9999: JSON has no times beyond it.
const maxSecond = 253402300799

// ngInterface is what a pcapng file says of one interface.
type ngInterface struct {
	link    LinkType
	snapLen uint32 // 0 for no limit
	units   uint64 // of time in a second
	offset  int64  // seconds to add to every time
}

// addInterface reads an Interface Description Block.
func (n *nextgen) addInterface(r *Reader, length uint32) error {
	body, err := n.body(r, length, 8)
	if err != nil {
		return err
	}
	if len(n.interfaces) == maxInterfaces {
		return errors.New("the file has more than 1024 interfaces: split it with editcap")
	}
	in := ngInterface{link: LinkType(n.order.Uint16(body)), snapLen: n.order.Uint32(body[4:]), units: 1e6}
	if err := n.options(body[8:], &in); err != nil {
		return err
	}
	n.interfaces = append(n.interfaces, in)
	return nil
}

func (n *nextgen) options(b []byte, in *ngInterface) error {
	for len(b) >= 4 {
		code, size := n.order.Uint16(b), int(n.order.Uint16(b[2:]))
		padded := (size + 3) &^ 3
		b = b[4:]
		if code == optionEnd {
			return nil
		}
		if padded > len(b) {
			return errors.New("the file is damaged: an option beyond its block")
		}
		if err := n.option(code, b[:size], in); err != nil {
			return err
		}
		b = b[padded:]
	}
	return nil
}

func (n *nextgen) option(code uint16, value []byte, in *ngInterface) error {
	switch {
	case code == optionResolution && len(value) == 1:
		units, ok := resolution(value[0])
		if !ok {
			return errors.New("the file is damaged: a clock finer than any")
		}
		in.units = units
	case code == optionOffset && len(value) == 8:
		in.offset = int64(n.order.Uint64(value))
	}
	return nil
}

// resolution returns the units in a second: a power of two where the first bit is set, else of ten.
func resolution(x byte) (uint64, bool) {
	if x&0x80 != 0 {
		return 1 << (x & 0x7f), x&0x7f < 64
	}
	units := uint64(1)
	for range x {
		hi, lo := bits.Mul64(units, 10)
		if hi != 0 {
			return 0, false
		}
		units = lo
	}
	return units, true
}

// time returns the time that a stamp means, and whether that is between 1970 and 9999.
func (in *ngInterface) time(stamp uint64) (time.Time, bool) {
	sec, fraction := stamp/in.units, stamp%in.units
	if sec > maxSecond || in.offset > maxSecond || in.offset < -maxSecond {
		return time.Time{}, false
	}
	at := int64(sec) + in.offset
	if at < 0 || at > maxSecond {
		return time.Time{}, false
	}
	hi, lo := bits.Mul64(fraction, 1e9)
	ns, _ := bits.Div64(hi, lo, in.units)
	return time.Unix(at, int64(ns)), true
}
