// Package scripts_test tries the package's shell scripts as a router runs them: by busybox, with procd's functions.
package scripts_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
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

// router is a directory that stands for a router's root.
type router struct {
	t    *testing.T
	root string
}

func newRouter(t *testing.T) router {
	t.Helper()
	r := router{t, t.TempDir()}
	for _, dir := range []string{"etc/config", "etc/capabilities", "sbin", "usr/sbin", "var/run", "proc"} {
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

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := name
	if !strings.Contains(name, "/") {
		path = filepath.Join("testdata", name)
	}
	if os.Getenv("UPDATE") == "1" {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

const service = "../files/etc/init.d/spinneret"

func TestTheServiceTellsProcd(t *testing.T) {
	golden(t, "start-jail.txt", newRouter(t).withJail().run(service, "start_service"))
	golden(t, "start-root.txt", newRouter(t).run(service, "start_service"))
	golden(t, "reload.txt", newRouter(t).withJail().run(service, "reload_service"))
	golden(t, "triggers.txt", newRouter(t).run(service, "service_triggers"))
}

func TestWrongSettingsAreSaidAndTheAgentStarts(t *testing.T) {
	said := newRouter(t).run(service, "start_service", "INVALID=1")
	if !strings.HasPrefix(said, "logger -t spinneret -p daemon.warn some settings are wrong") || !strings.Contains(said, "procd_set_param command") {
		t.Errorf("it said:\n%s", said)
	}
}

func TestARouterWithoutRoomIsToldOnce(t *testing.T) {
	r := newRouter(t)
	r.put("proc/meminfo", "MemTotal:          59000 kB\n", 0o644)
	want := "logger -t spinneret -p daemon.err not started: this router has 57 MB of memory, it takes one with 128 MB\n"
	if said := r.run(service, "start_service || :"); said != want {
		t.Errorf("it said:\n%s", said)
	}
}

func TestTheAgentsDirectoriesAreItsOwn(t *testing.T) {
	r := newRouter(t).withJail()
	if err := os.MkdirAll(filepath.Join(r.root, "etc/spinneret"), 0o755); err != nil {
		t.Fatal(err)
	}
	r.put("etc/spinneret/isp.pem", "", 0o600)
	if err := os.Symlink("/etc/shadow", filepath.Join(r.root, "etc/spinneret/link")); err != nil {
		t.Fatal(err)
	}
	said := r.run(service, "prepare")
	for path, want := range map[string]string{
		"etc/spinneret": "drwx------", "var/run/spinneret": "drwxr-x---", "etc/config/spinneret": "-rw-r-----", "var/run/spinneret.hosts": "-rw-r--r--",
	} {
		if got := r.mode(path); got != want {
			t.Errorf("%s has mode %s, want %s", path, got, want)
		}
	}
	if !strings.Contains(said, "chown -h spinneret:spinneret /etc/spinneret/isp.pem\n") || strings.Contains(said, "link") {
		t.Errorf("it said:\n%s", said)
	}
}

// TestDirectoriesOfOthersStayAsTheyAre: a wrong setting must not give /etc away.
func TestDirectoriesOfOthersStayAsTheyAre(t *testing.T) {
	r := newRouter(t).withJail()
	said := r.run(service, "prepare", "STATE_DIR=/etc", "SOCKET=/var/run/api.sock")
	if r.mode("etc") != "drwxr-xr-x" || r.mode("var/run") != "drwxr-xr-x" || strings.Contains(said, "chown") {
		t.Errorf("modes %s and %s; it said:\n%s", r.mode("etc"), r.mode("var/run"), said)
	}
}

// TestNothingButDirectoriesIsGivenAway: neither the program, which root runs, nor what lies in the root where there is no
// name at all.
func TestNothingButDirectoriesIsGivenAway(t *testing.T) {
	r := newRouter(t).withJail()
	said := r.run(service, "prepare", "STATE_DIR=/usr/sbin/spinneret", "SOCKET=api.sock")
	if r.mode("usr/sbin/spinneret") != "-rwxr-xr-x" || strings.Contains(said, "chown") {
		t.Errorf("mode %s; it said:\n%s", r.mode("usr/sbin/spinneret"), said)
	}
	if said := r.run(service, "give '' 750"); said != "" {
		t.Errorf("with no name it said:\n%s", said)
	}
}

// TestTheCopyOfTheKeyIsThereForHTTPSAlone, and goes with the package.
func TestTheCopyOfTheKeyIsThereForHTTPSAlone(t *testing.T) {
	const copied = "var/run/spinneret.key"
	r := newRouter(t).withJail()
	r.put("etc/uhttpd.crt", "certificate", 0o644)
	r.put("etc/uhttpd.key", "key", 0o600)
	gone := func(after string) {
		if _, err := os.Stat(filepath.Join(r.root, copied)); !os.IsNotExist(err) {
			t.Errorf("the key is there after %s: %v", after, err)
		}
	}
	for script, verb := range map[string]string{service: "prepare", "postrm": ":"} {
		said := r.run(service, "prepare", "HTTPS=192.168.1.1:8485")
		if r.mode(copied) != "-rw-r-----" || !strings.Contains(said, "chgrp spinneret /var/run/spinneret.key\n") {
			t.Errorf("mode %s; it said:\n%s", r.mode(copied), said)
		}
		r.run(script, verb+" || :", "HTTPS=")
		gone(script)
	}
}

func TestWithoutUbusThereAreNoStaticHosts(t *testing.T) {
	r := newRouter(t)
	r.put("var/run/spinneret.hosts", "old", 0o644)
	r.run(service, "prepare", "NO_UBUS=1")
	if _, err := os.Stat(filepath.Join(r.root, "var/run/spinneret.hosts")); !os.IsNotExist(err) {
		t.Errorf("the old ones are still there: %v", err)
	}
}

func TestQuarantinesAreRestoredAtBootAlone(t *testing.T) {
	const script = "../files/etc/init.d/spinneret-restore"
	logged := "logger -t spinneret -p daemon.notice\n"
	if said := newRouter(t).run(script, "boot"); said != logged {
		t.Errorf("boot said:\n%s", said)
	}
	if said := newRouter(t).run(script, "start"); said != "" {
		t.Errorf("start said:\n%s", said)
	}
}

func TestTheButtonReleasesAfterFiveSeconds(t *testing.T) {
	const script = "../files/etc/hotplug.d/button/50-spinneret"
	for env, acts := range map[string]bool{
		"BUTTON=wps ACTION=released SEEN=5": true, "BUTTON=wps ACTION=released SEEN=30": true, "BUTTON=wps ACTION=released SEEN=4": false,
		"BUTTON=wps ACTION=pressed SEEN=5": false, "BUTTON=reset ACTION=released SEEN=5": false, "BUTTON=wps ACTION=released": false,
	} {
		said := newRouter(t).run(script, ":", strings.Fields(env)...)
		if (said != "") != acts {
			t.Errorf("%s: it said %q", env, said)
		}
	}
}

// TestADescriptionThatDnsmasqWasToldOfIsHandedOn, as it is, whatever the device wrote in it; nothing else
// is.
func TestADescriptionThatDnsmasqWasToldOfIsHandedOn(t *testing.T) {
	const script = "../files/etc/hotplug.d/dhcp/50-spinneret"
	const url = "https://lamps.example/$(id)'`id`"
	for _, c := range []struct {
		action, url string
		heard       bool
	}{
		{"add", url, true},
		{"update", url, true},
		{"remove", url, false},
		{"add", "", false},
		{"add", "http://lamps.example/", false},
		{"add", "-h", false},
		{"add", "https://lamps.example/" + strings.Repeat("x", 255), false},
	} {
		r := newRouter(t)
		if err := os.Mkdir(filepath.Join(r.root, "var/lock"), 0o755); err != nil {
			t.Fatal(err)
		}
		said := filepath.Join(r.root, "said")
		r.put("usr/sbin/spinneret", "#!/bin/sh\nprintf '%s|' \"$@\" >"+said+"\n", 0o755)
		r.run(script, ":", "ACTION="+c.action, "MACADDR=02:00:00:00:00:01", "DNSMASQ_MUD_URL="+c.url)
		got, err := os.ReadFile(said)
		if want := "mud|heard|02:00:00:00:00:01|" + c.url + "|"; (err == nil) != c.heard || c.heard && string(got) != want {
			t.Errorf("%s %.40q: it said %q (%v), want %q: %v", c.action, c.url, got, err, want, c.heard)
		}
	}
}

func TestTheSettingsGetTheirSectionOnce(t *testing.T) {
	const script = "../files/etc/uci-defaults/60-spinneret"
	if said := newRouter(t).run(script, ":"); said != "" {
		t.Errorf("with the section it said:\n%s", said)
	}
	if said := newRouter(t).run(script, ":", "NO_SECTION=1"); said != "uci set spinneret.main=spinneret\nuci commit spinneret\n" {
		t.Errorf("without it said:\n%s", said)
	}
}

// TestOnlyRemovingThePackageTakesQuarantinesAway runs what opkg and apk run before the files go.
func TestOnlyRemovingThePackageTakesQuarantinesAway(t *testing.T) {
	r := newRouter(t)
	if err := os.MkdirAll(filepath.Join(r.root, "etc/init.d"), 0o755); err != nil {
		t.Fatal(err)
	}
	r.put("etc/init.d/spinneret", "#!/bin/sh\necho \"service $*\"\n", 0o755)
	for env, want := range map[string]string{
		"PKG_UPGRADE=0":        "service stop\nspinneret clear\n",
		"PKG_UPGRADE=1":        "",
		"IPKG_INSTROOT=/image": "", // an image builder works on its own machine
	} {
		if said := r.run("prerm", ":", env); said != want {
			t.Errorf("%s: it said %q, want %q", env, said, want)
		}
	}
}
