package lab

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// Whoever runs the tests without being root gets a user namespace, and in it all that a home needs.
func TestMainMakesAUserNamespaceWithoutRoot(t *testing.T) {
	if os.Getenv(inUserNS) != "" {
		t.Log("this run is the proof")
		return
	}
	dir := t.TempDir()
	bin := filepath.Join(dir, "lab.test")
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(bin, self, 0o755); err != nil {
		t.Fatal(err)
	}
	for ; dir != "/"; dir = filepath.Dir(dir) { // so that nobody may go there
		if dir == os.TempDir() {
			break
		}
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), bin, "-test.run=^(TestDo|TestRun|TestNames)", "-test.v")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	cmd.Dir = filepath.Dir(bin)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("as nobody: %v\n%s", err, out)
	}
}
