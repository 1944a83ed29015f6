package packet

import (
	"encoding/hex"
	"fmt"
)

// MAC is a 48-bit link-layer address. The zero value means "not known".
type MAC [6]byte

// Broadcast is the address of every station on a link.
var Broadcast = MAC{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}

// ParseMAC reads six bytes in hex, separated by colons or by hyphens, in either case (the contract's section 1).
func ParseMAC(s string) (MAC, error) {
	var m MAC
	if len(s) != 17 {
		return MAC{}, macError(s)
	}
	for i := range m {
		if i > 0 && (s[3*i-1] != s[2] || s[2] != ':' && s[2] != '-') {
			return MAC{}, macError(s)
		}
		if _, err := hex.Decode(m[i:i+1], []byte(s[3*i:3*i+2])); err != nil {
			return MAC{}, macError(s)
		}
	}
	return m, nil
}

func macError(s string) error {
	return fmt.Errorf("%.40q is no MAC address: write it like 02:00:00:00:00:01", s)
}

// String writes the address in lower case with colons.
func (m MAC) String() string {
	b := make([]byte, 0, 17)
	for i, x := range m {
		if i > 0 {
			b = append(b, ':')
		}
		b = hex.AppendEncode(b, []byte{x})
	}
	return string(b)
}

// AppendText implements encoding.TextAppender.
func (m MAC) AppendText(b []byte) ([]byte, error) { return append(b, m.String()...), nil }

// MarshalText implements encoding.TextMarshaler.
func (m MAC) MarshalText() ([]byte, error) { return m.AppendText(nil) }

// UnmarshalText implements encoding.TextUnmarshaler, as ParseMAC.
func (m *MAC) UnmarshalText(text []byte) (err error) {
	*m, err = ParseMAC(string(text))
	return err
}

// IsZero reports whether the address is not known.
func (m MAC) IsZero() bool { return m == MAC{} }

// IsUnicast reports whether one station is meant: the group bit is clear and the address is not zero.
func (m MAC) IsUnicast() bool { return m[0]&1 == 0 && !m.IsZero() }

// IsLocal reports whether the address is locally administered: made up by its device, often at random.
func (m MAC) IsLocal() bool { return m[0]&2 != 0 }
