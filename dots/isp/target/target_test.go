package target_test

import (
	"strings"
	"testing"

	"spinneret/dots/isp/target"
	"spinneret/dots/wire"
)

func TestATargetMeansWhatIsWritten(t *testing.T) {
	for text, want := range map[string]string{
		"198.51.100.7":                  "198.51.100.7",
		"198.51.100.7/32":               "198.51.100.7",
		"198.51.100.77/24":              "198.51.100.0/24",
		"198.51.100.0/24:53/udp":        "198.51.100.0/24:53/udp",
		"198.51.100.7:53/udp":           "198.51.100.7:53/udp",
		"198.51.100.7:8000-8010":        "198.51.100.7:8000-8010",
		"198.51.100.7/icmp=8":           "198.51.100.7/icmp=8",
		"198.51.100.7/32/tcp":           "198.51.100.7/tcp",
		"2001:db8::7":                   "2001:db8::7",
		"2001:db8::/32/udp":             "2001:db8::/32/udp",
		"[2001:db8::7]:443/tcp":         "[2001:db8::7]:443/tcp",
		"[2001:db8::/32]:443/tcp":       "[2001:db8::/32]:443/tcp",
		"[2001:db8::7]/icmpv6=128":      "2001:db8::7/icmpv6=128",
		"[2001:db8:0:0::7]:1-65535/udp": "[2001:db8::7]:1-65535/udp",
	} {
		got, err := target.Parse(text)
		if err != nil || got.String() != want {
			t.Errorf("%s is read as %s, %v; want %s", text, got, err, want)
		}
	}
}

func TestWhatIsNoTargetIsRefusedWithAHint(t *testing.T) {
	for text, hint := range map[string]string{
		"":                         "write PREFIX",
		"cam.example":              "write PREFIX",
		"198.51.100.7:":            "is no port",
		"198.51.100.7:70000":       "is no port",
		"198.51.100.7:9-8":         "lower first",
		"198.51.100.7/33":          "no prefix",
		"198.51.100.7/sctp":        "is no protocol",
		"198.51.100.7/tcp=8":       "ICMP type",
		"198.51.100.7:8/icmp":      "leave one of them out",
		"198.51.100.7/icmpv6":      "write icmp",
		"2001:db8::7/icmp":         "write icmpv6",
		"224.0.0.1":                "multicast",
		"127.0.0.1":                "loopback",
		"::ffff:198.51.100.7":      "write 198.51.100.7",
		"fe80::1%eth0":             "no address",
		"[2001:db8::7":             "brackets",
		"[2001:db8::7]443":         "brackets",
		strings.Repeat("1", 10000): "write PREFIX",
	} {
		if _, err := target.Parse(text); err == nil || !strings.Contains(err.Error(), hint) {
			t.Errorf("%.40q: %v, want a word of %q", text, err, hint)
		}
	}
}

func TestTargetsMakeOneScopeWhereTheyMeanEachWithEach(t *testing.T) {
	s, err := target.Scope([]string{"198.51.100.7:53/udp", "198.51.100.7:8000-8010/udp"}, []string{"203.0.113.20:40000-40127"})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Targets) != 1 || len(s.TargetPorts) != 2 || s.TargetPorts[1] != (wire.PortRange{Lower: 8000, Upper: 8010}) ||
		len(s.Protocols) != 1 || s.Protocols[0] != 17 || s.SourcePorts[0].Upper != 40127 || s.Sources[0].String() != "203.0.113.20/32" {
		t.Errorf("the scope is %+v", s)
	}
	for _, c := range []struct{ targets, sources []string }{
		{[]string{"198.51.100.7:53/udp", "198.51.100.8:54/udp"}, []string{"203.0.113.20"}},
		{[]string{"198.51.100.7:53/udp", "198.51.100.7:53"}, []string{"203.0.113.20"}},
		{[]string{"198.51.100.7", "198.51.100.7:53"}, []string{"203.0.113.20"}},
		{[]string{"198.51.100.7"}, []string{"2001:db8::1"}},
		{[]string{"198.51.100.7"}, []string{"203.0.113.20/udp"}},
		{[]string{"198.51.100.7"}, nil},
		{nil, []string{"203.0.113.20"}},
	} {
		if _, err := target.Scope(c.targets, c.sources); err == nil {
			t.Errorf("%v from %v makes a scope: it would mean more or less than what is written", c.targets, c.sources)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"198.51.100.7:53/udp", "[2001:db8::/32]:1-2/tcp", "::/0/icmpv6=255", "0.0.0.0/0", "[", "a/b:c"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		once, err := target.Parse(text)
		if err != nil {
			return
		}
		again, err := target.Parse(once.String())
		if err != nil || again.String() != once.String() {
			t.Errorf("%q is %s, and that is %s: %v", text, once, again, err)
		}
	})
}
