package uci

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Bounds of history_size: a day of a small home, and as much as a disk for it can hold.
const (
	minHistory = 64 << 10
	maxHistory = 1 << 30
)

// The errors of these readers say what to write instead.

// interfaceName reads a kernel interface (IFNAMSIZ: at most 15 characters) or a netifd network.
func interfaceName(s string) (string, error) {
	ok := len(s) <= 15 && s != "." && s != ".." && !strings.ContainsFunc(s, func(r rune) bool {
		return !isName(string(r), true) && r != '.' && r != '@' && r != ':'
	})
	if !ok {
		return "", errors.New("give an interface such as br-lan")
	}
	return s, nil
}

// kernelName reads a kernel interface as rules of nftables can name it.
func kernelName(s string) (string, error) {
	if name, err := interfaceName(s); err != nil || strings.ContainsAny(name, "@:") {
		return "", errors.New("give a kernel interface such as wg0")
	}
	return s, nil
}

func hostPort(s string) (string, error) {
	h, port, err := net.SplitHostPort(s)
	if err != nil || h == "" {
		return "", errors.New("give HOST:PORT such as 192.168.1.1:8484 or [fd00::1]:8484")
	}
	h, err = host(h)
	if err != nil {
		return "", err
	}
	n, err := number[uint16](1, 65535)(port)
	if err != nil {
		return "", fmt.Errorf("the port: %w", err)
	}
	return net.JoinHostPort(h, strconv.Itoa(int(n))), nil
}

// serverName reads the name of a server, with its port where that is not 443.
func serverName(s string) (string, error) {
	wrong := errors.New("give HOST or HOST:PORT, by name, such as mud.home.example:8443")
	whole := s
	if !strings.Contains(s, ":") {
		whole += ":443"
	}
	address, err := hostPort(whole)
	if err != nil {
		return "", wrong
	}
	name := strings.TrimSuffix(address[:strings.LastIndexByte(address, ':')], ".")
	if _, err := netip.ParseAddr(strings.Trim(name, "[]")); err == nil {
		return "", wrong
	}
	return strings.TrimSuffix(name+address[strings.LastIndexByte(address, ':'):], ":443"), nil
}

// host reads a name (RFC 1123 section 2.1, with _ as people use it) or an address, in lower case.
func host(s string) (string, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		return a.String(), nil
	}
	s = strings.ToLower(s)
	for label := range strings.SplitSeq(strings.TrimSuffix(s, "."), ".") {
		if len(label) > 63 || !isName(label, true) || label[0] == '-' || label[len(label)-1] == '-' {
			return "", errors.New("give a host name or an address")
		}
	}
	if len(s) > 253 {
		return "", errors.New("give a host name of at most 253 characters")
	}
	return s, nil
}

func absolute(s string) (string, error) {
	if !filepath.IsAbs(s) || filepath.Clean(s) != s || len(s) > 4096 || strings.ContainsFunc(s, unicode.IsControl) {
		return "", errors.New("give a whole path, from / on, without . or .. in it")
	}
	return s, nil
}

// socketPath reads the path of a unix socket, which has 107 bytes (sun_path, unix(7)).
func socketPath(s string) (string, error) {
	if len(s) > 107 {
		return "", errors.New("give a path of at most 107 bytes")
	}
	return absolute(s)
}

// boolean reads what uci's own tools take as yes and no.
func boolean(s string) (bool, error) {
	switch s {
	case "1", "on", "true", "yes", "enabled":
		return true, nil
	case "0", "off", "false", "no", "disabled":
		return false, nil
	}
	return false, errors.New("give 1 or 0")
}

func number[N int | int64 | uint16](low, high N) func(string) (N, error) {
	return func(s string) (N, error) {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n < int64(low) || n > int64(high) {
			return 0, fmt.Errorf("give a number from %d to %d", low, high)
		}
		return N(n), nil
	}
}

// seconds reads a number of seconds.
func seconds(low, high int) func(string) (time.Duration, error) {
	return func(s string) (time.Duration, error) {
		n, err := number[int](low, high)(s)
		return time.Duration(n) * time.Second, err
	}
}

func oneOf(choices ...string) func(string) (string, error) {
	return func(s string) (string, error) {
		for _, c := range choices {
			if s == c {
				return s, nil
			}
		}
		return "", fmt.Errorf("give one of %s", join(choices))
	}
}

// identity reads the name that goes with a pre-shared key: what DTLS sends in clear (RFC 4279 section 5.1).
func identity(s string) (string, error) {
	if len(s) > 128 || !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		return "", errors.New("give at most 128 printable characters")
	}
	return s, nil
}

func join(list []string) string { return strings.Join(list, ", ") }

// has reports whether a section has the option, with whatever value.
func (s *section) has(name string) bool { return s.count([]string{name}) > 0 }

// count says how many of the options a section has.
func (s *section) count(names []string) (n int) {
	for _, name := range names {
		for _, e := range s.entries {
			if e.name == name {
				n++
				break
			}
		}
	}
	return n
}
