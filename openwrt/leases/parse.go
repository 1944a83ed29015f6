package leases

import (
	"bytes"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Bounds on what is read: dnsmasq itself gives out at most 1000 leases unless told otherwise (dhcp-lease-max).
const (
	maxLeases = 4096
	maxLine   = 4 << 10 // a host name and a client identifier of 255 bytes each, the latter in hex, take 1.1 kB
	maxFile   = 1 << 20
	maxName   = 64 // characters, as in the contract
)

// maxExpiry is the last second that RFC 3339 can write, in Unix time.
const maxExpiry = 253402300799

// Parse reads dnsmasq's lease file: "expiry mac address name client-id" for DHCPv4, then a line "duid …" and after
// it "expiry iaid address name duid" for DHCPv6. The names come from the devices, so nothing in a line is
// trusted: skipped counts the lines that are no lease, or over a bound.
func Parse(file []byte) (list []Lease, skipped int) {
	v6 := false
	for line := range bytes.Lines(file) {
		fields := strings.Fields(string(line[:min(len(line), maxLine)]))
		switch {
		case len(fields) == 0:
			continue
		case fields[0] == "duid" && len(fields) == 2:
			v6 = true
			continue
		}
		lease, ok := parseLine(fields, v6)
		if !ok || len(line) > maxLine || len(list) == maxLeases {
			skipped++
			continue
		}
		list = append(list, lease)
	}
	return list, skipped
}

// parseLine reads one lease. Version 2.90 always writes five fields; older ones left the last out.
func parseLine(fields []string, v6 bool) (Lease, bool) {
	if len(fields) < 4 || len(fields) > 5 {
		return Lease{}, false
	}
	expires, okTime := parseExpiry(fields[0])
	addr, err := netip.ParseAddr(fields[2])
	if !okTime || err != nil || !usable(addr) || addr.Is6() != v6 {
		return Lease{}, false
	}
	lease := Lease{Addr: addr, Expires: expires}
	if !v6 {
		mac, ok := parseMAC(fields[1])
		if !ok {
			return Lease{}, false
		}
		lease.MAC = mac
	}
	if fields[3] != "*" {
		lease.Name = cleanName(fields[3])
	}
	return lease, true
}

// parseExpiry reads Unix seconds; 0 is a lease without end.
func parseExpiry(s string) (time.Time, bool) {
	n, err := strconv.ParseUint(s, 10, 63)
	if err != nil || n > maxExpiry {
		return time.Time{}, false
	}
	if n == 0 {
		return time.Time{}, true
	}
	return time.Unix(int64(n), 0).UTC(), true
}

// usable reports whether a device can have the address.
func usable(a netip.Addr) bool {
	return !a.Is4In6() && a.Zone() == "" && !a.IsUnspecified() && !a.IsMulticast() && !a.IsLoopback()
}

// parseMAC reads six bytes with colons. dnsmasq writes other kinds of links as "06-…": they are no devices here.
func parseMAC(s string) (m [6]byte, ok bool) {
	if len(s) != 17 {
		return m, false
	}
	for i := range m {
		n, err := strconv.ParseUint(s[3*i:3*i+2], 16, 8)
		if err != nil || i > 0 && s[3*i-1] != ':' {
			return m, false
		}
		m[i] = byte(n)
	}
	return m, m[0]&1 == 0 && m != [6]byte{}
}

// cleanName keeps what can be shown: no control characters, none that change the direction of the text around
// them, nothing that is not UTF-8, at most maxName characters.
func cleanName(s string) string {
	var b strings.Builder
	n := 0
	for i, r := range s {
		if r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD") || !unicode.IsPrint(r) {
			continue
		}
		if n++; n > maxName {
			break
		}
		b.WriteRune(r)
	}
	return strings.TrimSpace(b.String())
}
