package cli

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sort"
	"strings"
)

// redactor takes out of a text what says whose home it is. What is the same stays the same: each name, MAC and address
// gets a number in the order in which it is first met, so that the same report comes out twice.
type redactor struct {
	names []string // of devices, the longest first
	alias map[string]string
	count map[string]int
}

func newRedactor(names []string) *redactor {
	r := &redactor{alias: map[string]string{}, count: map[string]int{}}
	for _, name := range names { // in the order of the devices
		r.pseudonym("device", name)
	}
	r.names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == "" })
	sort.SliceStable(r.names, func(i, j int) bool { return len(r.names[i]) > len(r.names[j]) })
	return r
}

func (r *redactor) pseudonym(kind, word string) string {
	key := kind + " " + strings.ToLower(word)
	if r.alias[key] == "" {
		r.count[kind]++
		r.alias[key] = fmt.Sprintf("%s-%d", kind, r.count[kind])
	}
	return r.alias[key]
}

// text redacts names of devices, MACs, and addresses but those that every home may have.
func (r *redactor) text(s string) string {
	s = replaced(s, r.name)
	s = replaced(s, r.mac)
	return replaced(s, r.addresses)
}

// replaced puts together what find makes of a text: at each place it tells how much of it to replace, and by what.
// It does so without package regexp, which nothing else needs and which is 180 kB on a router.
func replaced(s string, find func(s string, at int) (length int, by string)) string {
	var b strings.Builder
	for at := 0; at < len(s); {
		length, by := find(s, at)
		if length == 0 {
			length, by = 1, s[at:at+1]
		}
		b.WriteString(by)
		at += length
	}
	return b.String()
}

// alone reports whether s[from:to] stands by itself: a device may be called "e".
func alone(s string, from, to int) bool {
	joined := func(i int) bool { return i > 0 && i < len(s) && isWord(s[i-1]) && isWord(s[i]) }
	return !joined(from) && !joined(to)
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func (r *redactor) name(s string, at int) (int, string) {
	for _, name := range r.names {
		to := at + len(name)
		if to <= len(s) && strings.EqualFold(s[at:to], name) && alone(s, at, to) {
			return len(name), r.pseudonym("device", name)
		}
	}
	return 0, ""
}

func (r *redactor) mac(s string, at int) (int, string) {
	const length = len("02:00:00:00:00:01")
	if at+length > len(s) || !alone(s, at, at+length) {
		return 0, ""
	}
	mac, err := net.ParseMAC(strings.ReplaceAll(s[at:at+length], "-", ":"))
	if err != nil || len(mac) != 6 {
		return 0, ""
	}
	return length, r.pseudonym("mac", mac.String())
}

// addresses takes the longest run that could be an address, or one of IPv4 and a port.
func (r *redactor) addresses(s string, at int) (int, string) {
	run := s[at:]
	if end := strings.IndexFunc(run, func(c rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF:.", c) }); end >= 0 {
		run = run[:end]
	}
	if strings.Count(run, ":") >= 2 {
		bare := run
		if !strings.HasPrefix(run, "::") {
			bare = strings.TrimPrefix(run, ":")
		}
		return len(run), run[:len(run)-len(bare)] + r.address(bare)
	}
	parts := strings.Split(run, ":")
	for i, part := range parts {
		parts[i] = r.address(part)
	}
	return len(run), strings.Join(parts, ":")
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

// shown are the options whose values tell nothing of a home.
var shown = []string{
	"lan", "wan", "listen", "listen_https", "page_from", "auth", "max_level", "history_size", "metrics", "new_devices", "dhcp_leases",
	"state_dir", "socket", "port", "policy", "max_devices", "provider_grace", "mud_anchor", "learning", "kind", "severity", "level", "for",
}

// config shows sections and options, with the values of those that cannot be a secret or a name.
func (r *redactor) config(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		kind, name, value := setting(line)
		hostName := strings.HasPrefix(name, "listen") && strings.ContainsFunc(value, func(c rune) bool { return c >= 'g' && c <= 'z' || c >= 'G' && c <= 'Z' })
		switch {
		case name == "":
		case kind == "config":
			b.WriteString("config " + printable(name) + "\n")
		case kind != "option" && kind != "list":
		case slices.Contains(shown, name) && !hostName:
			b.WriteString(kind + " " + name + printable(r.text(value)) + "\n")
		default:
			b.WriteString(kind + " " + name + " …\n")
		}
	}
	return b.String()
}

// setting takes a line of a UCI file apart; the value keeps its quotes and the space before it. Where a name is no
// word there is none.
func setting(line string) (kind, name, value string) {
	kind, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	if tab, after, ok := strings.Cut(kind, "\t"); ok {
		kind, rest = tab, after+" "+rest
	}
	rest = strings.TrimLeft(rest, " \t'\"")
	end := strings.IndexFunc(rest, func(c rune) bool { return c > 'z' || !isWord(byte(c)) })
	if end < 0 {
		return kind, rest, ""
	}
	name = rest[:end]
	value = strings.TrimLeft(rest[end:], " \t'\"")
	quoted := rest[end : len(rest)-len(value)]
	if quote := strings.LastIndexAny(quoted, `'"`); quote > 0 {
		mark := quoted[quote : quote+1]
		value, _, _ = strings.Cut(value, mark)
		return kind, name, " " + mark + value + mark
	}
	if stop := strings.IndexAny(value, " \t#'\""); stop >= 0 {
		value = value[:stop]
	}
	if value != "" {
		value = " " + value
	}
	return kind, name, value
}
