package fetch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
)

// special are the addresses that are in nobody's public network, beside those that package netip knows (RFC 6890).
var special = prefixes(
	"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
	"203.0.113.0/24", "240.0.0.0/4",
	"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "fec0::/10",
)

func prefixes(texts ...string) (all []netip.Prefix) {
	for _, text := range texts {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}

// Public says whether an address is one of the public internet: a URL that a device named must not make the router ask
// anything of the home, of itself, or of the provider's inner network. Forms of IPv6 with an IPv4 address in them are
// not public: where they lead is not seen.
func Public(a netip.Addr) bool {
	if !a.IsValid() || a.Zone() != "" || a.Is4In6() || !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	for _, p := range special {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// errGuarded is why an address was not called.
var errGuarded = errors.New("a maker's server must be on the public internet")

// dial resolves a name and calls one of the addresses that it may call. What is called is the address that was checked,
// not the name once more, so an answer that changes in between changes nothing.
func (f *Fetcher) dial(ctx context.Context, host, port string) (net.Conn, error) {
	found, err := f.c.Lookup(ctx, host)
	if err != nil {
		return nil, fmt.Errorf("look up %q: %w", host, err)
	}
	first := fmt.Errorf("look up %q: no address", host)
	for i, a := range found[:min(len(found), maxAddresses)] {
		conn, err := f.call(ctx, host, a.Unmap(), port)
		if err == nil {
			return conn, nil
		}
		if i == 0 {
			first = err
		}
	}
	return nil, first
}

func (f *Fetcher) call(ctx context.Context, host string, a netip.Addr, port string) (net.Conn, error) {
	if !f.c.Allow(host, a) {
		return nil, fmt.Errorf("call %s: %w", a, errGuarded)
	}
	d := net.Dialer{Timeout: stepTimeout}
	return d.DialContext(ctx, "tcp", net.JoinHostPort(a.String(), port))
}
