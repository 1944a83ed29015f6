package scripts_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"spinneret/openwrt/lab/expect"
)

var golden = expect.Golden

// router is a directory that stands for a router's root.
type router struct {
	t    *testing.T
	root string
}

func newRouter(t *testing.T) router {
	t.Helper()
	r := router{t, t.TempDir()}
	for _, dir := range []string{"etc/config", "etc/capabilities", "etc/init.d", "sbin", "usr/sbin", "var/lock", "var/run", "proc"} {
		if err := os.MkdirAll(filepath.Join(r.root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	r.put("etc/config/spinneret", "config spinneret 'main'\n", 0o600)
	r.put("etc/passwd", "root:x:0:0\n", 0o644)
	r.put("proc/meminfo", "MemTotal:         123456 kB\nMemFree:           65432 kB\n", 0o444)
	r.put("usr/sbin/spinneret", "#!/bin/sh\necho \"spinneret $*\"\n", 0o755)
	return r
}

// withJail adds what procd needs to start the agent with few rights.
func (r router) withJail() router {
	r.put("etc/passwd", "root:x:0:0\nspinneret:x:6484:6484\n", 0o644)
	r.put("sbin/ujail", "", 0o755)
	r.put("etc/capabilities/spinneret.json", "{}", 0o644)
	return r
}

func (r router) put(path, content string, mode os.FileMode) {
	r.t.Helper()
	if err := os.WriteFile(filepath.Join(r.root, path), []byte(content), mode); err != nil {
		r.t.Fatal(err)
	}
}

func (r router) mode(path string) string {
	r.t.Helper()
	info, err := os.Stat(filepath.Join(r.root, path))
	if err != nil {
		r.t.Fatal(err)
	}
	return info.Mode().String()
}

// absolute finds the paths that a script names by their place on a router.
var absolute = regexp.MustCompile(`(^|[\s"'=>])/(etc|sbin|usr|var|proc)/`)

// run sources a script, with its paths below the router's root, and then does the verb; it returns what was said.
func (r router) run(script, verb string, env ...string) string {
	r.t.Helper()
	text, err := os.ReadFile(script)
	if err != nil {
		r.t.Fatal(err)
	}
	moved := absolute.ReplaceAllString(string(text), "${1}"+r.root+"/$2/")
	path := filepath.Join(r.t.TempDir(), "script")
	if err := os.WriteFile(path, []byte(moved), 0o644); err != nil {
		r.t.Fatal(err)
	}
	for i, e := range env {
		env[i] = strings.Replace(e, "=/", "="+r.root+"/", 1)
	}
	cmd := exec.CommandContext(r.t.Context(), "busybox", "ash", "-c", ". ./testdata/router.sh; . "+path+"; "+verb+"; wait")
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Fatalf("%s %s: %v\n%s", script, verb, err, out)
	}
	return strings.ReplaceAll(string(out), r.root, "")
}
