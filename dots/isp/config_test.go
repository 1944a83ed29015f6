package isp_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spinneret/dots/isp"
)

const right = "config isp 'main'\n\toption name 'dots.isp.example'\n\toption port '4647'\n"

func load(t *testing.T, text string) (isp.Config, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "isp.conf")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return isp.Load(file)
}

func TestTheFileSaysWhatANodeIs(t *testing.T) {
	c, err := load(t, "# ours\n"+right+"\toption nats_url \"nats://n1.example:4222\" # a cluster\n\toption node 'n-1'\n\toption api '127.0.0.1:8647'\n\toption max_homes 5\n")
	if err != nil || c.Name != "dots.isp.example" || c.Port != 4647 || c.NATSURL != "nats://n1.example:4222" || c.Node != "n-1" ||
		c.API.Port() != 8647 || c.MaxHomes != 5 || c.Socket != isp.DefaultSocket || c.StateDir != "/var/lib/spinneret-isp" {
		t.Errorf("the file is read as %+v, %v", c, err)
	}
}

func TestAWrongFileIsRefusedWithItsLineAndWhatToDo(t *testing.T) {
	for text, want := range map[string]string{
		"":                                      ":1: begin with",
		"option port '1'\n":                     ":1: begin with",
		"config spinneret 'main'\n":             ":1: have one section",
		right + "config isp 'b'\n":              ":4: have one section",
		right + "\toption prot '1'\n":           ":4: remove \"prot\"",
		right + "\toption port '4648'\n":        ":4: remove this or line 3",
		right + "\toption node 'a b'\n":         ":4: give a name",
		right + "\toption state_dir 'x'\n":      ":4: give a path",
		right + "\toption api '4000'\n":         ":4: give an address and a port",
		right + "\toption api '0.0.0.0:4000'\n": ":4: add: option token_file",
		right + "\toption metrics '1'\n":        ":4: give an address and a port",
		right + "\toption name\n":               ":4: write: option",
		right + "\toption name 'x\n":            ":4: close the quote",
		right + "\toption nats_url 'n1'\n":      ":4: give a URL",
		right + "\toption nats_url 'tls://n'\n": ":4: add: option node",
		right + "\toption nats_replicas '0'\n":  ":4: give a number",
		right + "\toption max_homes '-1'\n":     ":4: give a number",
		right + "\toption address 'home'\n":     ":4: give an address",
		"config isp\n\toption port '4647'\n":    ":1: add: option name",
		"config isp\n\toption name 'a.b'\n":     ":1: add: option port",
		"config isp\n\toption name 'A b'\n":     ":2: name a host",
		"config isp\n\toption port '0'\n":       ":2: give a port",
		strings.Repeat("#", 70000):              "larger than",
	} {
		if _, err := load(t, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80q: %v, want %q", text, err, want)
		}
	}
}
