package dhcp

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"slices"

	"spinneret/capture/packet"
)

// Message types of DHCPv4 (RFC 2132 section 9.6).
const (
	Discover = 1
	Request  = 3
	Ack      = 5
)

// Options that are read (RFC 2132; 81 RFC 4702, 161 RFC 8520).
const (
	v4Hostname   = 12
	v4Overload   = 52
	v4Type       = 53
	v4Parameters = 55
	v4Class      = 60
	v4FQDN       = 81
	v4MUD        = 161
	v4Pad        = 0
	v4End        = 255
)

// maxMessage is the longest message that is read: one frame's worth, as fragments are not put together.
const maxMessage = 2048

// Errors of both parsers.
var (
	errLength   = errors.New("DHCP message of a length that is none")
	errNoDHCP   = errors.New("no DHCP message")
	errOption   = errors.New("DHCP option of a length that is none")
	errNoEnd    = errors.New("DHCP options without an end")
	errRelaying = errors.New("DHCPv6 message relayed too often")
)

// MessageV4 is one DHCPv4 message (RFC 2131 section 2). All texts are fit to be shown and "" where absent.
type MessageV4 struct {
	Type  byte       // option 53
	Reply bool       // by a server
	MAC   packet.MAC // of the client, as the message says; zero on links other than Ethernet

	Relay netip.Addr // the relay's; not valid where absent

	Parameters []byte // option 55, in the client's order
	Hostname   string // option 12, else the first label of option 81
	Class      string // option 60
	MUDURL     string // option 161, as it came; "" where it is no text
}

// ParseV4 reads the UDP payload of a DHCPv4 message. What breaks the rules is refused whole, also what was cut short.
func ParseV4(b []byte) (MessageV4, error) {
	const fixed, cookie = 236, 0x63825363
	if len(b) < fixed+4 || len(b) > maxMessage {
		return MessageV4{}, errLength
	}
	if b[0] != 1 && b[0] != 2 || binary.BigEndian.Uint32(b[fixed:]) != cookie {
		return MessageV4{}, errNoDHCP
	}
	var o optionsV4
	if err := o.readAll(b, fixed+4); err != nil {
		return MessageV4{}, err
	}
	m := MessageV4{Reply: b[0] == 2, Relay: address(b[24:28])}
	if ethernet := b[1] == 1 && b[2] == 6; ethernet {
		m.MAC = packet.MAC(b[28:34])
	}
	return m, o.fill(&m)
}

// address reads an IPv4 address; 0.0.0.0 stands for none.
func address(b []byte) netip.Addr {
	a := netip.AddrFrom4([4]byte(b))
	if a.IsUnspecified() {
		return netip.Addr{}
	}
	return a
}

// optionsV4 are the values of all options by code. Several of one code are one value in pieces (RFC 3396).
type optionsV4 [256][]byte

// readAll reads the options field and, where option 52 says so, the fields for a file and a server name after it.
func (o *optionsV4) readAll(b []byte, options int) error {
	if err := o.read(b[options:], true); err != nil {
		return err
	}
	const file, sname = 1, 2
	overload := o[v4Overload]
	if overload == nil {
		return nil
	}
	if len(overload) != 1 || overload[0] == 0 || overload[0] > file+sname {
		return errOption
	}
	if overload[0]&file != 0 {
		if err := o.read(b[108:236], false); err != nil {
			return err
		}
	}
	if overload[0]&sname != 0 {
		return o.read(b[44:108], false)
	}
	return nil
}

func (o *optionsV4) read(b []byte, wantEnd bool) error {
	for len(b) > 0 {
		code := b[0]
		switch {
		case code == v4End:
			return nil
		case code == v4Pad:
			b = b[1:]
			continue
		case len(b) < 2 || len(b) < 2+int(b[1]):
			return errOption
		}
		value := b[2 : 2+int(b[1])]
		if o[code] == nil {
			o[code] = value
		} else {
			o[code] = slices.Concat(o[code], value)
		}
		b = b[2+len(value):]
	}
	if wantEnd {
		return errNoEnd
	}
	return nil
}

// fill puts the options into m.
func (o *optionsV4) fill(m *MessageV4) error {
	if len(o[v4Type]) != 1 {
		return errNoDHCP // BOOTP
	}
	m.Type = o[v4Type][0]
	m.Parameters = slices.Clone(o[v4Parameters])
	m.Class = clean(o[v4Class], maxClass)
	m.MUDURL = mudURL(o[v4MUD])
	m.Hostname = clean(o[v4Hostname], maxHostname)
	if m.Hostname == "" {
		m.Hostname = clean(nameV4(o[v4FQDN]), maxHostname)
	}
	return nil
}

// nameV4 reads the first label of option 81: labels as in DNS where flag E says so, else plain text (RFC 4702
// sections 2.1 and 2.3).
func nameV4(b []byte) []byte {
	const header, encoded = 3, 0x04
	if len(b) <= header {
		return nil
	}
	if b[0]&encoded != 0 {
		return firstLabel(b[header:])
	}
	for i, c := range b[header:] {
		if c == '.' {
			return b[header : header+i]
		}
	}
	return b[header:]
}
