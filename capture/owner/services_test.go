package owner

import (
	"net/netip"
	"strings"
	"testing"
)

func TestWellKnownServicesAreCalledByTheirName(t *testing.T) {
	addr := netip.MustParseAddr("198.51.100.7")
	for name, want := range map[string]string{
		"google.com":                        "Google",
		"clients3.google.com":               "Google",
		"r3---sn-5hne6n7e.googlevideo.com":  "YouTube",
		"bucket.s3-us-west-2.amazonaws.com": "Amazon Web Services",
		"d111111abcdef8.cloudfront.net":     "Amazon CloudFront",
		"e1234.dscd.akamaiedge.net":         "Akamai",
		"2.openwrt.pool.ntp.org":            "NTP Pool",
		"device.azure-devices.net":          "Microsoft Azure",
		"bridge.meethue.com":                "Philips Hue",
	} {
		if got, source := Of(name, addr); got != want || source != Service {
			t.Errorf("Of(%q) = %s by %s, want %s by service", name, got, source, want)
		}
	}
	for name, want := range map[string]string{
		"notgoogle.com":          "notgoogle.com",
		"google.com.example.net": "example.net",
		"www.ntp.org":            "ntp.org",
	} {
		if got, source := Of(name, addr); got != want || source != Domain {
			t.Errorf("Of(%q) = %s by %s, want %s by domain", name, got, source, want)
		}
	}
}

// TestServicesAreFewAndPlain keeps the table short, and each row reachable.
func TestServicesAreFewAndPlain(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range services {
		if seen[s.name] {
			t.Errorf("%s stands there twice", s.name)
		}
		seen[s.name] = true
		for _, domain := range strings.Fields(s.domains) {
			if strings.Trim(domain, "abcdefghijklmnopqrstuvwxyz0123456789-.") != "" || !strings.Contains(domain, ".") {
				t.Errorf("%q of %s is no domain", domain, s.name)
			}
			if got := serviceOf()[domain]; got != s.name {
				t.Errorf("%s is both %s's and %s's", domain, s.name, got)
			}
			if _, parent, _ := strings.Cut(domain, "."); strings.Contains(parent, ".") {
				if above, ok := service(parent); ok {
					t.Errorf("%s of %s lies under a domain of %s", domain, s.name, above)
				}
			}
		}
	}
	if n := len(serviceOf()); n > 120 {
		t.Errorf("%d rows, want at most 120", n)
	}
}

func TestServiceIsFoundWithoutMemory(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { service("r3---sn-5hne6n7e.googlevideo.com") }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func BenchmarkOf(b *testing.B) {
	addr := netip.MustParseAddr("198.51.100.7")
	for kind, name := range map[string]string{
		"service": "r3---sn-5hne6n7e.googlevideo.com", "domain": "up.cam.example.co.uk", "address": "",
	} {
		b.Run(kind, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Of(name, addr)
			}
		})
	}
}
