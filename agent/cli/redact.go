package cli

import (
	"cmp"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

// redactor takes out of a text what says whose home it is. What is the same stays the same: each name, MAC and address
// gets a number in the order in which it is first met, so that the same report comes out twice.
type redactor struct {
	names *regexp.Regexp // of devices
	alias map[string]string
	count map[string]int
}

func newRedactor(names []string) *redactor {
	r := &redactor{alias: map[string]string{}, count: map[string]int{}}
	for _, name := range names { // in the order of the devices
		r.pseudonym("device", name)
	}
	names = slices.Clone(names)
	slices.SortFunc(names, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	for i, name := range names {
		names[i] = asWord(name)
	}
	r.names = regexp.MustCompile("(?i)" + strings.Join(names, "|"))
	return r
}

// asWord matches a name where it stands by itself: a device may be called "e".
func asWord(name string) string {
	pattern := regexp.QuoteMeta(name)
	if regexp.MustCompile(`^\w`).MatchString(name) {
		pattern = `\b` + pattern
	}
	if regexp.MustCompile(`\w$`).MatchString(name) {
		pattern += `\b`
	}
	return pattern
}

func (r *redactor) pseudonym(kind, word string) string {
	key := kind + " " + strings.ToLower(word)
	if r.alias[key] == "" {
		r.count[kind]++
		r.alias[key] = fmt.Sprintf("%s-%d", kind, r.count[kind])
	}
	return r.alias[key]
}

var (
	macPattern     = regexp.MustCompile(`(?i)\b[0-9a-f]{2}([:-][0-9a-f]{2}){5}\b`)
	addressPattern = regexp.MustCompile(`(?i)[0-9a-f]*:[0-9a-f:]*:[0-9a-f:.]*|\b\d{1,3}(\.\d{1,3}){3}\b`)
)

// text redacts names of devices, MACs, and addresses but those that every home may have.
func (r *redactor) text(s string) string {
	s = r.names.ReplaceAllStringFunc(s, func(name string) string {
		if name == "" { // there are no devices
			return ""
		}
		return r.pseudonym("device", name)
	})
	s = macPattern.ReplaceAllStringFunc(s, func(mac string) string { return r.pseudonym("mac", strings.ReplaceAll(mac, "-", ":")) })
	return addressPattern.ReplaceAllStringFunc(s, r.address)
}

// address redacts one address, which may end a sentence or stand before a colon.
func (r *redactor) address(text string) string {
	a, err := netip.ParseAddr(text)
	if end := text[max(len(text)-1, 0):]; err != nil && (end == "." || end == ":") {
		return r.address(text[:len(text)-1]) + end
	}
	switch {
	case err != nil || isEverybodys(a):
		return text
	case a.Is4():
		return r.pseudonym("v4", a.String())
	}
	return r.pseudonym("v6", a.String())
}

// isEverybodys reports whether an address tells nothing: one of IPv6 mostly holds the MAC, or the home's own prefix.
func isEverybodys(a netip.Addr) bool {
	return a.IsUnspecified() || a.IsLoopback() || a.IsMulticast() || a.Is4() && (a.IsPrivate() || a.IsLinkLocalUnicast())
}

// setting finds the lines of a UCI file that can be shown, and the options whose values tell nothing of a home.
var (
	setting = regexp.MustCompile(`^\s*(option|list)\s+['"]?(\w+)['"]?(\s+('[^']*'|"[^"]*"|[^\s#'"]+))?`)
	// hostName finds where to listen given by name.
	hostName = regexp.MustCompile(`^\s*list\s+['"]?listen\w*['"]?\s.*[g-zG-Z]`)
	section  = regexp.MustCompile(`^\s*config\s+['"]?(\w+)`)
	shown    = []string{
		"lan", "wan", "listen", "listen_https", "page_from", "auth", "max_level", "history_size", "metrics", "new_devices", "dhcp_leases",
		"state_dir", "socket", "port", "policy", "max_devices", "provider_grace",
	}
)

// config shows sections and options, with the values of those that cannot be a secret or a name.
func (r *redactor) config(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if m := section.FindStringSubmatch(line); m != nil {
			b.WriteString("config " + printable(m[1]) + "\n")
		}
		m := setting.FindStringSubmatch(line)
		switch {
		case m == nil:
		case slices.Contains(shown, m[2]) && !hostName.MatchString(line):
			b.WriteString(m[1] + " " + m[2] + printable(r.text(m[3])) + "\n")
		default:
			b.WriteString(m[1] + " " + m[2] + " …\n")
		}
	}
	return b.String()
}
