package wire

import "net/netip"

// prefixes reads addresses with a length. Bits beyond the length are taken as zero (RFC 6991 has them so).
func prefixes(list []string, what string) (out []netip.Prefix, err error) {
	for _, text := range list {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, badRequest("%s is no prefix such as 192.0.2.1/32", what)
		}
		p = p.Masked()
		if a := p.Addr(); !possible(a) || a.Is4In6() {
			return nil, badRequest("%s is an address that is no single host's: multicast, loopback or broadcast", what)
		}
		out = append(out, p)
	}
	return out, nil
}

// possible reports whether an address can be one end of traffic between hosts.
func possible(a netip.Addr) bool {
	return !a.IsMulticast() && !a.IsLoopback() && a != netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

func portRanges(list []portBody, what string) (out []PortRange, err error) {
	for _, b := range list {
		if b.Lower == nil {
			return nil, badRequest("%s has no lower-port", what)
		}
		r := PortRange{*b.Lower, *b.Lower}
		if b.Upper != nil {
			r.Upper = *b.Upper
		}
		if r.Upper < r.Lower {
			return nil, badRequest("%s ends at %d, before it begins at %d", what, r.Upper, r.Lower)
		}
		out = append(out, r)
	}
	return out, nil
}

func typeRanges(list []typeBody) (out []TypeRange, err error) {
	for _, b := range list {
		if b.Lower == nil {
			return nil, badRequest("source-icmp-type-range has no lower-type")
		}
		r := TypeRange{*b.Lower, *b.Lower}
		if b.Upper != nil {
			r.Upper = *b.Upper
		}
		if r.Upper < r.Lower {
			return nil, badRequest("source-icmp-type-range ends at %d, before it begins at %d", r.Upper, r.Lower)
		}
		out = append(out, r)
	}
	return out, nil
}
