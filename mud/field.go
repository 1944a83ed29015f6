package mud

import (
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strconv"
	"strings"
)

// limits are the least and the most value of a field.
type limits struct{ least, most uint32 }

// numbers are the fields of RFC 8519 that are numbers.
var numbers = map[string]limits{
	"ipv4 dscp": {0, 63}, "ipv4 ecn": {0, 3}, "ipv4 length": {0, 65535}, "ipv4 ttl": {0, 255}, "ipv4 ihl": {5, 15},
	"ipv4 offset": {20, 65535}, "ipv4 identification": {0, 65535},
	"ipv6 dscp": {0, 63}, "ipv6 ecn": {0, 3}, "ipv6 length": {0, 65535}, "ipv6 ttl": {0, 255},
	"ipv6 flow-label":     {0, 1048575},
	"tcp sequence-number": {0, 1<<32 - 1}, "tcp acknowledgement-number": {0, 1<<32 - 1}, "tcp data-offset": {5, 15},
	"tcp reserved": {0, 255}, "tcp window-size": {0, 65535}, "tcp urgent-pointer": {0, 65535},
	"udp length": {0, 65535}, "icmp type": {0, 255}, "icmp code": {0, 255},
}

// flags are the fields of RFC 8519 that are sets of bits, the highest bit first.
var flags = map[string][]string{
	"ipv4 flags": {"reserved", "fragment", "more"},
	"tcp flags":  {"cwr", "ece", "urg", "ack", "psh", "rst", "syn", "fin"},
}

// field reads a header field that must have one value.
func (m *matcher) field(n *node, header, name string) {
	key := header + " " + name
	if l, ok := numbers[key]; ok {
		if v, ok := m.number(n, l.least, l.most); ok {
			m.Fields = append(m.Fields, Field{header, name, v, 1<<32 - 1})
		}
		return
	}
	if bits, ok := flags[key]; ok {
		m.bits(n, header, name, bits)
		return
	}
	if key == "icmp rest-of-header" {
		m.restOfHeader(n)
		return
	}
	m.miss(n, "no field of this name can be matched")
}

// bits reads a space-separated set of bits (RFC 7951 6.5): those named are set, the others not.
func (m *matcher) bits(n *node, header, name string, all []string) {
	f := Field{Header: header, Name: name, Mask: 1<<len(all) - 1}
	for _, word := range strings.Fields(n.text) {
		i := slices.Index(all, word)
		if i < 0 {
			m.miss(n, "%q is no flag: there are %s", word, strings.Join(all, ", "))
			return
		}
		f.Value |= 1 << (len(all) - 1 - i)
	}
	if n.kind != isString {
		m.miss(n, "this must be a string of flags")
		return
	}
	m.Fields = append(m.Fields, f)
}

// restOfHeader reads the four octets after an ICMP header's checksum (RFC 8519 4.2, binary in base64).
func (m *matcher) restOfHeader(n *node) {
	octets, err := base64.StdEncoding.DecodeString(n.text)
	if n.kind != isString || err != nil || len(octets) != 4 {
		m.miss(n, "this must be four octets in base64")
		return
	}
	m.Fields = append(m.Fields, Field{"icmp", "rest-of-header", binary.BigEndian.Uint32(octets), 1<<32 - 1})
}

// number reads a whole number. RFC 7951 6.1 writes those of up to 32 bits without quotes.
func (m *matcher) number(n *node, least, most uint32) (uint32, bool) {
	v, err := strconv.ParseUint(n.text, 10, 32)
	if n.kind != isNumber || err != nil || uint32(v) < least || uint32(v) > most {
		m.miss(n, "this must be a number from %d to %d, without quotes", least, most)
		return 0, false
	}
	return uint32(v), true
}
