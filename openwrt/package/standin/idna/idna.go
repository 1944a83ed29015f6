// Package idna stands in for Go's golang.org/x/net/idna in the program for routers: names in ASCII, as they are, and no
// others. The real one brings tables of Unicode of 200 kB, for names that net/http is asked for in other scripts; the
// URLs that a router fetches are in ASCII (RFC 3986), and its page is asked for in ASCII too.
package idna

import (
	"fmt"
	"unicode/utf8"
)

// Profile is where the real one would be.
type Profile struct{}

// Lookup is for names that are looked up.
var Lookup = &Profile{}

// ToASCII is the same for every profile.
func (*Profile) ToASCII(name string) (string, error) { return ToASCII(name) }

// ToASCII gives the name back. One that is not in ASCII is an error.
func ToASCII(name string) (string, error) {
	for i := range len(name) {
		if name[i] >= utf8.RuneSelf {
			return "", fmt.Errorf("idna: %q: give the name in ASCII (RFC 5890 2.3.2.1)", name)
		}
	}
	return name, nil
}
