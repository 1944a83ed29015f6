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
)

// Bounds on what is read.
const (
	maxMappings = 4096
	maxLine     = 1 << 10
	maxFile     = 1 << 20
)

// Mapping is one port that a device had opened: a redirection of IPv4 by UPnP, NAT-PMP or PCP, or a pinhole of IPv6.
type Mapping struct {
	Protocol    string     // "tcp" or "udp"
	OutsidePort uint16     // the router's; of a pinhole the device's, which is the same
	Addr        netip.Addr // the device's
	Port        uint16
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
// "TCP;fd00:1::5;80;2001:db8::1;0;7;1700000000;description" for IPv6. Descriptions come from the devices and
// are left alone, as is whom a pinhole is open to, and until when. skipped counts the lines that are no mapping, or over a bound.
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

// redirection reads outside port, address and port; expiry and description follow.
func (m *Mapping) redirection(fields []string) (ok bool) {
	if len(fields) != 5 {
		return false
	}
	okPorts := port(fields[0], &m.OutsidePort) && port(fields[2], &m.Port)
	addr, err := netip.ParseAddr(fields[1])
	if !okPorts || err != nil || !addr.Is4() || !isDevice(addr) {
		return false
	}
	m.Addr = addr
	return true
}

// pinhole reads address and port; remote address and port, identifier, expiry and description follow.
func (m *Mapping) pinhole(fields []string) (ok bool) {
	if len(fields) != 7 {
		return false
	}
	addr, err := netip.ParseAddr(fields[0])
	if !port(fields[1], &m.Port) || err != nil || !addr.Is6() || addr.Is4In6() || !isDevice(addr) {
		return false
	}
	m.OutsidePort, m.Addr = m.Port, addr
	return true
}

// isDevice reports whether a device can have the address.
func isDevice(a netip.Addr) bool {
	return a.Zone() == "" && !a.IsUnspecified() && !a.IsMulticast() && !a.IsLoopback()
}

// port reads a port number.
func port(text string, to *uint16) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	*to = uint16(n)
	return err == nil && n > 0
}
