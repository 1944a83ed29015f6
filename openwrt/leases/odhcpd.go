package leases

import (
	"bytes"
	"net/netip"
	"strconv"
	"strings"
)

// OdhcpdFiles are where odhcpd, which gives out OpenWrt's IPv6 leases and on some routers those of IPv4 too, keeps
// them: on 24.10, and on 25.12 and later.
var OdhcpdFiles = []string{"/tmp/hosts/odhcpd", "/tmp/odhcpd.leases"}

// ParseOdhcpd reads at most limit leases of odhcpd's file. A line
// "# interface duid iaid name expiry assigned length address/128 …" is one of IPv6, with ipv4 in the place of the iaid,
// the MAC in that of the duid, and one address/32 it is one of IPv4. What else is there are hosts for dnsmasq. As in
// Parse, skipped counts the lines that are no lease, or over a bound, and nothing in them is trusted.
func ParseOdhcpd(file []byte, limit int) (list []Lease, skipped int) {
	for line := range bytes.Lines(file) {
		fields := strings.Fields(string(line[:min(len(line), maxLine)]))
		if len(fields) == 0 || fields[0] != "#" {
			continue
		}
		found, ok := odhcpdLine(fields)
		if !ok || len(line) > maxLine || len(list)+len(found) > limit {
			skipped++
			continue
		}
		list = append(list, found...)
	}
	return list, skipped
}

// odhcpdLine reads one line's leases: none where the client was lent prefixes only, or the lease is over.
func odhcpdLine(fields []string) (list []Lease, ok bool) {
	const fixed = 8 // before the addresses
	if len(fields) < fixed {
		return nil, false
	}
	l, v4 := Lease{}, fields[3] == "ipv4"
	if v4 {
		if l.MAC, ok = plainMAC(fields[2]); !ok {
			return nil, false
		}
	}
	// A name that is not fit for DNS is marked, and is not what the device is called anywhere else.
	if name := fields[4]; name != "-" && !strings.HasPrefix(name, `broken\x20`) {
		l.Name = cleanName(name)
	}
	switch expiry := fields[5]; expiry {
	case "-1": // never
	case "0":
		return nil, true
	default:
		if l.Expires, ok = parseExpiry(expiry); !ok {
			return nil, false
		}
	}
	for _, text := range fields[fixed:] {
		p, err := netip.ParsePrefix(text)
		if err != nil || p.Addr().Is4() != v4 || !usable(p.Addr()) {
			return nil, false
		}
		if p.IsSingleIP() {
			l.Addr = p.Addr()
			list = append(list, l)
		}
	}
	return list, true
}

// plainMAC reads twelve digits; later versions write colons, and no zero in front.
func plainMAC(s string) (m [6]byte, ok bool) {
	if len(s) == 12 {
		s = s[:2] + ":" + s[2:4] + ":" + s[4:6] + ":" + s[6:8] + ":" + s[8:10] + ":" + s[10:]
	}
	parts := strings.Split(s, ":")
	if len(parts) != len(m) {
		return m, false
	}
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 16, 8)
		if err != nil {
			return m, false
		}
		m[i] = byte(n)
	}
	return m, m[0]&1 == 0 && m != [6]byte{}
}
