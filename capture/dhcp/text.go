package dhcp

import (
	"bytes"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds on texts, in characters.
const (
	maxHostname = 64 // as the contract has it for names
	maxClass    = 128
	maxMUDURL   = 1024
	maxAsked    = 128 // options in a fingerprint
)

// clean keeps what can be shown: no control characters, none that change the direction of the text around them,
// nothing that is not UTF-8, at most limit characters.
func clean(b []byte, limit int) string {
	var s strings.Builder
	n := 0
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		b = b[size:]
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			continue
		}
		if n++; n > limit {
			break
		}
		s.WriteRune(r)
	}
	return strings.TrimSpace(s.String())
}

// mudURL is the text of a MUD URL as it came, or "" where it is too long or anything but visible ASCII, which no URL is
// (RFC 3986 section 2). What follows a space has no meaning yet (RFC 8520 section 10), and some clients end the text with
// zero bytes.
func mudURL(b []byte) string {
	b, _, _ = bytes.Cut(bytes.TrimRight(b, "\x00"), []byte(" "))
	for _, c := range b {
		if c <= ' ' || c > '~' {
			return ""
		}
	}
	if len(b) > maxMUDURL {
		return ""
	}
	return string(b)
}

// firstLabel reads the first label of a name as DNS writes it (RFC 1035 section 3.1); pointers are not allowed here.
func firstLabel(b []byte) []byte {
	if len(b) == 0 || b[0] == 0 || b[0] > 63 || len(b) < 1+int(b[0]) {
		return nil
	}
	return b[1 : 1+int(b[0])]
}

// fingerprint is the kind of a client: what it asks for in its order, and its class. Two devices of one make and
// version have the same. It is "" where the client says neither.
func fingerprint[T ~uint8 | ~uint16](protocol string, asked []T, class string) string {
	if len(asked) == 0 && class == "" {
		return ""
	}
	b := []byte(protocol + ":")
	for i, code := range asked[:min(len(asked), maxAsked)] {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendUint(b, uint64(code), 10)
	}
	if class != "" {
		b = append(append(b, ' '), class...)
	}
	return string(b)
}

// Fingerprint is what tells one kind of client from another, as in "v4:1,3,6,12,15,28 udhcp 1.36.1"; "" where the
// client says nothing.
func (m *MessageV4) Fingerprint() string { return fingerprint("v4", m.Parameters, m.Class) }

// Fingerprint is what tells one kind of client from another, as in "v6:23,24,39 40712 dhcpcd-10"; "" where the
// client says nothing.
func (m *MessageV6) Fingerprint() string {
	class := m.Class
	if class != "" {
		class = strconv.FormatUint(uint64(m.Enterprise), 10) + " " + class
	}
	return fingerprint("v6", m.Options, class)
}
