package lab

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// deadPID returns the number of a process that was.
func deadPID(t *testing.T) int {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "true")
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	return cmd.Process.Pid
}

func TestNextStartSweepsWhatTheDeadLeft(t *testing.T) {
	parent, elsewhere := t.TempDir(), t.TempDir()
	dead := fmt.Sprintf("%s%d-", dirPrefix, deadPID(t))
	make := func(name string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Join(parent, name, "sub"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	living := fmt.Sprintf("%s%d-1", dirPrefix, os.Getpid())
	for _, name := range []string{dead + "1", living, "somebody-elses", dirPrefix + "x-1", dirPrefix + "0-1"} {
		make(name)
	}
	if err := os.Symlink(elsewhere, filepath.Join(parent, dead+"link")); err != nil {
		t.Fatal(err)
	}
	dir, err := newDir(parent)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{
		dead + "1": false, living: true, "somebody-elses": true, dirPrefix + "x-1": true, dirPrefix + "0-1": true,
		dead + "link": true, filepath.Base(dir): true,
	} {
		if _, err := os.Lstat(filepath.Join(parent, name)); (err == nil) != want {
			t.Errorf("after the sweep %s is there: %v, want %v", name, err == nil, want)
		}
	}
}
