package packet

import (
	"errors"
	"fmt"
)

// The two kinds of decoding error, for errors.Is. Either leaves in the Packet what was known before the header
// that failed: MACs, EtherType and Length, and the addresses where it was the transport header.
var (
	// ErrTruncated says that the captured bytes end inside a header, though the frame itself went on.
	ErrTruncated = errors.New("captured bytes end inside the header")
	// ErrMalformed says that a header contradicts itself or the length of what carries it.
	ErrMalformed = errors.New("malformed header")
)

// headerErrors are the errors of one header, made once: decoding allocates nothing, also when it fails.
type headerErrors struct{ truncated, malformed error }

func newHeaderErrors(header string) headerErrors {
	return headerErrors{
		truncated: fmt.Errorf("decode %s: %w", header, ErrTruncated),
		malformed: fmt.Errorf("decode %s: %w", header, ErrMalformed),
	}
}

// missing returns the error for a header of need bytes that was not captured whole, where whole bytes were sent.
func (e *headerErrors) missing(need, whole int) error {
	if whole < need {
		return e.malformed
	}
	return e.truncated
}

var (
	ethernetErrors  = newHeaderErrors("ethernet header")
	vlanErrors      = newHeaderErrors("vlan tag")
	llcErrors       = newHeaderErrors("llc header")
	arpErrors       = newHeaderErrors("arp")
	ipv4Errors      = newHeaderErrors("ipv4 header")
	ipv6Errors      = newHeaderErrors("ipv6 header")
	extensionErrors = newHeaderErrors("ipv6 extension header")
	fragmentErrors  = newHeaderErrors("ip fragment")
	tcpErrors       = newHeaderErrors("tcp header")
	udpErrors       = newHeaderErrors("udp header")
	icmpErrors      = newHeaderErrors("icmp header")
	versionErrors   = newHeaderErrors("ip version")
)
