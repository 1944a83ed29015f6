package wire

import (
	"errors"

	"github.com/fxamacker/cbor/v2"
)

// Decimal is a number with two digits after the point, as hundredths: 1.50 is 150 (RFC 9132 section 4.5.1).
type Decimal uint32

// decimalTag marks a decimal fraction: exponent and mantissa (RFC 8949 section 3.4.4).
const decimalTag = 4

var errDecimal = errors.New("no decimal fraction of two digits after the point")

// MarshalCBOR writes the exponent -2 always.
func (d Decimal) MarshalCBOR() ([]byte, error) {
	return encoder.Marshal(cbor.Tag{Number: decimalTag, Content: []int64{-2, int64(d)}})
}

// UnmarshalCBOR takes other exponents too: some peers send 20.5 as 205 and -1.
func (d *Decimal) UnmarshalCBOR(data []byte) error {
	var tag cbor.RawTag
	var parts []int64
	if err := decoder.Unmarshal(data, &tag); err != nil || tag.Number != decimalTag {
		return errDecimal
	}
	if err := decoder.Unmarshal(tag.Content, &parts); err != nil || len(parts) != 2 {
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
