package firewall

import (
	"fmt"
	"net/netip"
	"testing"

	"spinneret/mud"
)

// A profile never takes more rules than its weight says, whatever its parties are.
func TestWeightOfProfiles(t *testing.T) {
	states := map[string]State{}
	for name, state := range profileStates {
		states[name] = state(t)
	}
	anything := func(kinds ...mud.Kind) Profile {
		p := Profile{MAC: camera, Mode: Enforce, Sets: map[mud.Endpoint]Party{}}
		r := mud.Rule{State: mud.Opens, ACE: mud.ACE{Family: mud.IPv4 | mud.IPv6, Match: mud.Match{Protocol: mud.AnyProtocol}}}
		for _, k := range kinds {
			e := mud.Endpoint{Kind: k, Name: "x"}
			r.Remote = append(r.Remote, e)
			p.Sets[e] = Party{Prefixes: members("192.168.1.7", "fd00:1::7").Prefixes, MACs: [][6]byte{bulb}}
		}
		p.Policy.From, p.Policy.To = []mud.Rule{r, r, r, r}, []mud.Rule{r, r, r, r}
		return p
	}
	for _, kinds := range [][]mud.Kind{{}, {mud.Name}, {mud.Model}, {mud.Model, mud.Manufacturer, mud.Controller}} {
		states[fmt.Sprint(kinds)] = State{LAN: []LAN{home}, Log: Log{Mud: 1}, Profiles: []Profile{anything(kinds...)}}
	}
	for name, s := range states {
		n := 0
		for _, table := range render(s, kernel{bridge: true}, noon) {
			for _, c := range table.chains {
				if c.hook == nil && len(c.name) > len("mud_forward") {
					n += len(c.rules)
				}
			}
		}
		if w := s.Profiles[0].weight(); n > w || n < chainRules/4 {
			t.Errorf("%s: %d rules, its weight is %d", name, n, w)
		}
	}
}

// The largest real files of 60 devices stay below the limit.
func TestWeightOfRealFiles(t *testing.T) {
	n := 0
	for _, p := range manyProfiles(t).Profiles {
		n += p.weight()
	}
	if t.Logf("60 profiles weigh %d", n); n > maxWritten*9/10 {
		t.Errorf("60 real profiles weigh %d of %d", n, maxWritten)
	}
}

// The heaviest State that passes goes into the kernel in one piece; a heavier one is refused before.
func TestAsManyRulesAsThereMayBe(t *testing.T) {
	f := open(t, newNS(t))
	e := mud.Endpoint{Kind: mud.LocalNetworks}
	s := State{LAN: []LAN{home}, Log: Log{Mud: 13}}
	for n := byte(0); ; n++ {
		p := Profile{
			MAC: [6]byte{2, 0, 0, 7, 0, n}, Mode: Enforce, Addresses: []netip.Addr{netip.AddrFrom4([4]byte{192, 168, 1, n})},
			Sets: map[mud.Endpoint]Party{e: members("192.168.1.0/24", "fd00:1::/64")},
		}
		for port := range uint16(100) {
			p.Policy.From = append(p.Policy.From, mud.Rule{State: mud.Opens, ACE: mud.ACE{Family: mud.IPv4 | mud.IPv6, Match: mud.Match{
				Remote: []mud.Endpoint{e}, Protocol: mud.TCP, RemotePort: mud.Ports{Set: true, Low: port, High: port + 100},
			}}})
		}
		more := s
		more.Profiles = append(s.Profiles[:n:n], p)
		if more.Validate() != nil {
			break
		}
		s = more
	}
	if len(s.Profiles) < 10 {
		t.Fatalf("only %d profiles pass", len(s.Profiles))
	}
	apply(t, f, s)
}
