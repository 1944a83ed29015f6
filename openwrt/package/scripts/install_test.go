package scripts_test

import (
	"path/filepath"
	"testing"
)

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
	r.withService(true)
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

// TestARemovedPackageLeavesNothingBehind of what it made at run time: a mark of this start would have one that is
// installed later believe that nothing was missed.
func TestARemovedPackageLeavesNothingBehind(t *testing.T) {
	r := newRouter(t).withJail().withService(true)
	r.put("etc/uhttpd.key", "key", 0o600)
	r.put("var/lock/spinneret-mud.lock", "", 0o600)
	r.put("var/run/other.hosts", "", 0o600)
	r.run(service, "prepare", "HTTPS=192.168.1.1:8485")
	r.run(restore, "boot")
	r.run("postrm", ":")
	var left []string
	for _, pattern := range []string{"var/run/*", "var/lock/*"} {
		found, err := filepath.Glob(filepath.Join(r.root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		left = append(left, found...)
	}
	if len(left) != 1 || filepath.Base(left[0]) != "other.hosts" {
		t.Errorf("there are still %q", left)
	}
}
