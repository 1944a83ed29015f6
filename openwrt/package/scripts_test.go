package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// functionsStub stands for OpenWrt's lib/functions.sh: it says what is called.
const functionsStub = `
add_group_and_user() { echo "users of $pkgname"; }
default_postinst() { echo "postinst $* of $pkgname below $root, upgrade=${PKG_UPGRADE:-0}"; }
default_prerm() { echo "prerm $* of $pkgname"; }
`

// TestScriptsRunUnderBusybox from start to end, in a router's root that is not this machine's.
func TestScriptsRunUnderBusybox(t *testing.T) {
	router := t.TempDir()
	if err := os.MkdirAll(filepath.Join(router, "lib"), 0o755); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(router, "lib", "functions.sh"), functionsStub, 0o644)
	scripts := apkScripts("example", map[string]string{"postinst": "echo our own\nexit 0\n", "prerm": "echo our own\n", "postrm": "echo gone\n"})
	for name, want := range map[string]string{
		"post-install":   "users of example\nour own\npostinst  of example below ROUTER, upgrade=0\n",
		"post-upgrade":   "users of example\nour own\npostinst  of example below ROUTER, upgrade=1\n",
		"pre-deinstall":  "prerm  of example\nour own\n",
		"post-deinstall": "gone\n",
	} {
		path := filepath.Join(t.TempDir(), name)
		writeFile(t, path, scripts[name], 0o755)
		cmd := exec.CommandContext(t.Context(), "busybox", "ash", path, "1.0.0-r1")
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "IPKG_INSTROOT=" + router}
		said, err := cmd.CombinedOutput()
		if got := strings.ReplaceAll(string(said), router, "ROUTER"); err != nil || got != want {
			t.Errorf("%s: %v, it said\n%s\nwant\n%s", name, err, got, want)
		}
	}
	own := ipkScripts(map[string]string{"postinst": "exit 0\n", "prerm": "exit 0\n", "postrm": "exit 0\n"})
	if own["postinst-pkg"] == "" || own["prerm-pkg"] == "" || own["postrm"] == "" || len(own) != 3 {
		t.Errorf("opkg gets %q", own)
	}
}
