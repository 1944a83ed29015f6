package ui

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// Target is what a quarantine of level flow stops: PREFIX or ADDR, [:PORT[-PORT]], [/tcp, udp, icmp[=TYPE] or
// icmpv6[=TYPE]]; an IPv6 prefix with a port stands in brackets.
type Target struct {
	Prefix    netip.Prefix
	FirstPort uint16 // 0 with LastPort 0: all ports
	LastPort  uint16
	Protocol  string // "" for all
	ICMPType  int    // -1 for all
}

// ParseTarget reads a target. Host bits behind the prefix are cleared.
func ParseTarget(text string) (Target, error) {
	t := Target{ICMPType: -1}
	address, ports, protocol, err := splitTarget(text)
	if err != nil {
		return Target{}, fmt.Errorf("%s %w", quote(text), err)
	}
	for _, step := range []func() error{
		func() error { return t.setPrefix(address) },
		func() error { return t.setPorts(ports) },
		func() error { return t.setProtocol(protocol) },
	} {
		if err := step(); err != nil {
			return Target{}, fmt.Errorf("%s %w", quote(text), err)
		}
	}
	return t, nil
}

// splitTarget takes the text apart; what follows the last slash is a prefix length where it is a number.
func splitTarget(text string) (address, ports, protocol string, err error) {
	head := text
	if i := strings.LastIndexByte(text, '/'); i >= 0 && !isNumber(text[i+1:]) && !strings.ContainsAny(text[i+1:], ":]") {
		head, protocol = text[:i], text[i+1:]
		if protocol == "" {
			return "", "", "", fmt.Errorf("ends with a slash: give tcp, udp, icmp or icmpv6 after it")
		}
	}
	if strings.HasPrefix(head, "[") {
		inside, after, closed := strings.Cut(head[1:], "]")
		if !closed || after != "" && after[0] != ':' || after == ":" {
			return "", "", "", fmt.Errorf("is not like [2001:db8::/32]:443")
		}
		return inside, strings.TrimPrefix(after, ":"), protocol, nil
	}
	if strings.Count(head, ":") != 1 {
		return head, "", protocol, nil
	}
	address, ports, _ = strings.Cut(head, ":")
	if ports == "" {
		return "", "", "", fmt.Errorf("has no port after the colon")
	}
	return address, ports, protocol, nil
}

func isNumber(text string) bool {
	_, err := strconv.ParseUint(text, 10, 16)
	return err == nil
}

func (t *Target) setPrefix(text string) error {
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		address, addrErr := netip.ParseAddr(text)
		if addrErr != nil || address.Zone() != "" {
			return fmt.Errorf("has no address: write 198.51.100.7, 198.51.100.0/24 or [2001:db8::/32]:443")
		}
		prefix = netip.PrefixFrom(address, address.BitLen())
	}
	t.Prefix = prefix.Masked()
	return nil
}

func (t *Target) setPorts(text string) error {
	if text == "" {
		return nil
	}
	first, last, isRange := strings.Cut(text, "-")
	if !isRange {
		last = first
	}
	a, errA := strconv.ParseUint(first, 10, 16)
	b, errB := strconv.ParseUint(last, 10, 16)
	if errA != nil || errB != nil || a == 0 || a > b {
		return fmt.Errorf("has a wrong port: write 443 or 6000-6063, from 1 to 65535")
	}
	t.FirstPort, t.LastPort = uint16(a), uint16(b)
	return nil
}

func (t *Target) setProtocol(text string) error {
	name, number, hasType := strings.Cut(text, "=")
	switch name {
	case "", "tcp", "udp":
		if hasType {
			return fmt.Errorf("has a type: only icmp and icmpv6 have types")
		}
	case "icmp", "icmpv6":
		if t.LastPort != 0 {
			return fmt.Errorf("has a port: %s has none", name)
		}
		if t.Prefix.Addr().Unmap().Is4() != (name == "icmp") {
			return fmt.Errorf("has a wrong protocol: IPv4 has icmp, IPv6 has icmpv6")
		}
	default:
		return fmt.Errorf("has a wrong protocol: write tcp, udp, icmp or icmpv6")
	}
	t.Protocol = name
	if !hasType {
		return nil
	}
	kind, err := strconv.ParseUint(number, 10, 8)
	if err != nil {
		return fmt.Errorf("has a wrong %s type: write 0 to 255", name)
	}
	t.ICMPType = int(kind)
	return nil
}
