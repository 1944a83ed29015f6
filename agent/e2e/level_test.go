package e2e

import (
	"context"
	"net/http"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"spinneret/agent/decide"
	"spinneret/agent/state"
	"spinneret/capture/packet"
	"spinneret/capture/say"
	"spinneret/openwrt/lab"
	"spinneret/ui"
)

// still is how many packets a device sends before what did not arrive counts as stopped.
const still = 100

// jiffy is the step in which a kernel counts time (HZ may be 100).
const jiffy = 10 * time.Millisecond

// TestInternetLeavesTheHome: the router gives the device its lease and nothing else, its neighbours hear it as before.
func TestInternetLeavesTheHome(t *testing.T) {
	home := quietHome(t)
	watchFW4(t, home)
	a := startAgent(t, home)
	cam, laptop := home.Device("cam"), home.Device("laptop")
	out := []*flow{count(t, home, cam, "udp4"), count(t, home, cam, "tcp4"), count(t, home, cam, "udp6"), count(t, home, cam, "tcp6")}
	inside := []*flow{countLAN(t, home, cam, laptop, "udp4"), countLAN(t, home, cam, laptop, "tcp6"), countLAN(t, home, laptop, cam, "udp6")}
	a.device(cam)
	if _, err := cam.TunnelDNS(t.Context(), []byte("while it is free")); err != nil {
		t.Fatal(err)
	}
	a.cutOff(cam, `{"level":"internet"}`)
	asked, stays := home.Asked("tunnel.example"), a.allStopped(out)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := cam.TunnelDNS(ctx, []byte("while it is cut off")); err == nil || home.Asked("tunnel.example") != asked {
		t.Errorf("the router's resolver carried a tunnel: %v", err)
	}
	if _, err := laptop.Lookup(t.Context(), "A", "shop.market.example"); err != nil {
		t.Errorf("the router's resolver refuses another device: %v", err)
	}
	if err := renew(t, cam); err != nil {
		t.Errorf("its lease is not renewed: %v", err)
	}
	stays()
	for _, f := range inside {
		if sent, arrived := f.stop(); sent != arrived {
			t.Errorf("%s: %d sent, %d arrived", f.name, sent, arrived)
		}
	}
}

// renew asks for the lease again, as a device does that was just switched on.
func renew(t *testing.T, d *lab.Device) error {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	_, err := d.NS.Run(d.NS.Command(ctx, "busybox", "udhcpc", "-i", "eth0", "-f", "-n", "-q", "-t", "3", "-T", "1", "-s", "/bin/true"))
	return err
}

// allStopped returns a check that nothing of some flows passes, from now on.
func (a *agent) allStopped(flows []*flow) func() {
	a.t.Helper()
	allowed := make([]uint64, len(flows))
	for i, f := range flows {
		allowed[i] = f.sent()
	}
	began := flows[0].sent()
	return func() {
		a.t.Helper()
		a.eventually("it sends on", func() bool { return flows[0].sent() > began+still })
		for i, f := range flows {
			if newest := f.newest(); newest > allowed[i] {
				a.t.Errorf("%s: number %d arrived, though the cut was confirmed after number %d", f.name, newest, allowed[i])
			}
		}
	}
}

// TestFlowStopsItsTargetOnly, and no other packet of the device is lost.
func TestFlowStopsItsTargetOnly(t *testing.T) {
	home := quietHome(t)
	watchFW4(t, home)
	a := startAgent(t, home)
	cam, laptop := home.Device("cam"), home.Device("laptop")
	target := []*flow{count(t, home, cam, "udp4")}
	others := []*flow{
		count(t, home, cam, "tcp4"), count(t, home, cam, "udp6"), countLAN(t, home, cam, laptop, "udp4"), count(t, home, laptop, "udp4"),
	}
	a.device(cam)
	q := a.cutOff(cam, `{"level":"flow","to":["198.51.100.99/udp"]}`).Quarantine
	if q.Level != "flow" || len(q.To) != 1 || !q.InForce {
		t.Errorf("the answer says %+v", q)
	}
	a.allStopped(target)()
	if _, err := cam.Lookup(t.Context(), "A", "shop.market.example"); err != nil {
		t.Errorf("the router's resolver refuses it: %v", err)
	}
	for _, f := range others {
		if sent, arrived := f.stop(); sent != arrived {
			t.Errorf("%s: %d sent, %d arrived", f.name, sent, arrived)
		}
	}
	a.release(cam)
	sent := target[0].sent()
	a.eventually("the target is reached again", func() bool { return target[0].newest() > sent })
}

