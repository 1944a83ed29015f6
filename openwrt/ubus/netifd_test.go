package ubus

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// fake is a ubus that logs its arguments and answers as the shell's cases over them say.
func fake(t *testing.T, cases string) (c Client, log string) {
	t.Helper()
	dir := t.TempDir()
	log = filepath.Join(dir, "log")
	script := "#!/bin/sh\necho \"$*\" >> '" + log + "'\ncase \"$*\" in\n" + cases + "\nesac\n"
	if err := os.WriteFile(filepath.Join(dir, "ubus"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return New(filepath.Join(dir, "ubus"), 2*time.Second), log
}

// A router that dials in over PPPoE, with a guest network and another provider that is down.
const dumped = `{"interface":[
{"interface":"loopback","up":true,"l3_device":"lo","proto":"static","route":[]},
{"interface":"lan","up":true,"l3_device":"br-lan","proto":"static","route":[]},
{"interface":"guest","up":true,"l3_device":"br-guest","proto":"static"},
{"interface":"wan","up":true,"l3_device":"pppoe-wan","device":"eth0","proto":"pppoe","route":[{"target":"0.0.0.0","mask":0,"nexthop":"198.51.100.1"}]},
{"interface":"wan_6","up":true,"l3_device":"pppoe-wan","proto":"dhcpv6","route":[{"target":"2001:db8::","mask":32},{"target":"::","mask":0}]},
{"interface":"wwan","up":false,"proto":"dhcp"}]}`

func TestNetworks(t *testing.T) {
	c, log := fake(t, `"call network.interface dump") cat <<'END'`+"\n"+dumped+"\nEND\n;;")
	got, err := c.Networks(t.Context())
	want := []Network{
		{"loopback", "lo", false},
		{"lan", "br-lan", false},
		{"guest", "br-guest", false},
		{"wan", "pppoe-wan", true},
		{"wan_6", "pppoe-wan", true},
		{"wwan", "", false},
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("networks %v (%v), want %v", got, err, want)
	}
	if said, _ := os.ReadFile(log); string(said) != "call network.interface dump\n" {
		t.Errorf("ubus was called with %q", said)
	}
}

func TestWhoMayNotAskIsTold(t *testing.T) {
	c, _ := fake(t, `*) echo 'Command failed: Not found' >&2; exit 4;;`)
	if _, err := c.Networks(t.Context()); !errors.Is(err, ErrNotFound) {
		t.Errorf("error %v, want ErrNotFound", err)
	}
	if _, err := New(filepath.Join(t.TempDir(), "ubus"), 0).Networks(t.Context()); !errors.Is(err, ErrNotFound) {
		t.Errorf("without ubus: error %v, want ErrNotFound", err)
	}
	c, _ = fake(t, `*) echo '{"interface":{}}';;`)
	if list, err := c.Networks(t.Context()); err == nil {
		t.Errorf("of nonsense it reads %v", list)
	}
}

func TestSendHasNoShellInBetween(t *testing.T) {
	c, log := fake(t, `*) exit 0;;`)
	if err := c.Send(t.Context(), "spinneret.event", map[string]string{"text": "$(id) 'a' \"b\""}); err != nil {
		t.Fatal(err)
	}
	if said, _ := os.ReadFile(log); !strings.Contains(string(said), `send spinneret.event {"text":"$(id) 'a' \"b\""}`) {
		t.Errorf("ubus was called with %q", said)
	}
}

func TestACallThatHangsIsEnded(t *testing.T) {
	c, _ := fake(t, `*) exec sleep 60;;`)
	c.timeout = 200 * time.Millisecond
	if err := c.Call(t.Context(), "a", "b", nil, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want a deadline", err)
	}
}
