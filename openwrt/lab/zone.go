package lab

import (
	"hash/fnv"
	"net/netip"
	"strings"
)

// host is what the internet's DNS says of a name.
type host struct {
	aliases []string // the chain of CNAMEs after the name itself, the last one has the addresses
	v4, v6  netip.Addr
	passing bool // the answer is good for this once: nobody may keep it
}

// The names that habits and tests count on. All others have made-up addresses, see lookup.
var fixedHosts = map[string]host{
	"up.cam.example.net": at("198.51.100.7", "2001:db8:101::7"),
	"ntp.pool.example":   at("198.51.100.123", "2001:db8:100::123"),
	"ns.example":         {v4: resolver4, v6: resolver6},
	"call.talk.example":  at("203.0.113.200", "2001:db8:1f0::3478"),
	"hub.lumen.example":  at("198.51.100.40", "2001:db8:140::7"),
	"play.filmbox.example": via(at("203.0.113.140", "2001:db8:1c0::e7"),
		"filmbox.edge.fastcdn.example", "e7.fastcdn.example"),
	"static.daily.example": via(at("203.0.113.141", "2001:db8:1c0::e8"),
		"daily.edge.fastcdn.example"),
}

func at(v4, v6 string) host {
	return host{v4: netip.MustParseAddr(v4), v6: netip.MustParseAddr(v6)}
}

func via(h host, aliases ...string) host {
	h.aliases = aliases
	return h
}

// exampleDomains are those reserved for documentation (RFC 2606): there is nothing else in this internet.
var exampleDomains = []string{"example", "example.com", "example.net", "example.org"}

// lookup returns what a name resolves to. The name is in lower case without the final dot. Every name below
// an example domain exists; its addresses follow from a hash of the name, with one /48 per owner.
func lookup(name string) (host, bool) {
	if h, ok := fixedHosts[name]; ok {
		return h, true
	}
	owner, ok := ownerOf(name)
	if !ok {
		return host{}, false
	}
	return invent(name, owner), true
}

// ownerOf returns the one label below an example domain that a name belongs to, with that domain.
func ownerOf(name string) (string, bool) {
	for _, domain := range exampleDomains {
		if rest, ok := strings.CutSuffix(name, "."+domain); ok && rest != "" {
			return rest[strings.LastIndexByte(rest, '.')+1:] + "." + domain, true
		}
	}
	return "", false
}

// rotating are names whose every answer has another address, as those of large services do.
const rotating = ".rotating.example"

// turn gives the next address of a rotating name: of IPv6 one that nobody had, of IPv4 one of a hundred.
func turn(n uint32) host {
	v6 := [16]byte{0x20, 0x01, 0x0d, 0xb8, 0x01, 0xee, 12: byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}
	v4 := [4]byte{203, 0, 113, 128 + byte(n%100)}
	return host{v4: netip.AddrFrom4(v4), v6: netip.AddrFrom16(v6), passing: true}
}

// invent makes up addresses out of internetPrefixes, away from the fixed ones.
func invent(name, owner string) host {
	n, o := hash(name), hash(owner)
	v4 := [4]byte{198, 51, 100, 128 + n%120}
	v6 := [16]byte{0x20, 0x01, 0x0d, 0xb8, 0x01, 0x80 + o%64, 14: 1, 15: n}
	return host{v4: netip.AddrFrom4(v4), v6: netip.AddrFrom16(v6)}
}

func hash(s string) byte {
	h := fnv.New32a()
	h.Write([]byte(s))
	sum := h.Sum32()
	return byte(sum ^ sum>>8 ^ sum>>16 ^ sum>>24)
}
