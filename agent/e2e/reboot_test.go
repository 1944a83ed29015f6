package e2e

import (
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"spinneret/openwrt/lab"
	"spinneret/ui"
)

// flushLikeBoot leaves nothing but the router's own firewall: that is what a start of the router begins with.
func flushLikeBoot(t *testing.T, home *lab.Home, rules string) {
	t.Helper()
	nft(t, home.Router(), "flush ruleset\n"+rules)
}

// restore runs `spinneret restore` on the router.
func (a *agent) restore(router *lab.NS) {
	a.t.Helper()
	out, err := run(router, "restore", "-config", a.config)
	if err != nil || !strings.HasSuffix(out, " in force\n") {
		a.t.Fatalf("restore says %q, %v", out, err)
	}
}

// TestRestoreHoldsUntilTheAgentComes kills the agent, takes its tables away, and puts them back before it runs again.
func TestRestoreHoldsUntilTheAgentComes(t *testing.T) {
	home := quietHome(t)
	watchFW4(t, home)
	rules := nftList(home.Router(), "ruleset")
	a := startAgent(t, home)
	cam, lamp, laptop := home.Device("cam"), home.Device("lamp"), home.Device("laptop")
	own := []*flow{
		count(t, home, cam, "udp4"), count(t, home, cam, "tcp6"), countLAN(t, home, cam, laptop, "udp4"), count(t, home, lamp, "udp4"),
	}
	others := []*flow{countLAN(t, home, lamp, laptop, "udp4"), count(t, home, laptop, "udp4")}
	a.device(cam)
	a.device(lamp)
	full := a.cutOff(cam, `{"why":"uploads at night"}`).Quarantine
	timed := a.cutOff(lamp, `{"level":"internet","for":"1h","why":"homework"}`).Quarantine
	a.signal(syscall.SIGKILL)
	a.wait()
	flushLikeBoot(t, home, rules)
	for _, f := range own {
		a.passes(f)
	}

	batches := transactions(t, home.Router())
	a.restore(home.Router())
	stays := a.allStopped(own)
	if n := batches(); n != 1 {
		t.Errorf("it took %d transactions, want one", n)
	}
	stays()
	a.stderr.reset()
	a.start()
	stays()
	for d, want := range map[*lab.Device]*ui.Quarantine{cam: full, lamp: timed} {
		a.wantsSame(d, want)
	}
	stays()
	for _, f := range others {
		if sent, arrived := f.stop(); sent != arrived {
			t.Errorf("%s: %d sent, %d arrived", f.name, sent, arrived)
		}
	}
}

// wantsSame wants a device to be cut off as it was before: not anew.
func (a *agent) wantsSame(d *lab.Device, want *ui.Quarantine) {
	a.t.Helper()
	a.eventually("the agent reads it back", func() bool { q := a.device(d).Quarantine; return q != nil && q.InForce })
	q := a.device(d).Quarantine
	sameEnd := q.Until == nil && want.Until == nil || q.Until != nil && want.Until != nil && q.Until.Equal(want.Until.Time)
	if q.ID != want.ID || q.Level != want.Level || q.Why != want.Why || !q.Since.Equal(want.Since.Time) || !sameEnd {
		a.t.Errorf("%s is cut off as %+v, before it was %+v", d.Name, q, want)
	}
}

// transactions counts how often our tables change until it is asked. What only tries what the kernel can is not one.
func transactions(t *testing.T, router *lab.NS) (count func() int) {
	t.Helper()
	var said lines
	cmd := router.Command(context.Background(), "nft", "monitor")
	cmd.Stdout = &said
	if err := router.Start(cmd); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { end(cmd) })
	mark := func(name string) {
		seen := func() bool {
			nft(t, router, "table inet "+name+"\ndelete table inet "+name+"\n")
			return strings.Contains(said.String(), "delete table inet "+name)
		}
		if !within(patience, seen) {
			t.Fatal("nft monitor says nothing")
		}
	}
	mark("before")
	return func() (n int) {
		mark("after")
		for one := range strings.SplitSeq(said.String(), "# new generation") {
			if strings.Contains(one, "add table inet spinneret\n") || strings.Contains(one, " inet spinneret ") {
				n++
			}
		}
		return n
	}
}

func end(cmd *exec.Cmd) {
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}

// TestAQuarantineOutlivesTheRouter: another router with the same state starts, and what was cut off in the old one has
// no moment of internet in the new one.
func TestAQuarantineOutlivesTheRouter(t *testing.T) {
	names := []string{"cam", "laptop"}
	home := ownHome(t, names...)
	a := startAgent(t, home)
	a.device(home.Device("cam"))
	want := a.cutOff(home.Device("cam"), `{"level":"internet","for":"1h","why":"homework"}`).Quarantine
	a.signal(syscall.SIGKILL)
	a.wait()

	boot := func(_ context.Context, h *lab.Home) error {
		a.restore(h.Router())
		return nil
	}
	next := openHome(t, lab.Options{BeforeJoin: boot}, names...)
	watchFW4(t, next)
	cam, laptop := next.Device("cam"), next.Device("laptop")
	own := []*flow{count(t, next, cam, "udp4"), count(t, next, cam, "udp6")}
	inside, other := countLAN(t, next, cam, laptop, "udp4"), count(t, next, laptop, "udp4")
	b := prepare(t, next, func(o options) options {
		return append(o.without("option state_dir"), "option state_dir '"+filepath.Join(filepath.Dir(a.config), "state")+"'")
	})
	for _, f := range []*flow{inside, other} {
		b.passes(f)
	}
	b.start()
	b.wantsSame(cam, want)
	for _, f := range own {
		b.eventually(f.name+" is tried", func() bool { return f.sent() > still })
		if sent, arrived := f.stop(); arrived != 0 {
			t.Errorf("%s: of %d packets since the router started %d arrived", f.name, sent, arrived)
		}
	}
	for _, f := range []*flow{inside, other} {
		if sent, arrived := f.stop(); sent != arrived {
			t.Errorf("%s: %d sent, %d arrived", f.name, sent, arrived)
		}
	}
}
