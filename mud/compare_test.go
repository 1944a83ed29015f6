package mud

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func toName(name string, port uint16) Rule {
	return Rule{State: Opens, ACE: ACE{Family: IPv4, Match: Match{
		Remote: []Endpoint{{Kind: Name, Name: name}}, Protocol: TCP, RemotePort: Ports{Low: port, High: port, Set: true},
	}}}
}

func with(r Rule, change func(*Rule)) Rule {
	r.Remote = slices.Clone(r.Remote)
	change(&r)
	return r
}

func prefix(text string) []Endpoint {
	return []Endpoint{{Kind: Prefix, Prefix: netip.MustParsePrefix(text)}}
}

// TestWiderSeesWhatIsNewlyAllowed, and calls nothing wider that is the same or less.
func TestWiderSeesWhatIsNewlyAllowed(t *testing.T) {
	web := toName("a.example", 443)
	drop := with(web, func(r *Rule) { r.Drop, r.State = true, Packets })
	for name, c := range map[string]struct {
		older, newer []Rule
		want         int
	}{
		"the same":                      {[]Rule{web}, []Rule{web}, 0},
		"another name of the entry":     {[]Rule{web}, []Rule{with(web, func(r *Rule) { r.Name, r.Path = "x", "/y" })}, 0},
		"one entry less":                {[]Rule{web, toName("b.example", 443)}, []Rule{web}, 0},
		"another order":                 {[]Rule{web, toName("b.example", 443)}, []Rule{toName("b.example", 443), web}, 0},
		"another name":                  {[]Rule{web}, []Rule{web, toName("b.example", 443)}, 1},
		"another port":                  {[]Rule{web}, []Rule{toName("a.example", 80)}, 1},
		"any port":                      {[]Rule{web}, []Rule{with(web, func(r *Rule) { r.RemotePort = Ports{} })}, 1},
		"fewer ports":                   {[]Rule{with(web, func(r *Rule) { r.RemotePort.Low = 1 })}, []Rule{web}, 0},
		"ports other than":              {[]Rule{web}, []Rule{with(web, func(r *Rule) { r.RemotePort.Not = true })}, 1},
		"IPv6 too":                      {[]Rule{web}, []Rule{with(web, func(r *Rule) { r.Family = IPv4 | IPv6 })}, 1},
		"any protocol":                  {[]Rule{web}, []Rule{with(web, func(r *Rule) { r.Protocol = AnyProtocol })}, 1},
		"every packet":                  {[]Rule{web}, []Rule{with(web, func(r *Rule) { r.State = Packets })}, 1},
		"no party":                      {[]Rule{web}, []Rule{with(web, func(r *Rule) { r.Remote = nil })}, 1},
		"one more party that must hold": {[]Rule{web}, []Rule{with(web, func(r *Rule) { r.Remote = append(r.Remote, Endpoint{Kind: LocalNetworks}) })}, 0},
		"a wildcard":                    {[]Rule{web}, []Rule{toName("*.example", 443)}, 1},
		"one of a wildcard's names":     {[]Rule{toName("*.example", 443)}, []Rule{web}, 0},
		"not the wildcard's domain":     {[]Rule{toName("*.example", 443)}, []Rule{toName("badexample", 443)}, 1},
		"a smaller prefix":              {[]Rule{with(web, func(r *Rule) { r.Remote = prefix("192.0.2.0/24") })}, []Rule{with(web, func(r *Rule) { r.Remote = prefix("192.0.2.8/32") })}, 0},
		"a larger prefix":               {[]Rule{with(web, func(r *Rule) { r.Remote = prefix("192.0.2.0/24") })}, []Rule{with(web, func(r *Rule) { r.Remote = prefix("192.0.0.0/16") })}, 1},
		"one field less to match":       {[]Rule{with(web, func(r *Rule) { r.Fields = []Field{{"ipv4", "ttl", 1, 255}} })}, []Rule{web}, 1},
		"a drop gone":                   {[]Rule{drop, web}, []Rule{web}, 1},
		"a drop behind":                 {[]Rule{drop, web}, []Rule{web, drop}, 1},
		"a drop kept":                   {[]Rule{drop, web}, []Rule{drop, web}, 0},
		"a drop of another protocol gone": {
			[]Rule{with(drop, func(r *Rule) { r.Protocol = UDP }), web}, []Rule{web}, 0,
		},
		"one that is held":         {[]Rule{web}, []Rule{with(web, func(r *Rule) { r.Held, r.RemotePort = "why", Ports{} })}, 0},
		"one that was held before": {[]Rule{with(web, func(r *Rule) { r.Held = "why" })}, []Rule{web}, 1},
	} {
		if got := Wider(Policy{From: c.older}, Policy{From: c.newer}); len(got) != c.want {
			t.Errorf("%s: wider by %q, want %d", name, got, c.want)
		}
	}
	if got := Wider(Policy{From: []Rule{web}}, Policy{To: []Rule{web}}); len(got) != 1 {
		t.Errorf("what is allowed in one direction is allowed in the other: %q", got)
	}
}

func TestPortsOtherThan(t *testing.T) {
	port := func(low, high uint16, not bool) Ports { return Ports{low, high, not, true} }
	for _, c := range []struct {
		had, now Ports
		want     bool
	}{
		{port(80, 80, true), port(1, 79, false), true},
		{port(80, 80, true), port(79, 81, false), false},
		{port(80, 80, true), port(70, 90, true), true},
		{port(70, 90, true), port(80, 80, true), false},
		{port(1, 65535, false), port(80, 80, true), false},
		{port(80, 80, true), Ports{}, false},
	} {
		if got := c.had.holdAll(c.now); got != c.want {
			t.Errorf("%v holds all of %v: %v", c.had, c.now, got)
		}
	}
}

// TestAgreeingIsToAnEntry: the same entry of a later file needs no second word, another one does.
func TestAgreeingIsToAnEntry(t *testing.T) {
	held := func(p string) Rule {
		return with(toName("", 443), func(r *Rule) { r.Held, r.Remote = "it names addresses", prefix(p) })
	}
	first := Policy{From: []Rule{held("192.0.2.1/32"), held("192.0.2.2/32")}}
	keys := first.Held()
	if len(keys) != 2 {
		t.Fatalf("held are %v", keys)
	}
	agreed := func(key string) bool { return key == keys[0] }
	later := Policy{From: []Rule{held("192.0.2.3/32"), with(held("192.0.2.1/32"), func(r *Rule) { r.Name = "renamed" })}}
	if got := fmt.Sprint(later.Agree(agreed).From[0].Held == "", later.Agree(agreed).From[1].Held == ""); got != "false true" {
		t.Errorf("agreed to: %s", got)
	}
	if later.From[1].Held == "" {
		t.Error("agreeing changed the policy that was asked")
	}
}

func TestWhichPortsThereAre(t *testing.T) {
	for ports, want := range map[Ports]string{
		{}:                             "79 80 81 82",
		{Low: 80, High: 81, Set: true}: "80 81",
		{Low: 80, High: 80, Set: true}: "80",
		{Low: 80, High: 80, Set: true, Not: true}: "79 81 82",
	} {
		var got []string
		for port := uint16(79); port <= 82; port++ {
			if ports.Has(port) {
				got = append(got, strconv.Itoa(int(port)))
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%v has %v, want %s", ports, got, want)
		}
	}
}