// ordered is a file of quarantines as an earlier run leaves it, in which a detector cut off the device.
func ordered(t *testing.T, stateDir string, d *lab.Device, level string) {
	t.Helper()
	mac, err := packet.ParseMAC(d.MAC)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := state.Open(stateDir)
	if err != nil {
		t.Fatal(err)
	}
	err = dir.Save("quarantines", map[string]any{"SavedAt": time.Now(), "LastID": 1, "Orders": []decide.Order{
		{ID: "q1", MAC: mac, Level: level, Source: decide.Anomaly, Why: say.Plain("beacons"), Since: time.Now()},
	}})
	if err != nil {
		t.Fatal(err)
	}
}

// suspect is an agent to which a detector gave the order to keep cam off the internet.
func suspect(t *testing.T, home *lab.Home) *agent {
	t.Helper()
	a := prepare(t, home, nil)
	ordered(t, filepath.Join(filepath.Dir(a.config), "state"), home.Device("cam"), "internet")
	a.start()
	return a
}

// TestSourcesAddUp releases one of two, in either order.
func TestSourcesAddUp(t *testing.T) {
	home := quietHome(t)
	watchFW4(t, home)
	a := suspect(t, home)
	cam, laptop := home.Device("cam"), home.Device("laptop")
	out, inside := []*flow{count(t, home, cam, "udp4")}, []*flow{countLAN(t, home, cam, laptop, "udp4")}
	a.device(cam)
	stays := a.allStopped(out)
	if d := a.cutOff(cam, `{"why":"the owner's own"}`); len(d.Quarantines) != 2 || d.Quarantine.Level != "full" || d.Quarantine.Source != "owner" {
		t.Errorf("the answer says %+v", d.Quarantines)
	}
	a.allStopped(inside)()
	d := a.releaseOf(cam, "owner")
	if len(d.Quarantines) != 1 || d.Quarantine.Source != "anomaly" || d.Quarantine.Level != "internet" || d.Quarantine.Why != "beacons" {
		t.Errorf("after the owner's release it says %+v", d.Quarantines)
	}
	a.passes(inside[0])
	stays()

	a.cutOff(cam, "")
	staysInside := a.allStopped(inside)
	if d := a.releaseOf(cam, "anomaly"); len(d.Quarantines) != 1 || d.Quarantine.Source != "owner" {
		t.Errorf("after the detector's release it says %+v", d.Quarantines)
	}
	staysInside()
	stays()
	a.releaseOf(cam, "owner")
	a.passes(out[0])
	a.passes(inside[0])
}

// releaseOf ends what one source ordered.
func (a *agent) releaseOf(d *lab.Device, source string) (answer ui.Device) {
	a.t.Helper()
	a.ask(http.MethodDelete, quarantineOf(d)+"?source="+source, "", &answer)
	return answer
}

// passes waits until what is sent from now on arrives.
func (a *agent) passes(f *flow) {
	a.t.Helper()
	sent := f.sent()
	a.eventually(f.name+" passes", func() bool { return f.newest() > sent })
}

// TestTheMilderOneStandsWithoutTheAgent: the strict one ends while nobody is there to see it.
func TestTheMilderOneStandsWithoutTheAgent(t *testing.T) {
	home := quietHome(t)
	watchFW4(t, home)
	a := suspect(t, home)
	cam, laptop := home.Device("cam"), home.Device("laptop")
	out, inside := []*flow{count(t, home, cam, "udp4")}, countLAN(t, home, cam, laptop, "udp4")
	a.device(cam)
	stays := a.allStopped(out)
	q := a.cutOff(cam, `{"for":"2s"}`).Quarantine
	sent := inside.sent()
	a.signal(syscall.SIGKILL)
	a.wait()
	a.eventually("its neighbours hear it again", func() bool { return inside.newest() > sent })
	if early := time.Until(q.Until.Time); early > jiffy {
		t.Errorf("it was back %v before the end", early)
	} else {
		t.Logf("the kernel let go %v from the end, without the agent", -early)
	}
	stays()
	a.stderr.reset()
	a.start()
	stays()
	a.eventually("the next start knows of the milder one only", func() bool {
		d := a.device(cam)
		return len(d.Quarantines) == 1 && d.Quarantine.Source == "anomaly" && d.Quarantine.Why == "beacons"
	})
}
