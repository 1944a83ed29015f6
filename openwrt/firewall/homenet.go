package firewall

import (
	"net/netip"

	"github.com/google/nftables"
)

// homePrefixes are the networks of the home, of one family, as they are on the LAN interfaces.
func homePrefixes(lan []LAN, v6 bool) []netip.Prefix {
	var out []netip.Prefix
	for _, l := range lan {
		for _, p := range l.Router {
			if p.Addr().Is4() != v6 && !p.Addr().IsLinkLocalUnicast() {
				out = append(out, p.Masked())
			}
		}
	}
	return out
}

// addHome adds the sets of the home's networks; neighbours that overlap are one interval.
func (t *table) addHome(lan []LAN) {
	for _, f := range []struct {
		name string
		v6   bool
		typ  nftables.SetDatatype
	}{{setHome4, false, nftables.TypeIPAddr}, {setHome6, true, nftables.TypeIP6Addr}} {
		var claims []claim
		for _, p := range homePrefixes(lan, f.v6) {
			lo, hi := Target{Prefix: p}.span()
			claims = append(claims, claim{area: area{lo: lo, hi: hi}})
		}
		if len(claims) == 0 && f.v6 {
			continue
		}
		s := set{spec: nftables.Set{Name: f.name, Comment: "networks of the home", KeyType: f.typ, Interval: true}}
		for _, p := range disjoint(claims) {
			s.elements = append(s.elements, nftables.SetElement{Key: p.lo.AsSlice()})
			if after := p.hi.Next(); after.IsValid() {
				s.elements = append(s.elements, nftables.SetElement{Key: after.AsSlice(), IntervalEnd: true})
			}
		}
		t.addSet(s)
	}
}
