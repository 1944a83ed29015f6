package firewall

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spinneret/mud"
)

// policy compiles a MUD file whose ACLs hold these entries, in the JSON of RFC 8519.
func policy(t testing.TB, strict bool, from, to string) mud.Policy {
	t.Helper()
	acl := func(name, entries string) string {
		var v4, v6 []string
		for i, e := range strings.Split(strings.TrimSpace(entries), "\n") {
			if e = strings.TrimSpace(e); e == "" {
				continue
			}
			action := "accept"
			if rest, ok := strings.CutPrefix(e, "drop "); ok {
				action, e = "drop", rest
			}
			ace := `{"name":"` + name + string(rune('a'+i)) + `","matches":{` + e + `},"actions":{"forwarding":"` + action + `"}}`
			if strings.Contains(e, `"ipv6"`) {
				v6 = append(v6, ace)
			} else {
				v4 = append(v4, ace)
			}
		}
		return `{"name":"` + name + `4","type":"ipv4-acl-type","aces":{"ace":[` + strings.Join(v4, ",") + `]}},` +
			`{"name":"` + name + `6","type":"ipv6-acl-type","aces":{"ace":[` + strings.Join(v6, ",") + `]}}`
	}
	lists := func(name string) string {
		return `{"access-lists":{"access-list":[{"name":"` + name + `4"},{"name":"` + name + `6"}]}}`
	}
	f, found := mud.Parse([]byte(`{"ietf-mud:mud":{"mud-version":1,"mud-url":"https://maker.example/cam.json",` +
		`"last-update":"2026-01-31T12:00:00Z","is-supported":true,"from-device-policy":` + lists("fr") + `,"to-device-policy":` + lists("to") + `},` +
		`"ietf-access-control-list:acls":{"acl":[` + acl("fr", from) + `,` + acl("to", to) + `]}}`))
	if f == nil {
		t.Fatal(found)
	}
	return f.Compile(strict)
}

// agreed is p with all that waits for the owner agreed to.
func agreed(p mud.Policy) mud.Policy {
	for _, rules := range [][]mud.Rule{p.From, p.To} {
		for i := range rules {
			rules[i].Held = ""
		}
	}
	return p
}

// members makes a party of addresses and networks.
func members(prefixes ...string) Party {
	var p Party
	for _, s := range prefixes {
		if a, err := netip.ParseAddr(s); err == nil {
			p.Prefixes = append(p.Prefixes, netip.PrefixFrom(a, a.BitLen()))
		} else {
			p.Prefixes = append(p.Prefixes, netip.MustParsePrefix(s))
		}
	}
	return p
}

// profiled is a profile of the camera in the home of the goldens.
func profiled(p mud.Policy, mode ProfileMode) Profile {
	return Profile{
		MAC: camera, Mode: mode, Policy: p,
		Addresses: []netip.Addr{netip.MustParseAddr("192.168.1.163"), netip.MustParseAddr("fd00:1::163")},
		Sets: map[mud.Endpoint]Party{
			{Kind: mud.Controller, Name: mud.ClassDNS}:           members("192.168.1.1", "fd00:1::1"),
			{Kind: mud.Controller, Name: mud.ClassNTP}:           members("192.168.1.1"),
			{Kind: mud.Controller, Name: mud.ClassGateway}:       members("192.168.1.1", "fd00:1::1"),
			{Kind: mud.LocalNetworks}:                            members("192.168.1.0/24", "224.0.0.0/4", "255.255.255.255", "fd00:1::/64", "fe80::/10", "ff00::/12"),
			{Kind: mud.Name, Name: "cloud.example.com"}:          members("198.51.100.7", "2001:db8:100::7"),
			{Kind: mud.MyController}:                             {Prefixes: members("192.168.1.7").Prefixes, MACs: [][6]byte{bulb}},
			{Kind: mud.Manufacturer, Name: "maker.example"}:      {Prefixes: members("192.168.1.8").Prefixes, MACs: [][6]byte{bulb}},
			{Kind: mud.SameManufacturer}:                         members("192.168.1.8"),
			{Kind: mud.Controller, Name: "http://x.example/hub"}: members("192.168.1.9"),
		},
	}
}

var profileStates = map[string]func(testing.TB) State{
	"profile": func(t testing.TB) State {
		return State{LAN: []LAN{home}, WAN: []string{"wan"}, Log: Log{Mud: 13}, Profiles: []Profile{profiled(policy(t, false,
			`"ipv4":{"ietf-acldns:dst-dnsname":"cloud.example.com"},"tcp":{"destination-port":{"port":443},"ietf-mud:direction-initiated":"from-device"}
			"ipv6":{"ietf-acldns:dst-dnsname":"cloud.example.com"},"tcp":{"destination-port":{"operator":"neq","port":80}}
			"ietf-mud:mud":{"local-networks":[null]},"ipv4":{"destination-ipv4-network":"239.255.255.250/32"},"udp":{"destination-port":{"port":1900}}
			"ietf-mud:mud":{"my-controller":[null]},"tcp":{"destination-port":{"lower-port":8000,"upper-port":8010}}`,
			`"ipv4":{"ietf-acldns:src-dnsname":"cloud.example.com"},"tcp":{"source-port":{"port":443}}
			"ietf-mud:mud":{"local-networks":[null]},"udp":{"source-port":{"port":1900}}
			"ietf-mud:mud":{"local-networks":[null]},"tcp":{"destination-port":{"port":80}}`), Enforce)}}
	},
	"profile-watch": func(t testing.TB) State {
		return State{LAN: []LAN{home}, WAN: []string{"wan"}, Log: logged, Profiles: []Profile{profiled(policy(t, false, "", ""), Watch)}}
	},
	"profile-strict": func(t testing.TB) State {
		return State{LAN: []LAN{guests}, WAN: []string{"wan"}, Profiles: []Profile{profiled(agreed(policy(t, true,
			`"ipv4":{"protocol":1},"icmp":{"type":8,"code":0}
			"ipv4":{"destination-ipv4-network":"203.0.113.0/24","dscp":46,"ttl":64},"tcp":{"flags":"syn ack"}`,
			`"ipv6":{"ietf-acldns:src-dnsname":"cloud.example.com"},"tcp":{"source-port":{"port":443},"ietf-mud:direction-initiated":"from-device"}`)), Enforce), {MAC: bulb, Mode: Enforce}}}
	},
	"profile-drop": func(t testing.TB) State {
		return State{LAN: []LAN{home, {Name: "br-guest", Ports: []string{"lan4"}}}, WAN: []string{"wan"}, Profiles: []Profile{profiled(policy(t, false,
			`drop "ipv4":{"destination-ipv4-network":"198.51.100.7/32"},"udp":{}
			"ipv4":{"ietf-acldns:dst-dnsname":"cloud.example.com"}`, ""), Enforce)}}
	},
}

func TestProfilesReadAsWritten(t *testing.T) {
	for name, state := range profileStates {
		t.Run(name, func(t *testing.T) {
			ns := newNS(t)
			f := open(t, ns)
			apply(t, f, state(t))
			first := listing(t, ns)
			golden(t, name+".nft", first)
			run(t, newNS(t), first, "nft", "-c", "-f", "-")
			apply(t, f, state(t))
			if d := cmp.Diff(first, listing(t, ns)); d != "" {
				t.Errorf("the second time changed something (-first +second):\n%s", d)
			}
		})
	}
}
