package agent

import (
	"net/netip"
	"testing"

	"spinneret/dots/wire"
)

// TestOnlyTheHomesOwnAddressesCount looks at what may be a source.
func TestOnlyTheHomesOwnAddressesCount(t *testing.T) {
	p := newPetitions()
	p.outside.Store(&[]netip.Prefix{
		netip.MustParsePrefix("203.0.113.20/32"), netip.MustParsePrefix("192.168.178.20/32"), netip.MustParsePrefix("2001:db8:5::/56"),
	})
	for source, want := range map[string]bool{
		"203.0.113.20/32": true, "203.0.113.0/24": false, "203.0.113.21/32": false, "192.168.178.20/32": true, "192.168.1.10/32": false,
		"2001:db8:5:1::7/128": true, "2001:db8:5::/48": false, "2001:db8:6::7/128": false, "fe80::1/128": true, "0.0.0.0/0": false, "::/0": false,
	} {
		if got := p.Ours(wire.Client{}, netip.MustParsePrefix(source)); got != want {
			t.Errorf("%s: %v, want %v", source, got, want)
		}
	}
}
