package firewall

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/nftables"
	"github.com/google/nftables/binaryutil"

	"spinneret/mud"
)

// wellKnown are the classes that have short names.
var wellKnown = map[string]string{mud.ClassDNS: "dns", mud.ClassNTP: "ntp", mud.ClassGateway: "router"}

// setName is such as mud_local4, mud_name6_cloud.example.com, mud_dns4.
func (n *party) setName(what string) string {
	head, tail := "mud_", ""
	switch e := n.endpoint; e.Kind {
	case mud.Name:
		below, wild := strings.CutPrefix(e.Name, "*.")
		if head += "name"; wild {
			head = "mud_below"
		}
		tail = "_" + word(below)
	case mud.LocalNetworks:
		head += "local"
	case mud.MyController:
		head += "my_controller"
	case mud.SameManufacturer:
		head += "same_maker"
	case mud.Manufacturer:
		head, tail = head+"maker", "_"+word(e.Name)
	case mud.Model:
		head, tail = head+"model", "_"+word(e.Name)
	default:
		if known := wellKnown[e.Name]; known != "" {
			head += known
		} else {
			head, tail = head+"class", "_"+word(e.Name)
		}
	}
	return head + what + tail + n.suffix
}

// word makes of any text a part of a name that nft can read: the maker's words may be anything, and long. A slash sets
// apart what is ours, so that no maker's word can be the name of another's set.
func word(s string) string {
	const most = 48
	clean := strings.Map(func(r rune) rune {
		if notWord(r) {
			return '_'
		}
		return r
	}, s)
	if clean == s && len(s) <= most {
		return s
	}
	sum := sha256.Sum256([]byte(s))
	return fmt.Sprintf("%s/%x", clean[:min(len(clean), most)], sum[:8])
}

// comment is the endpoint in plain words, without what nft could not read.
func (n *party) comment() string {
	const most = 100 // nft allows 128
	s := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' {
			return -1
		}
		return r
	}, n.endpoint.String())
	return s[:min(len(s), most)]
}

// addressSet is the set of the party's addresses of one family.
func (n *party) addressSet(v6 bool, known learned, now time.Time) set {
	name, typ := n.setName("4"), nftables.TypeIPAddr
	if v6 {
		name, typ = n.setName("6"), nftables.TypeIP6Addr
	}
	s := set{spec: nftables.Set{Name: name, Comment: n.comment(), KeyType: typ, KeyByteOrder: binaryutil.BigEndian}}
	if n.endpoint.Kind == mud.Name {
		s.refilled, s.spec.HasTimeout = true, true
		s.name, s.always = n.endpoint.Name, n.spans(v6)
		s.elements = known.elements(n.endpoint.Name, n.spans(v6), v6, now)
		return s
	}
	if s.refilled = !slices.ContainsFunc(n.spans(v6), func(a area) bool { return a.lo != a.hi }); s.refilled {
		for _, a := range n.spans(v6) {
			s.elements = append(s.elements, nftables.SetElement{Key: a.lo.AsSlice()})
		}
		return s
	}
	s.spec.Interval = true
	s.elements = intervals(n.spans(v6))
	return s
}

// intervals are the ends of spans; neighbours are one.
func intervals(spans []area) []nftables.SetElement {
	var out []nftables.SetElement
	for _, a := range spans {
		if n := len(out); n > 0 && out[n-1].IntervalEnd && bytes.Equal(out[n-1].Key, a.lo.AsSlice()) {
			out = out[:n-1]
		} else {
			out = append(out, nftables.SetElement{Key: a.lo.AsSlice()})
		}
		if after := a.hi.Next(); after.IsValid() {
			out = append(out, nftables.SetElement{Key: after.AsSlice(), IntervalEnd: true})
		}
	}
	return out
}

func (n *party) macSet() set {
	s := set{refilled: true, spec: nftables.Set{Name: n.setName("_macs"), Comment: n.comment(), KeyType: nftables.TypeEtherAddr}}
	for _, mac := range n.macs {
		s.elements = append(s.elements, nftables.SetElement{Key: mac[:]})
	}
	return s
}
