package wire

import "errors"

// Decimal is a number with two digits after the point, as hundredths: 1.50 is 150 (RFC 9132 section 4.5.1).
type Decimal uint32

// decimalTag marks a decimal fraction: exponent and mantissa (RFC 8949 section 3.4.4).
const decimalTag = 4

var errDecimal = errors.New("no decimal fraction of two digits after the point")

// appendTo writes the exponent -2 always.
func (d Decimal) appendTo(b []byte) []byte {
	b = appendHead(appendHead(b, majorTag, decimalTag), majorArray, 2)
	return appendHead(appendHead(b, majorNegint, 1), majorUint, uint64(d))
}

// read takes other exponents too: some peers send 20.5 as 205 and -1.
func (d *Decimal) read(b []byte) error {
	major, tag, content, err := head(b)
	var parts []int64
	if err != nil || major != majorTag || tag != decimalTag || unmarshal(content, &parts) != nil || len(parts) != 2 {
		return errDecimal
	}
	exponent, mantissa := parts[0], parts[1]
	if exponent < -2 || exponent > 3 || mantissa < 0 || mantissa > 1<<20 {
		return errDecimal
	}
	for ; exponent > -2; exponent-- {
		mantissa *= 10
	}
	if mantissa > 1<<31 {
		return errDecimal
	}
	*d = Decimal(mantissa)
	return nil
}
