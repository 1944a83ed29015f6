package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"spinneret/ui"
)

const secretive = `config spinneret 'main'
	option max_level '2' # for Anna
	list lan 'br-lan'
	list listen '192.168.1.1:8484'
	list listen 'router.anna.example:8484'
	list host 'anna.example'
	option pasword 'hunter2'
config provider 'annas_isp'
	option address 'dots.isp.example'
	option psk_identity 'home of
Anna'
`

// TestTheReportTellsNotWhoseHomeItIs looks for everything that would, in a home that says it everywhere.
func TestTheReportTellsNotWhoseHomeItIs(t *testing.T) {
	home, socket := serveHome(t)
	home.List = append(home.List, ui.Device{
		MAC: "02:00:00:00:00:07", Name: "e", NameSource: "owner", Addresses: []string{"2001:db8::7"}, Quarantines: []ui.Quarantine{},
	})
	once := "02:00:00:00:00:07"
	home.Log = append(home.Log,
		ui.Event{ID: 90, Kind: "firewall", Severity: "warning", Device: &once, Text: "another program let Annas old phone back in: it is cut off again"},
		ui.Event{ID: 91, Kind: "config", Severity: "warning", Text: "the new settings were not taken, the old ones stay: /etc/config/spinneret:9: listen hunter2: give HOST:PORT"},
		ui.Event{ID: 92, Kind: "capability", Severity: "warning", Text: "there is no interface br-guest"},
	)
	config := filepath.Join(t.TempDir(), "spinneret")
	if err := os.WriteFile(config, []byte(secretive), 0o600); err != nil {
		t.Fatal(err)
	}
	c := client{socket: socket, now: func() time.Time { return home.Now }}
	report := c.report(t.Context(), config)
	for _, secret := range []string{
		"front-door-cam", "02:00:00:00:00", "anna", "Anna", "hunter2", "isp.example", "home of", "evil", "2001:db8", "annas_isp",
	} {
		if strings.Contains(report, secret) {
			t.Errorf("the report holds %q", secret)
		}
	}
	for _, want := range []string{
		"option max_level '2'", "list lan 'br-lan'", "list listen '192.168.1.1:8484'", "list listen …", "option pasword …", "device-1", "mac-1", "in line 7",
		"firewall: about mac-", "the old ones stay: …\n", "there is no interface br-guest",
	} {
		if !strings.Contains(report, want) {
			t.Errorf("the report lacks %q", want)
		}
	}
	if again := c.report(t.Context(), config); again != report {
		t.Errorf("the second report is another:\n%s\nwas\n%s", again, report)
	}
	if t.Failed() {
		t.Log(report)
	}
}

func TestTheReportSaysWhatItCouldNotAsk(t *testing.T) {
	c := client{socket: filepath.Join(t.TempDir(), "none"), now: time.Now}
	report := c.report(t.Context(), filepath.Join(t.TempDir(), "none"))
	for _, want := range []string{"== status\nnot known: no agent runs", "== settings\nnot known: ", "== program\nspinneret "} {
		if !strings.Contains(report, want) {
			t.Errorf("the report lacks %q:\n%s", want, report)
		}
	}
}

func TestRedaction(t *testing.T) {
	for text, want := range map[string]string{
		"Anna's phone, PHONE and telephone":                       "device-1, device-2 and telephone",
		"e sees everything, e.":                                   "device-3 sees everything, device-3.",
		"02:00:00:00:00:0A = 02-00-00-00-00-0a":                   "mac-1 = mac-1",
		"at 12:04:31 from 198.51.100.7 to 192.168.1.1, 127.0.0.1": "at 12:04:31 from v4-1 to 192.168.1.1, 127.0.0.1",
		"[fd00:1::1]:8484 via FD00:1::1/64 and ::":                "[v6-1]:8484 via v6-1/64 and ::",
		"2001:db8::9: none at 2001:db8::9. Nor 198.51.100.7.":     "v6-1: none at v6-1. Nor v4-1.",
	} {
		if got := newRedactor([]string{"Anna's phone", "phone", "e"}).text(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

// TestTheRulesAreListedWithoutWhoseTheyAre reads what nft lists of a home with a profile.
func TestTheRulesAreListedWithoutWhoseTheyAre(t *testing.T) {
	listed, err := os.ReadFile("../../openwrt/firewall/testdata/profile.nft")
	if err != nil {
		t.Fatal(err)
	}
	const more = "\tset mud_below4_anna.example {\n\t\tcomment \"below anna.example\"\n\t}\n\tset full_refused {\n" +
		"\t\tcomment \"counts what was refused to them\"\n\t}\n\t\tip daddr @mud_maker4_Acme/0123456789abcdef counter packets 1 bytes 123456789012\n"
	r := newRedactor(nil)
	first := r.text("02:00:00:00:00:11")
	got := r.text(r.rules(string(listed) + more))
	for _, secret := range []string{"0200000000", "02:00:00:00:00", "example", "Acme", "198.51.100"} {
		if strings.Contains(got, secret) {
			t.Errorf("the rules hold %q:\n%s", secret, got)
		}
	}
	for _, want := range []string{
		"mud_from_" + first, "mud_refuse_to_" + first, `"mud ` + first + " from-device enforce", "set set-1 {", "\t\tcomment …\n", "bytes 123456789012",
		"counts what was refused to them", "set mud_local4 {",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the rules lack %q:\n%s", want, got)
		}
	}
}
