package dhcp

import (
	"encoding/binary"

	"spinneret/capture/packet"
)

// Message types of DHCPv6 (RFC 8415 section 7.3).
const (
	Solicit            = 1
	advertise          = 2
	RequestV6          = 3
	reply              = 7
	InformationRequest = 11
	relayForward       = 12
	relayReply         = 13
)

// Options that are read (RFC 8415 section 21; 39 RFC 4704, 79 RFC 6939, 112 RFC 8520).
const (
	v6ClientID = 1
	v6Oro      = 6
	v6Relayed  = 9
	v6Class    = 16
	v6FQDN     = 39
	v6Link     = 79
	v6MUD      = 112
)

// maxHops is how many relays a message may pass (HOP_COUNT_LIMIT of RFC 8415 section 7.6).
const maxHops = 8

// MessageV6 is one DHCPv6 message, taken out of what relays put around it. All texts are fit to be shown and ""
// where absent.
type MessageV6 struct {
	Type   byte // RFC 8415 section 7.3
	Relays int  // that it passed

	// DUIDMAC is the Ethernet address in the client identifier: of some interface of the client, not always of this
	// one. LinkMAC is the client's address as the first relay saw it.
	DUIDMAC, LinkMAC packet.MAC

	Options    []uint16 // asked for, in the client's order
	Enterprise uint32   // whose vendor class it is
	Class      string
	Hostname   string // the first label of its name
	MUDURL     string // as it came; "" where it is no text
}

// ParseV6 reads the UDP payload of a DHCPv6 message, also inside Relay-Forward and Relay-Reply. What breaks the
// rules is refused whole.
func ParseV6(b []byte) (MessageV6, error) {
	if len(b) > maxMessage {
		return MessageV6{}, errLength
	}
	var m MessageV6
	for {
		header, err := headerV6(b)
		if err != nil {
			return MessageV6{}, err
		}
		o, err := readV6(b[header:])
		if err != nil {
			return MessageV6{}, err
		}
		if b[0] != relayForward && b[0] != relayReply {
			m.Type = b[0]
			return m, o.fill(&m)
		}
		if m.Relays++; m.Relays > maxHops+1 {
			return MessageV6{}, errRelaying
		}
		if link := o[v6Link]; len(link) == 8 && binary.BigEndian.Uint16(link) == hardwareEthernet {
			m.LinkMAC = packet.MAC(link[2:])
		}
		b = o[v6Relayed]
	}
}

// headerV6 is the length of what comes before the options.
func headerV6(b []byte) (int, error) {
	const plain, relayed = 4, 34
	switch {
	case len(b) < plain:
		return 0, errLength
	case b[0] == 0:
		return 0, errNoDHCP
	case b[0] != relayForward && b[0] != relayReply:
		return plain, nil
	case len(b) < relayed:
		return 0, errLength
	}
	return relayed, nil
}

// optionsV6 are the values of the options that matter by code, of each code the first.
type optionsV6 map[uint16][]byte

func readV6(b []byte) (optionsV6, error) {
	o := optionsV6{}
	for len(b) > 0 {
		if len(b) < 4 {
			return nil, errOption
		}
		code, n := binary.BigEndian.Uint16(b), int(binary.BigEndian.Uint16(b[2:]))
		if len(b) < 4+n {
			return nil, errOption
		}
		if _, again := o[code]; !again {
			o[code] = b[4 : 4+n]
		}
		b = b[4+n:]
	}
	return o, nil
}

// fill puts the options into m.
func (o optionsV6) fill(m *MessageV6) error {
	if duid, ok := o[v6ClientID]; ok {
		if len(duid) < 3 || len(duid) > 130 { // RFC 8415 section 11.1
			return errOption
		}
		m.DUIDMAC = macOfDUID(duid)
	}
	oro := o[v6Oro]
	if len(oro)%2 != 0 {
		return errOption
	}
	for ; len(oro) > 0; oro = oro[2:] {
		m.Options = append(m.Options, binary.BigEndian.Uint16(oro))
	}
	if class, ok := o[v6Class]; ok {
		if len(class) < 4 {
			return errOption
		}
		m.Enterprise = binary.BigEndian.Uint32(class)
		m.Class = clean(firstString(class[4:]), maxClass)
	}
	if name := o[v6FQDN]; len(name) > 1 { // RFC 4704 section 4.1: flags, then labels
		m.Hostname = clean(firstLabel(name[1:]), maxHostname)
	}
	m.MUDURL = mudURL(o[v6MUD])
	return nil
}

const hardwareEthernet = 1 // IANA's ARP hardware types

// macOfDUID reads the Ethernet address in a DUID-LLT or DUID-LL (RFC 8415 sections 11.2 and 11.4).
func macOfDUID(duid []byte) packet.MAC {
	const withTime, without = 1, 3
	if len(duid) < 4 || binary.BigEndian.Uint16(duid[2:]) != hardwareEthernet {
		return packet.MAC{}
	}
	switch kind := binary.BigEndian.Uint16(duid); {
	case kind == withTime && len(duid) == 14:
		return packet.MAC(duid[8:])
	case kind == without && len(duid) == 10:
		return packet.MAC(duid[4:])
	}
	return packet.MAC{}
}

// firstString reads the first of the strings that a vendor class is made of, each after its length.
func firstString(b []byte) []byte {
	if len(b) < 2 {
		return nil
	}
	n := int(binary.BigEndian.Uint16(b))
	return b[2:min(2+n, len(b))]
}
