package e2e

import (
	"strings"
	"syscall"
	"testing"
)

// TestOnlyClearTakesQuarantinesAway stops the agent as a router does, and removes it as its package does.
func TestOnlyClearTakesQuarantinesAway(t *testing.T) {
	home := quietHome(t)
	a := startAgent(t, home)
	cam := home.Device("cam")
	own := count(t, home, cam, "udp4")
	a.device(cam)
	a.cutOff(cam, `{"why":"stays"}`)
	stays := a.staysCut(own)
	if out, err := run(home.Router(), "restore", "-config", a.config, "-socket", a.socket); err != nil || out != "1 quarantines are in force\n" {
		t.Errorf("restore beside the agent says %q, %v", out, err)
	}
	a.signal(syscall.SIGTERM)
	a.wait()
	stays("after the stop")
	if out, err := run(home.Router(), "clear", "-socket", a.socket); err != nil || out != "" {
		t.Errorf("clear says %q, %v", out, err)
	}
	a.passes(own)
	if left := nftList(home.Router(), "tables"); strings.Contains(left, "spinneret") {
		t.Errorf("these tables are left:\n%s", left)
	}
}
