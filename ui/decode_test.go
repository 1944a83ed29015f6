package ui

import (
	"encoding/json"
	"net/netip"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestDurationsHaveDays(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"90s": 90 * time.Second, "1h30m": 90 * time.Minute, "7d": 7 * day, "1d12h": 36 * time.Hour, "0d": 0, "1.5h": 90 * time.Minute,
	} {
		if got, err := ParseDuration(text); err != nil || got != want {
			t.Errorf("%s is %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "d", "7", "-1d", "1.5d", "1h1d", "1d-2h", "1d+2h", "1d2d", "106752d", "106751d24h", "7 d", "٣d"} {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("%q is taken as %v", text, got)
		}
	}
}

func TestTargets(t *testing.T) {
	prefix := netip.MustParsePrefix
	for text, want := range map[string]Target{
		"198.51.100.7":                {Prefix: prefix("198.51.100.7/32"), ICMPType: -1},
		"198.51.100.9/24":             {Prefix: prefix("198.51.100.0/24"), ICMPType: -1},
		"198.51.100.7:53/udp":         {Prefix: prefix("198.51.100.7/32"), FirstPort: 53, LastPort: 53, Protocol: "udp", ICMPType: -1},
		"198.51.100.0/24:1-65535/tcp": {Prefix: prefix("198.51.100.0/24"), FirstPort: 1, LastPort: 65535, Protocol: "tcp", ICMPType: -1},
		"198.51.100.0/24/icmp=8":      {Prefix: prefix("198.51.100.0/24"), Protocol: "icmp", ICMPType: 8},
		"2001:db8::/32":               {Prefix: prefix("2001:db8::/32"), ICMPType: -1},
		"2001:db8::1/icmpv6=128":      {Prefix: prefix("2001:db8::1/128"), Protocol: "icmpv6", ICMPType: 128},
		"[2001:db8::/32]:443/tcp":     {Prefix: prefix("2001:db8::/32"), FirstPort: 443, LastPort: 443, Protocol: "tcp", ICMPType: -1},
		"[2001:db8::1]/tcp":           {Prefix: prefix("2001:db8::1/128"), Protocol: "tcp", ICMPType: -1},
		"0.0.0.0/0":                   {Prefix: prefix("0.0.0.0/0"), ICMPType: -1},
	} {
		got, err := ParseTarget(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
	for _, text := range []string{
		"", "/", ":53", "example.net", "198.51.100.7:", "198.51.100.7:0", "198.51.100.7:65536", "198.51.100.7:9-8", "198.51.100.7:1-",
		"198.51.100.7/", "198.51.100.7/33", "198.51.100.7/sctp", "198.51.100.7/tcp=1", "198.51.100.7:1/icmp", "198.51.100.7/icmp=256",
		"198.51.100.7/icmp=", "198.51.100.7/icmpv6", "2001:db8::1/icmp=8", "[2001:db8::/32", "[2001:db8::/32]443", "[2001:db8::/32]:", "fe80::1%eth0", "2001:db8::/129", "198.51.100.7/tcp/udp",
	} {
		if got, err := ParseTarget(text); err == nil {
			t.Errorf("%q is taken as %+v", text, got)
		}
	}
}

// FuzzOrder: whatever arrives, an order that is accepted keeps every promise of the contract.
func FuzzOrder(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"level":"full","for":"7d"}`, `{"until":"2027-01-01T00:00:00Z","why":"x"}`, `{"level":"flow","to":["[2001:db8::/32]:443/tcp"]}`,
		`{"level":"internet","acknowledge":true}`, `{"a":1}`, `{"why":"\ud800"}`, `{"to":[null]}`, `{"level":"full","level":"full"}`, `{}{}`, "{\"why\":\"\xff\"}",
	} {
		f.Add([]byte(seed))
	}
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, body []byte) {
		var o QuarantineOrder
		p := o.members().decode(body)
		if p == nil {
			p = o.check(now)
		}
		if p != nil {
			if _, err := json.Marshal(p); err != nil || p.Status < 400 || p.Detail == "" {
				t.Fatalf("problem %+v cannot be sent: %v", p, err)
			}
			return
		}
		if !json.Valid(body) {
			t.Fatal("broken JSON was accepted")
		}
		if o.For < 0 || o.For != 0 && !o.Until.IsZero() || !o.Until.IsZero() && !o.Until.After(now) {
			t.Fatalf("its end is wrong: %+v", o)
		}
		if utf8.RuneCountInString(o.Why) > maxWhy || strings.ContainsFunc(o.Why, Hidden) || (o.Level == "flow") != (len(o.To) > 0) {
			t.Fatalf("it breaks the contract: %+v", o)
		}
	})
}

// FuzzEdit: a name that is accepted can be shown to people.
func FuzzEdit(f *testing.F) {
	for _, seed := range []string{`{"name":"Küche"}`, `{"name":null}`, `{"kind":"tv","ignored":true,"trusted":null}`, `{"name":"\u202e"}`, `{"name":1}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var e DeviceEdit
		if e.members().decode(body) != nil {
			return
		}
		for _, text := range []*string{e.Name, e.Kind} {
			if text != nil && (utf8.RuneCountInString(*text) > maxName || strings.ContainsFunc(*text, Hidden) || !utf8.ValidString(*text)) {
				t.Fatalf("accepted %q", *text)
			}
		}
		if e.Name != nil && e.ClearName {
			t.Fatal("a name is both given and taken away")
		}
	})
}

// FuzzTarget: a target that is accepted names a canonical prefix, and ports in order.
func FuzzTarget(f *testing.F) {
	for _, seed := range []string{"198.51.100.0/24:53-54/udp", "[2001:db8::/32]:443/tcp", "2001:db8::1/icmpv6=1", "::ffff:192.0.2.1", "1.2.3.4/5/6"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := ParseTarget(text)
		if err != nil {
			return
		}
		if !got.Prefix.IsValid() || got.Prefix != got.Prefix.Masked() || got.FirstPort > got.LastPort || (got.FirstPort == 0) != (got.LastPort == 0) {
			t.Fatalf("%q became %+v", text, got)
		}
	})
}
