// Package scripts_test tries the package's shell scripts as a router runs them: by busybox, with procd's functions.
package scripts_test

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// scripts are all that a shell reads on a router, and how many there are at least: a list that came out empty would
// prove nothing.
func scripts(t *testing.T) (list []string) {
	t.Helper()
	for _, pattern := range []string{
		"../files/etc/init.d/*", "../files/etc/uci-defaults/*", "../files/etc/hotplug.d/*/*", "../files/usr/libexec/rpcd/*",
		"../files/usr/share/spinneret/*.sh", "post*", "pre*", "luci/post*",
	} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, found...)
	}
	if len(list) < 8 {
		t.Fatalf("only %q were found", list)
	}
	return list
}

func TestScriptsAreCleanByShellcheck(t *testing.T) {
	args := append([]string{"-s", "dash", "-e", "SC3043"}, scripts(t)...) // busybox has local, which POSIX lacks
	if out, err := exec.CommandContext(t.Context(), "shellcheck", args...).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestBusyboxReadsEveryScript(t *testing.T) {
	for _, path := range scripts(t) {
		if out, err := exec.CommandContext(t.Context(), "busybox", "ash", "-n", path).CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", path, err, out)
		}
	}
}
