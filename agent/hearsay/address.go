package hearsay

import (
	"net/netip"
	"strings"
)

// notPublic are addresses that no name of the internet has (RFC 6890). An answer with one would open the home from
// outside: DNS rebinding. Those for documentation are nobody's either, and harmless.
var notPublic = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
	"192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/3",
	"::/96", "::ffff:0:0/96", "64:ff9b:1::/48", "fc00::/7", "fe80::/9", "ff00::/8",
)

func prefixes(texts ...string) (list []netip.Prefix) {
	for _, t := range texts {
		list = append(list, netip.MustParsePrefix(t))
	}
	return list
}

// special reports whether an address is none of the internet's. Those that NAT64 makes (RFC 6052) hold another address,
// and count as it does.
func special(a netip.Addr) bool {
	if a.Is6() {
		if b := a.As16(); prefixes64.Contains(a) {
			return special(netip.AddrFrom4([4]byte(b[12:])))
		}
	}
	return !a.IsValid() || within(notPublic, a)
}

var prefixes64 = netip.MustParsePrefix("64:ff9b::/96")

func within(list []netip.Prefix, a netip.Addr) bool {
	for _, p := range list {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// Plain is a name as DNS has it: without the mark of those that one device has apart, see package party.
func Plain(name string) string {
	plain, _, _ := strings.Cut(name, "/")
	return plain
}

// covers reports whether a policy's name is, or stands for, the one in a question.
func covers(wish, question string) bool {
	wish = Plain(wish)
	if below, wild := strings.CutPrefix(wish, "*"); wild {
		return strings.HasSuffix(question, below)
	}
	return wish == question
}

// isPublic reports whether a name can be asked for: not one of mDNS, and not all names below another.
func isPublic(name string) bool {
	return !strings.HasPrefix(name, "*.") && !strings.HasSuffix(name, ".local") && strings.Contains(name, ".")
}
