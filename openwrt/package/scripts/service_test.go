package scripts_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

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

func TestTheCopyOfTheKeyIsThereForHTTPSAlone(t *testing.T) {
	const copied = "var/run/spinneret.key"
	r := newRouter(t).withJail()
	r.put("etc/uhttpd.crt", "certificate", 0o644)
	r.put("etc/uhttpd.key", "key", 0o600)
	said := r.run(service, "prepare", "HTTPS=192.168.1.1:8485")
	if r.mode(copied) != "-rw-r-----" || !strings.Contains(said, "chgrp spinneret /var/run/spinneret.key\n") {
		t.Errorf("mode %s; it said:\n%s", r.mode(copied), said)
	}
	r.put("etc/acme.cert", "renewed", 0o644)
	r.put("etc/acme.key", "renewed key", 0o600)
	r.run(service, "prepare", "HTTPS=192.168.1.1:8485", "CERT=/etc/acme")
	if got := read(t, filepath.Join(r.root, copied)); got != "renewed key" {
		t.Errorf("where uhttpd has another, the copy is %q", got)
	}
	r.run(service, "prepare", "HTTPS=")
	if _, err := os.Stat(filepath.Join(r.root, copied)); !os.IsNotExist(err) {
		t.Errorf("without HTTPS the key is still there: %v", err)
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
