package scripts_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheButtonReleasesAfterFiveSeconds(t *testing.T) {
	const script = "../files/etc/hotplug.d/button/50-spinneret"
	for env, acts := range map[string]bool{
		"BUTTON=wps ACTION=released SEEN=5": true, "BUTTON=wps ACTION=released SEEN=30": true, "BUTTON=wps ACTION=released SEEN=4": false,
		"BUTTON=wps ACTION=pressed SEEN=5": false, "BUTTON=reset ACTION=released SEEN=5": false, "BUTTON=wps ACTION=released": false,
	} {
		said := newRouter(t).run(script, ":", strings.Fields(env)...)
		if (said != "") != acts {
			t.Errorf("%s: it said %q", env, said)
		}
	}
}

// TestADescriptionThatDnsmasqWasToldOfIsHandedOn, as it is, whatever the device wrote in it; nothing else
// is.
func TestADescriptionThatDnsmasqWasToldOfIsHandedOn(t *testing.T) {
	const script = "../files/etc/hotplug.d/dhcp/50-spinneret"
	const url = "https://lamps.example/$(id)'`id`"
	for _, c := range []struct {
		action, url string
		heard       bool
	}{
		{"add", url, true},
		{"update", url, true},
		{"remove", url, false},
		{"add", "", false},
		{"add", "http://lamps.example/", false},
		{"add", "-h", false},
		{"add", "https://lamps.example/" + strings.Repeat("x", 255), false},
	} {
		r := newRouter(t)
		said := filepath.Join(r.root, "said")
		r.put("usr/sbin/spinneret", "#!/bin/sh\nprintf '%s|' \"$@\" >"+said+"\n", 0o755)
		r.run(script, ":", "ACTION="+c.action, "MACADDR=02:00:00:00:00:01", "DNSMASQ_MUD_URL="+c.url)
		got, err := os.ReadFile(said)
		if want := "mud|heard|02:00:00:00:00:01|" + c.url + "|"; (err == nil) != c.heard || c.heard && string(got) != want {
			t.Errorf("%s %.40q: it said %q (%v), want %q: %v", c.action, c.url, got, err, want, c.heard)
		}
	}
}
