package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestTheAgentHasNoMoreRightsThanItNeeds: all tests of this package run it so.
func TestTheAgentHasNoMoreRightsThanItNeeds(t *testing.T) {
	home := quietHome(t)
	a := startAgent(t, home)
	cam := home.Device("cam")
	a.device(cam)
	a.cutOff(cam, "")
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", a.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	const netAdminAndRaw = "0000000000003000"
	for _, line := range []string{
		fmt.Sprintf("Uid:\t%[1]d\t%[1]d\t%[1]d\t%[1]d", agentUser), fmt.Sprintf("Gid:\t%[1]d\t%[1]d\t%[1]d\t%[1]d", agentUser),
		"CapPrm:\t" + netAdminAndRaw, "CapEff:\t" + netAdminAndRaw, "CapAmb:\t" + netAdminAndRaw, "NoNewPrivs:\t1",
	} {
		if !strings.Contains(string(status), line+"\n") {
			t.Errorf("its status lacks %q", line)
		}
	}
	info, err := os.Stat(filepath.Join(filepath.Dir(a.config), "state", "quarantines"))
	if err != nil {
		t.Fatal(err)
	}
	if owner := info.Sys().(*syscall.Stat_t).Uid; owner != agentUser || info.Mode().Perm() != 0o600 {
		t.Errorf("what it saved is %v of user %d, want its own and nobody else's", info.Mode().Perm(), owner)
	}
	if level := a.status().Level; level < 2 {
		t.Errorf("it reaches capability level %d only", level)
	}
}
