package uci

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// write makes a file of the content and gives its path.
func write(t testing.TB, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "spinneret")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheReferenceIsReadWhole(t *testing.T) {
	got, err := Load("testdata/reference")
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		LAN: []string{"br-lan"}, WAN: []string{"wan"},
		Listen: []string{"192.168.1.1:8484", "[fd00:1::1]:8484"}, Hosts: []string{"router.example"},
		ListenHTTPS: []string{"192.168.1.1:8485"}, Cert: "/etc/uhttpd.crt", Key: "/etc/uhttpd.key", PageFrom: []string{"wg0"},
		StateDir: "/etc/spinneret", Auth: true, Socket: "/var/run/spinneret/api.sock", MaxLevel: 3,
		HistorySize: 8388608, HistoryPath: "/mnt/disk/spinneret.history", NewDevices: "tell", DHCPLeases: "/tmp/dhcp.leases",
		MUDAnchors: []string{"/etc/spinneret/mud-ca.pem"}, MUDHosts: []string{"mud.home.example:8443"}, ProviderGrace: 120 * time.Second,
		Learning: 24 * time.Hour,
		Actions: []Action{{
			ID: "floods", Kinds: []string{"flood", "scan"}, Severity: "alarm", Classes: []string{"camera", "single"},
			Devices: []string{"02:00:00:00:00:01"}, Level: "internet", For: time.Hour,
		}},
		Providers: []Provider{
			{
				ID: "isp", Address: "dots.isp.example", Port: 4647, Name: "dots.isp.example",
				Credentials: "/etc/spinneret/isp.pem", Policy: "flow", MaxDevices: 1, TrustedDomain: "isp.example",
			},
			{
				ID: "second", Address: "192.0.2.7", Port: 4647, Name: "192.0.2.7", CA: "/etc/spinneret/second-ca.pem",
				Cert: "/etc/spinneret/second-cert.pem", Key: "/etc/spinneret/second-key.pem", Policy: "flow", MaxDevices: 1,
			},
			{
				ID: "third", Address: "2001:db8::7", Port: 4647, Name: "2001:db8::7",
				PSKIdentity: "home 42", PSKFile: "/etc/spinneret/third.psk", Policy: "flow", MaxDevices: 1,
			},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("config (-want +got):\n%s", diff)
	}
}

func TestTheReferenceDocumentsEveryOption(t *testing.T) {
	data, err := os.ReadFile("testdata/reference")
	if err != nil {
		t.Fatal(err)
	}
	for name, list := range allFields() {
		keyword := "option"
		if list {
			keyword = "list"
		}
		if !regexp.MustCompile(`(?m)^\t` + keyword + ` ` + name + ` '`).Match(data) {
			t.Errorf("the reference lacks %s %s", keyword, name)
		}
	}
}

// allFields are the options of all sections and whether they are lists.
func allFields() map[string]bool {
	all := map[string]bool{}
	for _, f := range mainFields {
		all[f.name] = f.list
	}
	for _, f := range providerFields {
		all[f.name] = f.list
	}
	for _, f := range actionFields {
		all[f.name] = f.list
	}
	return all
}

func TestDefaults(t *testing.T) {
	want := Config{
		StateDir: "/var/lib/spinneret", Auth: true, Socket: "/var/run/spinneret/api.sock", MaxLevel: 3,
		HistorySize: 8388608, NewDevices: "tell", DHCPLeases: "/tmp/dhcp.leases", ProviderGrace: 120 * time.Second, Learning: 24 * time.Hour,
	}
	if diff := cmp.Diff(want, defaults(false)); diff != "" {
		t.Errorf("any Linux (-want +got):\n%s", diff)
	}
	want.StateDir = "/etc/spinneret"
	if diff := cmp.Diff(want, defaults(true)); diff != "" {
		t.Errorf("OpenWrt (-want +got):\n%s", diff)
	}
}

func TestAMissingFileAndAnEmptyOneMeanTheDefaults(t *testing.T) {
	for name, path := range map[string]string{
		"missing":      filepath.Join(t.TempDir(), "none"),
		"empty":        write(t, ""),
		"comments":     write(t, "# nothing yet\n\n"),
		"main alone":   write(t, "config spinneret 'main'\n"),
		"empty values": write(t, "config spinneret 'main'\n\toption history_path ''\n\toption max_level ''\n\tlist lan ''\n"),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Load(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(Defaults(), got); diff != "" {
				t.Errorf("config (-want +got):\n%s", diff)
			}
		})
	}
}

func TestValuesAreReadAsUCIReadsThem(t *testing.T) {
	for name, test := range map[string]struct{ line, want string }{
		"single quotes":             {`option psk_identity 'home 42'`, "home 42"},
		"double quotes":             {`option psk_identity "home 42"`, "home 42"},
		"no quotes":                 {`option psk_identity home42`, "home42"},
		"comment after":             {`option psk_identity 'home' # ours`, "home"},
		"comment touching":          {`option psk_identity home#ours`, "home"},
		"hash in quotes":            {`option psk_identity 'home #42'`, "home #42"},
		"apostrophe as uci writes":  {`option psk_identity 'Anna'\''s home'`, "Anna's home"},
		"backslash in double":       {`option psk_identity "a \"home\""`, `a "home"`},
		"backslash in single":       {`option psk_identity 'a\b'`, `a\b`},
		"single ends in backslash":  {`option psk_identity 'a\'`, `a\`},
		"backslash in none":         {`option psk_identity a\ home`, "a home"},
		"continued line":            {"option psk_identity ho\\\nme", "home"},
		"continued with CR LF":      {"option psk_identity ho\\\r\nme", "home"},
		"parts that touch":          {`option psk_identity ho'm'"e"`, "home"},
		"short keyword":             {`o psk_identity 'home'`, "home"},
		"quoted name":               {`option 'psk_identity' 'home'`, "home"},
		"CR LF":                     {"option psk_identity 'home'\r", "home"},
		"two commands in one line":  {`option psk_identity home; option max_devices 2`, "home"},
		"several lines is no value": {"option psk_identity 'home'\n\toption policy 'ask'", "home"},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := Load(write(t, "config provider 'isp'\n\toption address a.example\n\toption port 1\n\toption psk_file /k\n\t"+test.line+"\n"))
			if err != nil {
				t.Fatal(err)
			}
			if got := c.Providers[0].PSKIdentity; got != test.want {
				t.Errorf("value %q, want %q", got, test.want)
			}
		})
	}
}

func TestAFileWithoutANewLineAtItsEndIsRead(t *testing.T) {
	c, err := Load(write(t, "config spinneret main\nlist lan br-home"))
	if err != nil || len(c.LAN) != 1 || c.LAN[0] != "br-home" {
		t.Errorf("lan %q (%v), want br-home", c.LAN, err)
	}
}

func TestHostsAreMadeAlike(t *testing.T) {
	c, err := Load(write(t, "config spinneret 'main'\n\tlist host 'Router.Example'\n\tlist listen '[FD00:1::0:1]:08484'\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(append(c.Hosts, c.Listen...), " "); got != "router.example [fd00:1::1]:8484" {
		t.Errorf("got %s, want router.example [fd00:1::1]:8484", got)
	}
}
