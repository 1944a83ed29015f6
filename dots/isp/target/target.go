// Package target reads what people write of traffic: PREFIX[:PORT[-PORT]][/PROTOCOL], an IPv6 address with a port in
// brackets, and makes of several such texts the scope of one request.
package target

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"spinneret/dots/wire"
)

// maxText bounds one text; the longest that means something has about 70 characters.
const maxText = 100

// Target is one side of some traffic. Nil means any.
type Target struct {
	Prefix   netip.Prefix
	Ports    *wire.PortRange
	Protocol *uint8
	ICMP     *wire.TypeRange // with protocol icmp or icmpv6
}

const usage = "write PREFIX[:PORT[-PORT]][/PROTOCOL], such as 198.51.100.7:53/udp or [2001:db8::7]:443/tcp"

// Parse reads one text. Its errors say what to write instead.
func Parse(text string) (t Target, err error) {
	if len(text) > maxText || text == "" {
		return t, fmt.Errorf("%.20q is no target: %s", text, usage)
	}
	host, rest, err := splitHost(text)
	if err != nil {
		return t, err
	}
	ports := rest
	if before, after, found := strings.Cut(rest, "/"); found {
		ports = before
		if err := t.setProtocol(after); err != nil {
			return t, err
		}
	}
	if t.Prefix, err = parsePrefix(host); err != nil {
		return t, err
	}
	if ports != "" {
		if t.Ports, err = parsePorts(strings.TrimPrefix(ports, ":")); err != nil {
			return t, err
		}
	}
	return t, t.check()
}

// splitHost returns the prefix and what follows it, which begins with : or / or is empty.
func splitHost(text string) (host, rest string, err error) {
	if strings.HasPrefix(text, "[") {
		end := strings.IndexByte(text, ']')
		if end < 0 || len(text) > end+1 && text[end+1] != ':' && text[end+1] != '/' {
			return "", "", fmt.Errorf("%q has brackets that do not close around an address: %s", text, usage)
		}
		return text[1:end], text[end+1:], nil
	}
	end := len(text)
	if strings.Count(text, ":") < 2 {
		if i := strings.IndexByte(text, ':'); i >= 0 {
			end = i
		}
	}
	host, rest = text[:end], text[end:]
	// What follows a slash is a length if it begins with a digit, and a protocol otherwise.
	slash := strings.IndexByte(host, '/')
	if slash < 0 {
		return host, rest, nil
	}
	after := slash + 1
	for after < len(host) && host[after] >= '0' && host[after] <= '9' {
		after++
	}
	if after == slash+1 {
		return host[:slash], host[slash:] + rest, nil
	}
	return host[:after], host[after:] + rest, nil
}

func parsePrefix(text string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(text)
	if a, addrErr := netip.ParseAddr(text); addrErr == nil && a.Zone() == "" {
		p, err = netip.PrefixFrom(a, a.BitLen()), nil
	}
	switch a := p.Addr(); {
	case err != nil:
		return p, fmt.Errorf("%q is no address and no prefix: %s", text, usage)
	case a.Is4In6():
		return p, fmt.Errorf("%q is IPv4 within IPv6: write %s", text, a.Unmap())
	case a.IsMulticast() || a.IsLoopback() || a == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return p, fmt.Errorf("%q is multicast, loopback or broadcast: give the address of a host", text)
	}
	return p.Masked(), nil
}

func parsePorts(text string) (*wire.PortRange, error) {
	first, last, isRange := strings.Cut(text, "-")
	if !isRange {
		last = first
	}
	lower, err := strconv.ParseUint(first, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("%q is no port: give one from 0 to 65535, or two as in 8000-8010", text)
	}
	upper, err := strconv.ParseUint(last, 10, 16)
	if err != nil || upper < lower {
		return nil, fmt.Errorf("%q is no range of ports: give the lower first, as in 8000-8010", text)
	}
	return &wire.PortRange{Lower: uint16(lower), Upper: uint16(upper)}, nil
}

// IANA protocol numbers.
const (
	icmp   = 1
	tcp    = 6
	udp    = 17
	icmpv6 = 58
)

var protocols = map[string]uint8{"icmp": icmp, "tcp": tcp, "udp": udp, "icmpv6": icmpv6}

func (t *Target) setProtocol(text string) error {
	name, kind, withType := strings.Cut(text, "=")
	number, known := protocols[name]
	if !known {
		return fmt.Errorf("%q is no protocol: tcp, udp, icmp[=TYPE] or icmpv6[=TYPE]", text)
	}
	t.Protocol = &number
	if !withType {
		return nil
	}
	n, err := strconv.ParseUint(kind, 10, 8)
	if err != nil || number != icmp && number != icmpv6 {
		return fmt.Errorf("%q has no ICMP type from 0 to 255: write icmp=8 or icmpv6=128", text)
	}
	t.ICMP = &wire.TypeRange{Lower: uint8(n), Upper: uint8(n)}
	return nil
}

// check refuses what cannot be.
func (t Target) check() error {
	if t.Protocol == nil {
		return nil
	}
	switch p := *t.Protocol; {
	case t.Ports != nil && (p == icmp || p == icmpv6):
		return fmt.Errorf("%s has a port, and ICMP has none: leave one of them out", t)
	case p == icmp && t.Prefix.Addr().Is6():
		return fmt.Errorf("%s is IPv6: write icmpv6", t)
	case p == icmpv6 && t.Prefix.Addr().Is4():
		return fmt.Errorf("%s is IPv4: write icmp", t)
	}
	return nil
}

// String writes t as Parse reads it; a single address has no length.
func (t Target) String() string {
	text := t.Prefix.String()
	if t.Prefix.IsSingleIP() {
		text = t.Prefix.Addr().String()
	}
	if t.Ports != nil {
		if t.Prefix.Addr().Is6() {
			text = "[" + text + "]"
		}
		text += ":" + strconv.Itoa(int(t.Ports.Lower))
		if t.Ports.Upper != t.Ports.Lower {
			text += "-" + strconv.Itoa(int(t.Ports.Upper))
		}
	}
	for name, number := range protocols {
		if t.Protocol != nil && *t.Protocol == number {
			text += "/" + name
		}
	}
	if t.ICMP != nil {
		text += "=" + strconv.Itoa(int(t.ICMP.Lower))
	}
	return text
}
