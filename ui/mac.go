package ui

import (
	"net"
	"strings"
)

const macLen = len("02:00:00:00:00:01")

// ParseMAC reads a MAC with colons or dashes, in either case, and gives it as the API writes it: lower case with
// colons. It reports false for anything else, a longer EUI-64 included.
func ParseMAC(text string) (string, bool) {
	if len(text) != macLen {
		return "", false
	}
	mac, err := net.ParseMAC(text)
	if err != nil {
		return "", false
	}
	return strings.ToLower(mac.String()), true
}
