package names

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/dns/dnsmessage"
)

func hosts(m message) (out []string) {
	for _, h := range m.hosts {
		out = append(out, h.name+" "+h.addr.String())
	}
	return out
}

func chain(n int) (records []record, last string) {
	name := func(i int) string { return "n" + strings.Repeat("x", i) + ".example" }
	for i := range n {
		records = append(records, record{name(i), "CNAME", name(i + 1)})
	}
	return records, name(n)
}

var (
	longest, itsEnd    = chain(maxChain)
	tooLong, beyondEnd = chain(maxChain + 1)
)

// whatAnswersSay are answers of DNS with the hosts that they tell of.
var whatAnswersSay = map[string]struct {
	question, kind string
	records        []record
	want           []string
}{
	"an address": {
		"Cam.Example", "A",
		[]record{{"cam.example", "A", "198.51.100.1"}},
		[]string{"cam.example 198.51.100.1"},
	},
	"several of both kinds": {
		"cam.example", "AAAA",
		[]record{{"cam.example", "AAAA", "2001:db8::1"}, {"cam.example", "AAAA", "2001:db8::2"}},
		[]string{"cam.example 2001:db8::1", "cam.example 2001:db8::2"},
	},
	"an IPv4 address in IPv6 dress": {
		"cam.example", "AAAA",
		[]record{{"cam.example", "AAAA", "::ffff:198.51.100.1"}},
		[]string{"cam.example 198.51.100.1"},
	},
	"the name at the head of a chain, in whatever order and case the records come": {
		"www.example", "A",
		[]record{{"b.cdn.example", "A", "198.51.100.1"}, {"A.cdn.example", "CNAME", "B.cdn.example"}, {"www.example", "CNAME", "a.cdn.example"}},
		[]string{"www.example 198.51.100.1"},
	},
	"addresses that no alias leads to are left out": {
		"www.example", "A",
		[]record{{"www.example", "A", "198.51.100.1"}, {"bank.example", "A", "198.51.100.2"}},
		[]string{"www.example 198.51.100.1"},
	},
	"a chain that bites its tail": {
		"a.example", "A",
		[]record{{"a.example", "CNAME", "b.example"}, {"b.example", "CNAME", "a.example"}, {"b.example", "A", "198.51.100.1"}},
		[]string{"a.example 198.51.100.1"},
	},
	"a chain as long as we follow": {"n.example", "A", append(longest, record{itsEnd, "A", "198.51.100.1"}), []string{"n.example 198.51.100.1"}},
	"a longer one":                 {"n.example", "A", append(tooLong, record{beyondEnd, "A", "198.51.100.1"}), nil},
	"the hints of a service": {
		"www.example", "HTTPS",
		[]record{{"www.example", "HTTPS", "198.51.100.1 198.51.100.2 2001:db8::1"}},
		[]string{"www.example 198.51.100.1", "www.example 198.51.100.2", "www.example 2001:db8::1"},
	},
	"a service that is an alias": {
		"www.example", "HTTPS",
		[]record{{"www.example", "HTTPS", "alias svc.example"}, {"svc.example", "HTTPS", "198.51.100.1"}},
		[]string{"www.example 198.51.100.1"},
	},
	"records of other types are passed over": {
		"cam.example", "A",
		[]record{{"cam.example", "TXT", "x"}, {"cam.example", "A", "198.51.100.1"}},
		[]string{"cam.example 198.51.100.1"},
	},
	"a name with odd bytes": {
		"ca\x07m\xff <b>.example", "A",
		[]record{{"ca\x07m\xff <b>.example", "A", "198.51.100.1"}},
		[]string{`ca\007m\255\032\060b\062.example 198.51.100.1`},
	},
	"more than anybody needs": {"many.example", "A", slices.Repeat([]record{{"many.example", "A", "198.51.100.1"}}, 200), nil},
}

