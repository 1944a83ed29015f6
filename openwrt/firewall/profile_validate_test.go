package firewall

import (
	"net/netip"
	"strings"
	"testing"

	"spinneret/mud"
)

func TestProfilesThatCannotBe(t *testing.T) {
	name := mud.Endpoint{Kind: mud.Name, Name: "cloud.example.com"}
	party := func(p Party) func(*Profile) {
		return func(of *Profile) { of.Sets = map[mud.Endpoint]Party{name: p} }
	}
	for what, c := range map[string]struct {
		change func(*Profile)
		want   string // part of the error
	}{
		"no MAC":            {func(p *Profile) { p.MAC = [6]byte{} }, "not the address of one device"},
		"no mode":           {func(p *Profile) { p.Mode = "" }, "write watch or enforce"},
		"too many rules":    {func(p *Profile) { p.Policy.To = make([]mud.Rule, maxRules+1) }, "rules"},
		"no address":        {func(p *Profile) { p.Addresses = make([]netip.Addr, 1) }, "an address that is none"},
		"too many":          {func(p *Profile) { p.Addresses = make([]netip.Addr, maxAddresses+1) }, "addresses"},
		"a name of a net":   {party(Party{Prefixes: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}}), "more than one address"},
		"no prefix":         {party(Party{Prefixes: make([]netip.Prefix, 1)}), "a prefix that is none"},
		"a group in a set":  {party(Party{MACs: [][6]byte{{1, 0, 0x5e}}}), "not the address of one device"},
		"too large a party": {party(Party{MACs: make([][6]byte, maxParty+1)}), "members"},
	} {
		p := Profile{MAC: camera, Mode: Enforce}
		c.change(&p)
		err := State{LAN: []LAN{home}, Profiles: []Profile{p}}.Validate()
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", what, err, c.want)
		}
	}
	one := Profile{MAC: camera, Mode: Watch}
	if err := (State{LAN: []LAN{home}, Profiles: []Profile{one, one}}).Validate(); err == nil {
		t.Error("two profiles of a device pass")
	}
	if err := (State{Profiles: []Profile{one}}).Validate(); err == nil {
		t.Error("a profile without a LAN passes")
	}
}

func TestPrefixOfViolations(t *testing.T) {
	for _, v := range []Violation{{camera, mud.FromDevice, Enforce}, {bulb, mud.ToDevice, Watch}} {
		if got, ok := ParseViolation(v.prefix() + "\x00"); !ok || got != v {
			t.Errorf("%q is read as %+v, %v", v.prefix(), got, ok)
		}
	}
	for _, prefix := range []string{"", "mud", "mud 0200000000 from-device watch", "mud 020000000011 from-device full", "mud 020000000011 x watch", "fw4 020000000011 to-device watch"} {
		if v, ok := ParseViolation(prefix); ok {
			t.Errorf("%q is read as %+v", prefix, v)
		}
	}
}
