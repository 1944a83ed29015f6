// Package mappings reads which ports of the router devices had opened for themselves, from miniupnpd's lease files.
package mappings

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Bounds on what is read.
const (
	maxMappings    = 4096
	maxLine        = 1 << 10
	maxFile        = 1 << 20
	maxDescription = 64 // characters
)

// maxExpiry is the last second that RFC 3339 can write, in Unix time.
const maxExpiry = 253402300799

// Mapping is one port that a device had opened: a redirection of IPv4 by UPnP, NAT-PMP or PCP, or a pinhole of IPv6.
type Mapping struct {
	Protocol    string     // "tcp" or "udp"
	OutsidePort uint16     // the router's; of a pinhole the device's, which is the same
	Addr        netip.Addr // the device's
	Port        uint16
	Remote      netip.Addr // whom a pinhole is open to; not valid for anybody, and for IPv4
	RemotePort  uint16     // 0 for any

	// Expires is zero for none, and for pinholes: miniupnpd writes their end in no clock that others have.
	Expires     time.Time
	Description string // the device's words, fit to be shown
}

// List reads one lease file of miniupnpd (options upnp_lease_file and upnp_lease_file6 of its config), of either
// kind. A file that is not there has no mappings: the daemon makes it with the first one. Of a file beyond
// 1 MB the rest is left out.
func List(path string) ([]Mapping, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read port mappings: %w", err)
	}
	defer file.Close()
	b, err := io.ReadAll(io.LimitReader(file, maxFile))
	if err != nil {
		return nil, fmt.Errorf("read port mappings: %w", err)
	}
	list, _ := Parse(b)
	return list, nil
}

// Parse reads a lease file: "TCP:8080:192.168.1.10:80:1700000000:description" for IPv4, with ";" between
// "TCP;fd00:1::5;80;2001:db8::1;0;7;1700000000;description" for IPv6. Descriptions come from the devices, so nothing
// in a line is trusted: skipped counts the lines that are no mapping, or over a bound.
func Parse(file []byte) (list []Mapping, skipped int) {
	for line := range bytes.Lines(file) {
		text := strings.TrimRight(string(line[:min(len(line), maxLine)]), "\r\n")
		if text == "" {
			continue
		}
		m, ok := parseLine(text)
		if !ok || len(line) > maxLine || len(list) == maxMappings {
			skipped++
			continue
		}
		list = append(list, m)
	}
	return list, skipped
}

// parseLine tells the kinds apart by what follows the protocol.
func parseLine(line string) (Mapping, bool) {
	var m Mapping
	switch {
	case strings.HasPrefix(line, "TCP"):
		m.Protocol = "tcp"
	case strings.HasPrefix(line, "UDP"):
		m.Protocol = "udp"
	default:
		return Mapping{}, false
	}
	switch rest := line[len("TCP"):]; {
	case strings.HasPrefix(rest, ":"):
		return m, m.redirection(strings.SplitN(rest[1:], ":", 5))
	case strings.HasPrefix(rest, ";"):
		return m, m.pinhole(strings.SplitN(rest[1:], ";", 7))
	}
	return Mapping{}, false
}

// redirection reads outside port, address, port, expiry and description.
func (m *Mapping) redirection(fields []string) (ok bool) {
	if len(fields) != 5 {
		return false
	}
	okPorts := port(fields[0], 1, &m.OutsidePort) && port(fields[2], 1, &m.Port)
	addr, err := netip.ParseAddr(fields[1])
	if !okPorts || err != nil || !addr.Is4() || !isDevice(addr) {
		return false
	}
	seconds, err := strconv.ParseInt(fields[3], 10, 64)
	if err != nil || seconds < 0 || seconds > maxExpiry {
		return false
	}
	if seconds != 0 {
		m.Expires = time.Unix(seconds, 0).UTC()
	}
	m.Addr, m.Description = addr, clean(fields[4])
	return true
}

// pinhole reads address, port, remote address and port, identifier, expiry and description.
func (m *Mapping) pinhole(fields []string) (ok bool) {
	if len(fields) != 7 {
		return false
	}
	okPorts := port(fields[1], 1, &m.Port) && port(fields[3], 0, &m.RemotePort)
	addr, err := netip.ParseAddr(fields[0])
	if !okPorts || err != nil || !addr.Is6() || addr.Is4In6() || !isDevice(addr) {
		return false
	}
	if fields[2] != "" {
		remote, err := netip.ParseAddr(fields[2])
		if err != nil || !remote.Is6() || remote.Zone() != "" {
			return false
		}
		if !remote.IsUnspecified() {
			m.Remote = remote
		}
	}
	m.OutsidePort, m.Addr, m.Description = m.Port, addr, clean(fields[6])
	return true
}

// isDevice reports whether a device can have the address.
func isDevice(a netip.Addr) bool {
	return a.Zone() == "" && !a.IsUnspecified() && !a.IsMulticast() && !a.IsLoopback()
}

// port reads a port number of at least least.
func port(text string, least uint64, to *uint16) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	*to = uint16(n)
	return err == nil && n >= least
}

// clean keeps what can be shown: no control characters, none that change the direction of the text around them,
// nothing that is not UTF-8, at most maxDescription characters.
func clean(s string) string {
	var b strings.Builder
	n := 0
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		s = s[size:]
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			continue
		}
		if n++; n > maxDescription {
			break
		}
		b.WriteRune(r)
	}
	return strings.TrimSpace(b.String())
}