func TestWhatAnAnswerSays(t *testing.T) {
	for name, c := range whatAnswersSay {
		t.Run(name, func(t *testing.T) {
			m, err := parse(answer(t, 1, c.question, c.kind, c.records...))
			if err != nil {
				t.Fatal(err)
			}
			if len(c.records) == 200 {
				if len(m.hosts) != maxHosts {
					t.Errorf("%d hosts", len(m.hosts))
				}
				return
			}
			if diff := cmp.Diff(c.want, hosts(m)); diff != "" {
				t.Errorf("hosts (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMessagesThatCannotBeRead(t *testing.T) {
	whole := answer(t, 1, "cam.example", "A", record{"cam.example", "A", "198.51.100.1"})
	loop := answer(t, 1, "cam.example", "A")
	copy(loop[12:], "\xc0\x0c") // the question's name points at itself
	cases := map[string][]byte{
		"nothing":               nil,
		"half a header":         whole[:6],
		"half a record":         whole[:len(whole)-3],
		"a name in a circle":    loop,
		"no question":           build(t, dnsmessage.Header{Response: true}, record{}),
		"garbage":               []byte("GET / HTTP/1.1\r\nHost: cam.example\r\n\r\n"),
		"counts beyond the end": append([]byte{0, 1, 0x80, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0}, whole[12:]...),
	}
	for name, b := range cases {
		t.Run(name, func(t *testing.T) {
			if m, err := parse(b); err == nil {
				t.Errorf("read as %+v", m)
			}
		})
	}
}

func TestFailedLookupsNameNothing(t *testing.T) {
	h := dnsmessage.Header{Response: true, RCode: dnsmessage.RCodeNameError}
	m, err := parse(build(t, h, record{"cam.example", "A", ""}, record{"cam.example", "A", "198.51.100.1"}))
	if err != nil || m.hosts != nil {
		t.Errorf("%v, %v", m.hosts, err)
	}
}

func TestMulticastAnswersNameTheirOwnRecords(t *testing.T) {
	m, err := parseMulticast(build(t, dnsmessage.Header{Response: true}, record{},
		record{"_ipp._tcp.local", "PTR", "Printer 2._ipp._tcp.local"},
		record{"Printer-2.local", "A", "192.168.1.30"}, record{"printer-2.local", "AAAA", "fe80::30"}))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"printer-2.local 192.168.1.30", "printer-2.local fe80::30"}
	if diff := cmp.Diff(want, hosts(m)); diff != "" {
		t.Errorf("hosts (-want +got):\n%s", diff)
	}
}

// A label may hold a dot, as service names do ("Dr. No's printer"), which dnsmessage refuses to unpack.
func TestARecordWithADotInALabelSpoilsNoOther(t *testing.T) {
	b := build(t, dnsmessage.Header{Response: true}, record{},
		record{"DrXNo", "TXT", "x"}, record{"printer.local", "A", "192.168.1.30"})
	b[strings.Index(string(b), "X")] = '.'
	m, err := parseMulticast(b)
	if err != nil || len(m.hosts) != 1 {
		t.Errorf("%v, %v", m.hosts, err)
	}
}

func TestClean(t *testing.T) {
	cases := []struct {
		raw, want string
		ok        bool
	}{
		{"WWW.Example.", "www.example", true},
		{"_dns-sd._udp.local", "_dns-sd._udp.local", true},
		{"\x1b[31m\n.example", `\027\09131m\010.example`, true},
		{"bücher.example", `b\195\188cher.example`, true},
		{".", "", false},
		{"", "", false},
		{strings.Repeat("a", 253) + ".", strings.Repeat("a", 253), true},
		{strings.Repeat("a", 254), "", false},
		{strings.Repeat("é", 40), "", false},
	}
	for _, c := range cases {
		got, ok := Clean(c.raw)
		if ok != c.ok || got != c.want {
			t.Errorf("Clean(%q) = %q, %v", c.raw, got, ok)
		}
	}
}
