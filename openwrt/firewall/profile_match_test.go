package firewall

import (
	"strings"
	"testing"

	"spinneret/mud"
	"spinneret/openwrt/lab"
)

// Every field of RFC 8519 that a MUD file may match, and every way to write ports, as nft reads what we wrote.
func TestEveryFieldIsMatched(t *testing.T) {
	p := profiled(agreed(policy(t, false,
		`"ipv4":{"destination-ipv4-network":"203.0.113.0/24","dscp":46,"ecn":1,"length":60,"ttl":64,"protocol":47}
		"ipv4":{"destination-ipv4-network":"203.0.113.7/32","ihl":5,"flags":"fragment","identification":7,"offset":20,"protocol":50}
		"ipv4":{"ietf-acldns:dst-dnsname":"cloud.example.com"},"tcp":{"sequence-number":1,"acknowledgement-number":2,"data-offset":8,"reserved":1}
		"ipv4":{"ietf-acldns:dst-dnsname":"cloud.example.com"},"tcp":{"flags":"syn","window-size":1024,"urgent-pointer":9,"source-port":{"operator":"gte","port":1024}}
		"ipv4":{"ietf-acldns:dst-dnsname":"cloud.example.com"},"udp":{"length":100,"destination-port":{"operator":"lte","port":1023}}
		"ipv4":{"ietf-acldns:dst-dnsname":"cloud.example.com","protocol":1},"icmp":{"type":3,"code":4,"rest-of-header":"AAAFeA=="}
		"ipv6":{"destination-ipv6-network":"2001:db8::/32","dscp":46,"ecn":2,"length":60,"ttl":64,"flow-label":5,"protocol":47}
		"ipv6":{"ietf-acldns:dst-dnsname":"cloud.example.com"},"tcp":{"destination-port":{"lower-port":1,"upper-port":9},"source-port":{"operator":"neq","port":7}}
		"ipv6":{"ietf-acldns:dst-dnsname":"cloud.example.com","protocol":58},"icmp":{"type":1,"code":3}`,
		`"ietf-mud:mud":{"local-networks":[null]},"ipv4":{"destination-ipv4-network":"192.168.1.163/32"},"udp":{"destination-port":{"port":9}}`)), Enforce)
	ns := newNS(t)
	apply(t, open(t, ns), State{LAN: []LAN{home}, WAN: []string{"wan"}, Profiles: []Profile{p}})
	golden(t, "profile-fields.nft", strings.Join(ofDevice.FindAllString(listing(t, ns), -1), "\n")+"\n")
}

// What cannot be told of a packet lets nothing pass, and a drop drops more.
func TestEntriesThatCannotBeMatched(t *testing.T) {
	match := func(m mud.Match) mud.Rule {
		m.Remote = []mud.Endpoint{{Kind: mud.LocalNetworks}}
		return mud.Rule{State: mud.Opens, ACE: mud.ACE{Name: "x", Family: mud.IPv6, Match: m}}
	}
	rules := []mud.Rule{
		match(mud.Match{Protocol: mud.AnyProtocol, RemotePort: mud.Ports{Set: true}}),
		match(mud.Match{Protocol: 44}),
		match(mud.Match{Protocol: 256}),
		match(mud.Match{Protocol: mud.UDP, Fields: []mud.Field{{Header: "tcp", Name: "flags", Mask: 255}}}),
		match(mud.Match{Protocol: mud.TCP, Fields: []mud.Field{{Header: "tcp", Name: "reserved", Value: 16, Mask: 255}}}),
		match(mud.Match{Protocol: mud.TCP, Fields: []mud.Field{{Header: "tcp", Name: "options", Value: 1, Mask: 255}}}),
	}
	for i, r := range rules {
		if matchable(r.ACE) {
			t.Errorf("entry %d can be compared with packets", i)
		}
	}
	chain := func(rules []mud.Rule) int {
		s := State{LAN: []LAN{home}, Profiles: []Profile{profiled(mud.Policy{From: rules}, Enforce)}}
		tables := render(s, kernel{}, noon)
		return len(tables[0].rulesOf(chainOf(from, camera)))
	}
	if n := chain(rules); n != 1 {
		t.Errorf("%d rules of entries that allow nothing, want the one that refuses", n)
	}
	for i := range rules {
		rules[i].Drop = true
	}
	if n := chain(rules[3:]); n != 3+2 { // those, what is of a connection, and what refuses
		t.Errorf("%d rules of three drops", n)
	}
}

// A maker may call a class as he likes: it is never the class of another, nor what nft cannot read.
func TestWordsOfMakers(t *testing.T) {
	seen := map[string]string{}
	for _, name := range []string{
		"bacnet", "bac net", "bac_net", "https://x.example/a", "https___x.example_a", word("bac net"), `";drop`,
		strings.Repeat("a", 300), strings.Repeat("a", 48), "",
	} {
		w := word(name)
		if other, taken := seen[w]; taken && other != name {
			t.Errorf("%q and %q are both %q", name, other, w)
		}
		if seen[w] = name; len(w) > 70 || strings.ContainsFunc(w, func(r rune) bool { return r != '/' && notWord(r) }) {
			t.Errorf("%q is %q", name, w)
		}
	}
	one := profiled(policy(t, false, `"ietf-mud:mud":{"same-manufacturer":[null]}`, ""), Enforce)
	other := profiled(policy(t, false, `"ietf-mud:mud":{"same-manufacturer":[null],"controller":"http://x.example/hub"}`, ""), Enforce)
	other.MAC, other.Addresses = bulb, nil
	other.Sets[mud.Endpoint{Kind: mud.SameManufacturer}] = members("192.168.1.99")
	ns := newNS(t)
	apply(t, open(t, ns), State{LAN: []LAN{home}, Profiles: []Profile{one, other}})
	text := listing(t, ns)
	for _, set := range []string{"set mud_same_maker4 {", "set mud_same_maker4/020000000012 {", "set mud_class4_http___x.example_hub/"} {
		if !strings.Contains(text, set) {
			t.Errorf("there is no %s", set)
		}
	}
	run(t, newNS(t), text, "nft", "-c", "-f", "-")
}

// Fragments are put together before they are judged where the router forwards them.
func TestFragmentsAreJudgedWhole(t *testing.T) {
	h := startHouse(t, lab.Options{})
	s := h.state()
	s.Profiles = []Profile{h.profile(t, Enforce, false)}
	apply(t, h.firewall, s)
	learn(t, h.firewall, "late.example.com", Address{h.server4, 0})
	out, server := openWire(t, h.cam.NS, "eth0"), openWire(t, h.Internet(), "home0")
	send := func(port uint16, mark string) {
		for _, p := range fragments(udpPacket(h.cam.IPv4(), h.server4, [2]uint16{40000, port}, []byte(strings.Repeat("-", 64)+mark))) {
			out.send(t, framed(routerMAC, mac(t, h.cam), p))
		}
	}
	send(4001, "refused")
	eventually(t, "the wrong port is refused", func() bool { return h.refused(t, false) == 1 })
	send(4000, "allowed")
	eventually(t, "the right one passes", func() bool { return server.carries([]byte("allowed")) > 0 })
	if server.carries([]byte("refused")) > 0 {
		t.Error("the wrong one passed as well")
	}
}
