package mud

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// maxURL is the most octets of a MUD URL.
const maxURL = 1 << 10

// URL is a MUD URL in its canonical form (RFC 3986 6.2.2 and 6.2.3), by which URLs are compared: two that name the
// same resource in plain sight are equal with ==. The zero URL is none.
type URL struct {
	host string
	port uint16 // 0 is 443
	path string // with its query, if it has one
	key  string // follows from the others
}

// ParseURL reads a MUD URL and makes it canonical. It refuses what cannot name a maker's file: another scheme than
// https, a user, an address in place of a host name, octets that no URL has.
func ParseURL(text string) (URL, error) {
	u, err := parseURL(text)
	if err != nil {
		return URL{}, fmt.Errorf("read MUD URL: %w", err)
	}
	return u, nil
}

func parseURL(text string) (u URL, err error) {
	if len(text) > maxURL {
		return u, fmt.Errorf("it has %d octets: %d are the most", len(text), maxURL)
	}
	for i := range len(text) {
		if c := text[i]; c <= ' ' || c > '~' || strings.IndexByte("\\\"<>^`{|}", c) >= 0 {
			return u, fmt.Errorf("octet 0x%02x does not belong in a URL: write it as %%%02X", c, c)
		}
	}
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok || !strings.EqualFold(scheme, "https") {
		return u, errors.New("it must begin with https://")
	}
	rest, _, _ = strings.Cut(rest, "#") // a fragment is never sent
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	if u.host, u.port, err = authority(rest[:end]); err != nil {
		return URL{}, err
	}
	path, query, asked := strings.Cut(rest[end:], "?")
	if path, err = unescape(path); err != nil {
		return URL{}, err
	}
	if query, err = unescape(query); err != nil {
		return URL{}, err
	}
	u.path = withoutDots(path)
	if asked {
		u.path += "?" + query
	}
	sum := sha256.Sum256([]byte(u.String()))
	u.key = hex.EncodeToString(sum[:])
	return u, nil
}

func authority(text string) (host string, port uint16, err error) {
	if strings.Contains(text, "@") {
		return "", 0, errors.New("a MUD URL has no user in it")
	}
	host, number, _ := strings.Cut(text, ":")
	if strings.HasPrefix(text, "[") || isAddress(host) {
		return "", 0, errors.New("its host must be a name, not an address")
	}
	if host, err = canonicalName(host); err != nil {
		return "", 0, err
	}
	if number == "" {
		return host, 0, nil
	}
	n, err := strconv.ParseUint(number, 10, 16)
	if err != nil || n == 0 {
		return "", 0, fmt.Errorf("port %q is none: give 1 to 65535", number)
	}
	if n == 443 {
		n = 0
	}
	return host, uint16(n), nil
}

// isAddress also knows 127.1 and 0x7f000001, which some resolvers take for addresses.
func isAddress(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	host = strings.TrimSuffix(host, ".")
	last := host[strings.LastIndexByte(host, '.')+1:]
	_, err := strconv.ParseUint(last, 0, 64)
	return err == nil
}

// canonicalName is a host name in lower case without its last dot. Names of other scripts must come as A-labels.
func canonicalName(name string) (string, error) {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if name == "" || len(name) > 253 {
		return "", fmt.Errorf("host name %q has no or too many letters", name)
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return "", fmt.Errorf("%q is no host name", name)
		}
		for _, c := range []byte(label) {
			if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
				return "", fmt.Errorf("%q is no host name: write other scripts as xn--", name)
			}
		}
	}
	return name, nil
}

// unescape decodes what needs no escape (RFC 3986 2.3), and writes the other escapes in upper case.
func unescape(text string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '%' {
			b.WriteByte(text[i])
			continue
		}
		if i+3 > len(text) {
			return "", errors.New("it ends inside an escape")
		}
		c, err := strconv.ParseUint(text[i+1:i+3], 16, 8)
		if err != nil {
			return "", fmt.Errorf("%q is no escape", text[i:i+3])
		}
		if unreserved(byte(c)) {
			b.WriteByte(byte(c))
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
		i += 2
	}
	return b.String(), nil
}

func unreserved(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0
}

// withoutDots removes "." and ".." from a path (RFC 3986 5.2.4).
func withoutDots(path string) string {
	var kept []string
	segments := strings.Split(strings.TrimPrefix(path, "/"), "/")
	for i, s := range segments {
		if s == ".." && len(kept) > 0 {
			kept = kept[:len(kept)-1]
		}
		if s != "." && s != ".." {
			kept = append(kept, s)
		} else if i == len(segments)-1 {
			kept = append(kept, "")
		}
	}
	return "/" + strings.Join(kept, "/")
}

// String is the canonical URL.
func (u URL) String() string {
	if u == (URL{}) {
		return ""
	}
	return "https://" + u.Authority() + u.path
}

// MarshalText is the canonical URL, for keeping it; "" for none.
func (u URL) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (u *URL) UnmarshalText(text []byte) (err error) {
	*u = URL{}
	if len(text) > 0 {
		*u, err = ParseURL(string(text))
	}
	return err
}

// Resolve reads a reference that stands in the file at u (RFC 3986 5): mud-signature may be relative.
func (u URL) Resolve(reference string) (URL, error) {
	at, err := url.Parse(u.String())
	if err != nil {
		return URL{}, fmt.Errorf("resolve %q: %w", reference, err)
	}
	to, err := at.Parse(reference)
	if err != nil {
		return URL{}, fmt.Errorf("resolve %q: %w", reference, err)
	}
	return ParseURL(to.String())
}

// Host is the host's name in lower case: what `manufacturer` compares (RFC 8520 4.1).
func (u URL) Host() string { return u.host }

// Port is the port, 443 where none is written.
func (u URL) Port() uint16 {
	if u.port == 0 {
		return 443
	}
	return u.port
}

// Authority is the host, with the port where it is not 443: what `same-manufacturer` compares.
func (u URL) Authority() string {
	if u.port == 0 {
		return u.host
	}
	return u.host + ":" + strconv.Itoa(int(u.port))
}

// Key names the URL in a store: SHA-256 in hex, "" for none. The last segment of the path would not do: two makers both
// have /v1.json.
func (u URL) Key() string { return u.key }
