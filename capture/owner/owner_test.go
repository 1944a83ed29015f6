package owner

import (
	"net/netip"
	"testing"
)

func TestOwnerIsTheRegistrableDomainElseTheAddress(t *testing.T) {
	addr := netip.MustParseAddr("198.51.100.7")
	for _, c := range []struct {
		name, want string
		source     Source
	}{
		{"up.cam.example.net", "example.net", Domain},
		{"www.shop.example.co.uk", "example.co.uk", Domain},
		{"someone.github.io", "someone.github.io", Domain},
		{"api.cam.example", "cam.example", Domain},
		{"co.uk", "198.51.100.7", Address},
		{"localhost", "198.51.100.7", Address},
		{"..", "198.51.100.7", Address},
		{"", "198.51.100.7", Address},
	} {
		got, source := Of(c.name, addr)
		if got != c.want || source != c.source {
			t.Errorf("Of(%q) = %s by %s, want %s by %s", c.name, got, source, c.want, c.source)
		}
	}
}
