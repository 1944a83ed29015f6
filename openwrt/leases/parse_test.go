package leases

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// lines is a lease file as dnsmasq 2.90 writes it.
const lines = `1795262671 02:00:00:00:00:01 192.168.1.163 front-door-cam 01:02:00:00:00:00:01
1795262672 02:00:00:00:00:02 192.168.1.140 * *
0 02:00:00:00:00:03 192.168.1.9 printer *
duid 00:01:00:01:30:b3:8e:1c:02:00:00:00:00:fe
1795262673 16777220 fd00:1::1a4 phone 00:01:00:01:30:b3:8e:1d:02:00:00:00:00:04
1795262674 T16777221 fd00:1::1a5 * 00:03:00:01:02:00:00:00:00:05
`

var compareAddrs = cmp.Comparer(func(a, b netip.Addr) bool { return a == b })

func TestParseReadsWhatDnsmasqWrites(t *testing.T) {
	got, skipped := Parse([]byte(lines))
	at := func(s int64) time.Time { return time.Unix(s, 0).UTC() }
	want := []Lease{
		{[6]byte{2, 0, 0, 0, 0, 1}, netip.MustParseAddr("192.168.1.163"), "front-door-cam", at(1795262671)},
		{[6]byte{2, 0, 0, 0, 0, 2}, netip.MustParseAddr("192.168.1.140"), "", at(1795262672)},
		{[6]byte{2, 0, 0, 0, 0, 3}, netip.MustParseAddr("192.168.1.9"), "printer", time.Time{}},
		{[6]byte{}, netip.MustParseAddr("fd00:1::1a4"), "phone", at(1795262673)},
		{[6]byte{}, netip.MustParseAddr("fd00:1::1a5"), "", at(1795262674)},
	}
	if diff := cmp.Diff(want, got, compareAddrs); diff != "" || skipped != 0 {
		t.Errorf("%d skipped; leases (-want +got):\n%s", skipped, diff)
	}
}

func TestLinesThatAreNoLeaseAreCountedAndTheRestIsRead(t *testing.T) {
	for name, line := range map[string]string{
		"too short":              "1795262671 02:00:00:00:00:01 192.168.1.163",
		"too long":               "1795262671 02:00:00:00:00:01 192.168.1.163 cam * more",
		"no time":                "soon 02:00:00:00:00:01 192.168.1.163 cam *",
		"negative time":          "-1 02:00:00:00:00:01 192.168.1.163 cam *",
		"time after year 9999":   "253402300800 02:00:00:00:00:01 192.168.1.163 cam *",
		"no MAC":                 "1795262671 02:00:00:00:00 192.168.1.163 cam *",
		"other link type":        "1795262671 06-02:00:00:00:00:01 192.168.1.163 cam *",
		"group MAC":              "1795262671 01:00:5e:00:00:01 192.168.1.163 cam *",
		"MAC with other letters": "1795262671 02:00:00:00:00:0g 192.168.1.163 cam *",
		"IPv6 before duid":       "1795262671 02:00:00:00:00:01 fd00:1::1 cam *",
		"with a zone":            "1795262671 02:00:00:00:00:01 fe80::1%eth0 cam *",
		"multicast":              "1795262671 02:00:00:00:00:01 224.0.0.1 cam *",
		"unspecified":            "1795262671 02:00:00:00:00:01 0.0.0.0 cam *",
		"line without end":       "1795262671 02:00:00:00:00:01 192.168.1.163 cam " + strings.Repeat("a", maxLine),
	} {
		t.Run(name, func(t *testing.T) {
			list, skipped := Parse([]byte(line + "\n" + lines))
			if len(list) != 5 || skipped != 1 {
				t.Errorf("%d leases and %d skipped, want 5 and 1", len(list), skipped)
			}
		})
	}
}

func TestParseIsBounded(t *testing.T) {
	var b strings.Builder
	for i := range maxLeases + 3 {
		fmt.Fprintf(&b, "1795262671 02:00:00:00:00:01 10.0.%d.%d cam *\n", i/250, i%250+1)
	}
	list, skipped := Parse([]byte(b.String()))
	if len(list) != maxLeases || skipped != 3 {
		t.Errorf("%d leases and %d skipped, want %d and 3", len(list), skipped, maxLeases)
	}
}

func TestNamesAreCleaned(t *testing.T) {
	for in, want := range map[string]string{
		"küche":                        "küche",
		"cam\u202egpj":                 "camgpj", // right-to-left override
		"a\x1b[31mred":                 "a[31mred",
		"bad\xff\xfeutf":               "badutf",
		"zero\u200bwidth":              "zerowidth",
		"\u2066\u2069":                 "",
		strings.Repeat("ä", maxName+9): strings.Repeat("ä", maxName),
	} {
		list, _ := Parse([]byte("1795262671 02:00:00:00:00:01 192.168.1.163 " + in + " *\n"))
		if len(list) != 1 || list[0].Name != want {
			t.Errorf("name %q: got %+v, want %q", in, list, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(lines))
	f.Add([]byte("0 02:00:00:00:00:01 192.168.1.1 \u202e\xff *\r\n\n duid 00\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		list, skipped := Parse(file)
		if n := len(list) + skipped; n > strings.Count(string(file), "\n")+1 || len(list) > maxLeases {
			t.Errorf("%d leases and %d skipped of %d bytes", len(list), skipped, len(file))
		}
		for _, l := range list {
			if !l.Addr.IsValid() || l.Addr.Is6() != (l.MAC == [6]byte{}) {
				t.Errorf("lease %+v has a MAC and an address that do not belong together", l)
			}
			if !utf8.ValidString(l.Name) || utf8.RuneCountInString(l.Name) > maxName || strings.ContainsAny(l.Name, "\n\x00\u202e") {
				t.Errorf("name %q is not clean", l.Name)
			}
			if _, err := l.Expires.MarshalJSON(); err != nil {
				t.Errorf("expiry %v cannot be written: %v", l.Expires, err)
			}
		}
	})
}
