package e2e

import (
	"context"
	"strings"
	"syscall"
	"testing"
	"time"

	"spinneret/openwrt/lab"
)

// holds reports whether the kernel cuts the device off, without asking the agent.
func holds(home *lab.Home, d *lab.Device) bool {
	return strings.Contains(nftList(home.Router(), "set", "bridge", "spinneret", "full"), d.MAC)
}

// rests waits until no change of the rules is under way: one that is mends what it finds, and nobody need be told.
func (a *agent) rests() {
	a.t.Helper()
	a.eventually("the firewall rests", func() bool {
		fw := a.status().Firewall
		return fw.State == "applied" && fw.At != nil && time.Since(fw.At.Time) > 2*time.Second
	})
}

// TestConfirmedMeansReadBack: somebody takes a device out of the set behind our back.
func TestConfirmedMeansReadBack(t *testing.T) {
	home := quietHome(t)
	a := startAgent(t, home)
	cam := home.Device("cam")
	a.device(cam)
	a.cutOff(cam, "")
	a.rests()
	before := a.lastEvent()
	tornAt := time.Now()
	nft(t, home.Router(), "delete element bridge spinneret full { "+cam.MAC+" }")
	if !within(patience, func() bool { return holds(home, cam) || !a.device(cam).Quarantine.InForce }) {
		t.Error("the answer says in force, and the kernel holds nothing")
	}
	a.eventually("the device is put back", func() bool { return holds(home, cam) })
	t.Logf("back after %v", time.Since(tornAt))
	a.eventually("the answer says in force again", func() bool { return a.device(cam).Quarantine.InForce })
	a.eventAfter(before, "firewall", "another program let cam back in")
}

// TestTablesComeBack: somebody empties the whole firewall.
func TestTablesComeBack(t *testing.T) {
	home := quietHome(t)
	rules := nftList(home.Router(), "ruleset")
	a := startAgent(t, home)
	cam := home.Device("cam")
	a.device(cam)
	a.cutOff(cam, "")
	f := count(t, home, home.Device("tv"), "udp4")
	a.rests()
	before := a.lastEvent()
	nft(t, home.Router(), "flush ruleset")
	tornAt := time.Now()
	back := within(patience, func() bool { return holds(home, cam) })
	t.Logf("back after %v", time.Since(tornAt))
	nft(t, home.Router(), rules) // the router's own: nobody but its firewall can bring those back
	if !back {
		t.Error("the tables were not put back")
	}
	a.eventAfter(before, "firewall", "another program removed our firewall tables")
	a.eventually("the answer says in force", func() bool { return a.device(cam).Quarantine.InForce })
	sent := f.sent()
	a.eventually("the others go on", func() bool { return f.newest() > sent })
	after := a.lastEvent()
	a.cutOff(cam, `{"why":"once more"}`)
	for _, e := range a.events(after) {
		if e.Kind == "firewall" {
			t.Errorf("our own change is taken for somebody else's: %s", e.Text)
		}
	}
}

// TestACrashLetsNobodyBackIn kills the agent, and starts another.
func TestACrashLetsNobodyBackIn(t *testing.T) {
	home := quietHome(t)
	a := startAgent(t, home)
	cam, tv := home.Device("cam"), home.Device("tv")
	own, other := count(t, home, cam, "udp4"), count(t, home, tv, "udp4")
	a.device(cam)
	a.cutOff(cam, `{"why":"stays"}`)
	stays := a.staysCut(own)
	a.signal(syscall.SIGKILL)
	if code := a.wait(); code != -1 {
		t.Fatalf("exit code %d", code)
	}
	stays("after kill -9")
	a.stderr.reset()
	a.start()
	stays("after the next start")
	if q := a.device(cam).Quarantine; q == nil || q.Why != "stays" {
		t.Errorf("the next start knows of %+v", q)
	}
	a.eventually("the new agent reads it back", func() bool { return a.device(cam).Quarantine.InForce })
	a.release(cam)
	sent := own.sent()
	a.eventually("it is back", func() bool { return own.newest() > sent })
	if sent, arrived := other.stop(); sent != arrived {
		t.Errorf("meanwhile another device sent %d packets, and %d arrived", sent, arrived)
	}
}

// staysCut returns a check that nothing of a flow passes, from now on.
func (a *agent) staysCut(f *flow) func(when string) {
	a.t.Helper()
	allowed := f.sent()
	return func(when string) {
		a.t.Helper()
		sent := f.sent()
		a.eventually("it sends on", func() bool { return f.sent() > sent+heldFor })
		if f.newest() > allowed {
			a.t.Errorf("%s number %d arrived, though the cut was confirmed after number %d", when, f.newest(), allowed)
		}
	}
}

// TestAQuarantineOutlivesAnOrderlyEnd: SIGTERM ends the agent within five seconds, and nothing else.
func TestAQuarantineOutlivesAnOrderlyEnd(t *testing.T) {
	home := quietHome(t)
	a := startAgent(t, home)
	cam := home.Device("cam")
	own := count(t, home, cam, "udp4")
	a.device(cam)
	a.cutOff(cam, "")
	stays := a.staysCut(own)
	browser, err := home.Router().Dial(context.WithoutCancel(t.Context()), "tcp", a.page()) // one that never asks
	if err != nil {
		t.Fatal(err)
	}
	defer browser.Close()
	began := time.Now()
	a.signal(syscall.SIGTERM)
	if code := a.wait(); code != 0 {
		t.Errorf("exit code %d, want 0: %s", code, a.stderr.String())
	}
	t.Logf("it took %v to end", time.Since(began))
	stays("after the end")
}
