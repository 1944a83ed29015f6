package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"spinneret/openwrt/lab"
	"spinneret/ui"
)

// TestTheLifeOfAMakersDescription: a device names it by DHCP, the router gets it and checks who signed it, keeps it over a
// restart, and asks the owner before it believes another signer. A server that the owner did not list is not called
// where it stands on no public address.
func TestTheLifeOfAMakersDescription(t *testing.T) {
	home := quietHome(t)
	m := newMaker(t, home)
	m.offers("signer", "up.cam.example.net")
	a := prepare(t, home, func(o options) options {
		return append(o, "list mud_anchor '"+filepath.Join(m.dir, "ca.pem")+"'", "list mud_host '"+makerHost+"'")
	})
	a.readable(m)
	dir := t.TempDir()
	a.resolving(dir)
	cam, tv := home.Device("cam"), home.Device("tv")
	names(t, cam, makerURL)
	names(t, tv, "https://up.cam.example.net/tv")
	a.eventually("the camera's description is known", func() bool { return a.mud(cam).State == "active" })
	got := a.mud(cam)
	if got.Mode != "watch" || *got.URL != makerURL || *got.Source != "dhcp" || *got.SystemInfo != "a camera" || !strings.Contains(*got.SignedBy, "CN=signer") ||
		!strings.Contains(strings.Join(got.Policy, "\n"), "up.cam.example.net") {
		t.Errorf("it is %+v", got)
	}
	a.eventually("the TV's is refused", func() bool { return a.mud(tv).State == "failed" })
	if p := a.mud(tv).Problems; len(p) != 1 || !strings.Contains(p[0], "public internet") || home.Served("up.cam.example.net").Requests != 0 {
		t.Errorf("problems are %q; the server counts %d requests", p, home.Served("up.cam.example.net").Requests)
	}
	if asked := m.wasAsked(); asked != "/cam /cam.p7s" {
		t.Errorf("asked for was %q", asked)
	}
	a.again(dir)
	if got := a.mud(cam); got.State != "active" || m.wasAsked() != "/cam /cam.p7s" {
		t.Errorf("after a restart it is %s, asked for was %q", got.State, m.wasAsked())
	}
	a.changeOfSigner(m, cam)
}

// changeOfSigner has the maker's file come from somebody else.
func (a *agent) changeOfSigner(m *maker, cam *lab.Device) {
	a.t.Helper()
	m.offers("thief", "up.cam.example.net", "thief.example")
	var now ui.MUD
	a.ask("PUT", "devices/"+cam.MAC+"/mud", `{"url":"`+makerURL+`","mode":"watch"}`, &now) // which looks at once
	a.eventually("the owner is asked", func() bool { return len(a.mud(cam).Approvals) == 1 })
	got := a.mud(cam)
	if why := strings.Join(got.Approvals[0].Why, "; "); got.State != "active" || !strings.Contains(why, "CN=thief") || strings.Contains(strings.Join(got.Policy, "\n"), "thief") {
		a.t.Errorf("it is %+v", got)
	}
	a.ask("POST", "devices/"+cam.MAC+"/mud", `{"approve":"`+got.Approvals[0].ID+`"}`, &now)
	if !strings.Contains(strings.Join(now.Policy, "\n"), "thief.example") || len(now.Approvals) != 0 {
		a.t.Errorf("approved it is %+v", now)
	}
}

// readable lets the agent's user read the maker's authority.
func (a *agent) readable(m *maker) {
	a.t.Helper()
	for _, path := range []string{m.dir, filepath.Dir(m.dir), filepath.Join(m.dir, "ca.pem")} {
		if err := os.Chmod(path, 0o755); err != nil {
			a.t.Fatal(err)
		}
	}
}

// again ends the program and starts it anew.
func (a *agent) again(dir string) {
	a.t.Helper()
	a.signal(syscall.SIGTERM)
	if code := a.wait(); code != 0 {
		a.t.Fatalf("it ends with %d", code)
	}
	a.stderr.reset()
	a.resolving(dir)
}
