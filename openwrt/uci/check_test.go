package uci

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"spinneret/openwrt/lab/expect"
)

var golden = expect.Golden

// TestProblems compares what Check says about each file testdata/bad/* with the text beside it.
func TestProblems(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.uci")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files to check: %v", err)
	}
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			var b strings.Builder
			for _, p := range Check(path) {
				fmt.Fprintln(&b, p)
			}
			golden(t, strings.TrimSuffix(path, ".uci")+".txt", b.String())
			if _, err := Load(path); err == nil {
				t.Error("Load takes it")
			}
		})
	}
}

func TestLoadGivesOneLine(t *testing.T) {
	path := write(t, "config spinneret 'main'\n\toption auth 'maybe'\n")
	if _, err := Load(path); err == nil || err.Error() != path+`:2: auth "maybe": give 1 or 0` {
		t.Errorf("error %v, want one with file and line", err)
	}
	path = write(t, "config spinneret 'main'\n\toption auth 'maybe'\n\toption foo '1'\n")
	want := path + `:2: auth "maybe": give 1 or 0 (and 1 more: spinneret check-config ` + path + ")"
	if _, err := Load(path); err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	missing, dir, huge := filepath.Join(t.TempDir(), "none"), t.TempDir(), write(t, strings.Repeat("#", maxFile+1))
	for path, want := range map[string]string{
		missing: missing + ": there is no such file",
		dir:     dir + ": this is no file",
		huge:    huge + ": the file is larger than 64 kB: give the right one",
	} {
		problems := Check(path)
		if len(problems) != 1 || problems[0].String() != want {
			t.Errorf("problems %v, want %s", problems, want)
		}
	}
}

func TestWithoutALoginThePageIsOnThisMachineOnly(t *testing.T) {
	path := write(t, "config spinneret 'main'\n\toption auth '0'\n\tlist listen '127.0.0.1:8484'\n\tlist listen '[::1]:8484'\n"+
		"\tlist listen '192.168.1.1:8484'\n\tlist listen_https '0.0.0.0:8485'\n")
	problems := Check(path)
	if len(problems) != 2 || problems[0].Line != 5 || problems[1].Line != 6 || !strings.Contains(problems[0].Text, "option auth '1'") {
		t.Errorf("problems %v, want one of line 5 and one of line 6", problems)
	}
}

func TestListsAndProvidersAreBounded(t *testing.T) {
	var b strings.Builder
	b.WriteString("config spinneret 'main'\n")
	for i := range maxList + 5 {
		fmt.Fprintf(&b, "\tlist lan 'lan%d'\n", i)
	}
	for i := range maxProviders + 1 {
		fmt.Fprintf(&b, "config provider 'p%d'\n\toption address 'a.example'\n\toption port '1'\n", i)
	}
	problems := Check(write(t, b.String()))
	if len(problems) != 2 {
		t.Fatalf("problems %v, want one of the list and one of the providers", problems)
	}
	if !strings.Contains(problems[0].Text, "there may be 32") || !strings.Contains(problems[1].Text, "there may be 16") {
		t.Errorf("problems %v do not give the bounds", problems)
	}
}

func TestValuesOutOfBounds(t *testing.T) {
	for option, values := range map[string][]string{
		"lan":          {"a-name-of-16-char", "br/lan", "..", "br lan"},
		"listen":       {"8484", ":8484", "192.168.1.1", "192.168.1.1:0", "192.168.1.1:65536", "192.168.1.1:http", "bad host:1"},
		"host":         {"-router", "router..example", "router.example:80", strings.Repeat("a.", 127) + "a", strings.Repeat("a", 64), "höst"},
		"state_dir":    {"etc/spinneret", "/etc/../root", "/etc/spinneret/", "/etc\nspinneret"},
		"socket":       {"/" + strings.Repeat("a", 107), "api.sock"},
		"auth":         {"2", "TRUE", "maybe"},
		"max_level":    {"-1", "4", "3.0", "0x3", "three"},
		"history_size": {"65535", "1073741825", "8M", "99999999999999999999"},
		"new_devices":  {"deny", "Tell"},

		"mud_anchor": {"ca.pem", "/etc/../ca.pem"},
		"mud_host":   {"192.168.1.5", "[fd00::1]:443", "https://a.example", "a.example:0", "a b", ":443", "a.example:"},

		"provider_grace": {"0", "301", "2m"},
		"port":           {"0", "65536", "-1"},
		"policy":         {"block", "Flow"},
		"max_devices":    {"0", "65"},
		"psk_identity":   {strings.Repeat("a", 129), "a\tb", "a\xffb"},
	} {
		for _, v := range values {
			problems := Check(write(t, fileWith(option, v)))
			if len(problems) != 1 || !strings.HasPrefix(problems[0].Text, option) {
				t.Errorf("%s %q: problems %v, want one", option, v, problems)
			}
		}
	}
}

// fileWith is a file in which nothing but that option can be wrong.
func fileWith(option, value string) string {
	for _, f := range mainFields {
		if f.name == option && f.list {
			return "config spinneret 'main'\n\tlist " + option + " '" + value + "'\n"
		}
		if f.name == option {
			return "config spinneret 'main'\n\toption " + option + " '" + value + "'\n"
		}
	}
	b := "config provider 'isp'\n\toption " + option + " '" + value + "'\n"
	for name, good := range map[string]string{"address": "a.example", "port": "1", "psk_identity": "home", "psk_file": "/k"} {
		if name != option {
			b += "\toption " + name + " '" + good + "'\n"
		}
	}
	return b
}

func TestLenientTakesWhatIsRight(t *testing.T) {
	path := write(t, "config spinneret 'main'\n\toption auht '0'\n\toption max_level '9'\n\toption new_devices 'hold'\n"+
		"config printer\nconfig provider 'bad'\n\toption address 'a.example'\nconfig provider 'good'\n\toption address 'a.example'\n\toption port '1'\n")
	c, problems := Lenient(path)
	if c.NewDevices != NewHold || c.MaxLevel != 3 || !c.Auth || len(c.Providers) != 1 || c.Providers[0].ID != "good" {
		t.Errorf("config %+v", c)
	}
	var unknown []string
	for _, p := range problems {
		unknown = append(unknown, fmt.Sprint(p.Line, p.Unknown))
	}
	if got := strings.Join(unknown, " "); got != "2 true 3 false 5 true 6 false" {
		t.Errorf("problems in lines %s: %v", got, problems)
	}
	if c, problems := Lenient(filepath.Join(t.TempDir(), "none")); len(problems) != 0 || c.MaxLevel != 3 {
		t.Errorf("without a file %+v and %v", c, problems)
	}
}
