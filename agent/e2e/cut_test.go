package e2e

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"spinneret/openwrt/lab"
	"spinneret/ui"
)

const (
	rounds   = 6
	heldFor  = 60  // packets that a device under the cut sends in vain in each round
	lastHold = 200 // and in the last round, so that TCP tries again meanwhile
)

// TestADeviceIsCutOffWhileTheHomeTalksOn is what the program is for: everything that the device has open dies with
// the call, from and to it, and nobody else notices.
func TestADeviceIsCutOffWhileTheHomeTalksOn(t *testing.T) {
	home := quietHome(t)
	a := startAgent(t, home)
	cam := home.Device("cam")
	own, others := flowsOf(t, home, cam), flowsBeside(t, home)
	a.device(cam)

	var took []time.Duration
	for round := range rounds {
		hold := heldFor
		if round == rounds-1 {
			hold = lastHold
		}
		took = append(took, cutOnce(t, a, cam, own, hold))
		a.release(cam)
		for _, f := range own {
			sent := f.sent()
			a.eventually(f.name+" passes again", func() bool { return f.newest() > sent })
		}
	}
	for _, f := range others {
		if sent, arrived := f.stop(); sent != arrived {
			t.Errorf("%s, of another device: %d sent, %d arrived; missing:%s", f.name, sent, arrived, f.gaps())
		}
	}
	slices.Sort(took)
	t.Logf("from the call to the last packet at a receiver, over %d rounds and %d flows: median %v (%v … %v)",
		rounds, len(own), took[len(took)/2], took[0], took[len(took)-1])
}

// cutOnce cuts the device off, sees that nothing sent after the answer arrives, and returns the time from the call
// to the last packet that did.
func cutOnce(t *testing.T, a *agent, d *lab.Device, own []*flow, hold int) time.Duration {
	t.Helper()
	called := time.Now()
	answer := a.cutOff(d, "")
	if q := answer.Quarantine; q == nil || !q.InForce || q.Level != "full" || q.Source != "owner" {
		t.Fatalf("the answer says %+v", q)
	}
	allowed := make([]uint64, len(own))
	for i, f := range own {
		allowed[i] = f.sent()
	}
	sent := own[0].sent()
	a.eventually("the device sends on", func() bool { return own[0].sent() >= sent+uint64(hold) })
	last := called
	for i, f := range own {
		if newest := f.newest(); newest > allowed[i] {
			t.Errorf("%s: number %d arrived, though the cut was confirmed after number %d", f.name, newest, allowed[i])
		}
		if at := f.last(); at.After(last) {
			last = at
		}
	}
	return last.Sub(called)
}

// TestARefusedPacketIsCounted looks at what the page shows of a device under the cut.
func TestARefusedPacketIsCounted(t *testing.T) {
	home := quietHome(t)
	a := startAgent(t, home)
	cam := home.Device("cam")
	a.device(cam)
	before := a.lastEvent()
	a.cutOff(cam, `{"why":"uploads at night"}`)
	count(t, home, cam, "udp4")
	a.eventually("what was refused is counted", func() bool {
		q := a.device(cam).Quarantine
		return q != nil && q.InForce && q.RefusedPackets > 5 && q.RefusedBytes > 5*28
	})
	a.eventually("whom it tries to reach is listed", func() bool {
		return slices.ContainsFunc(a.flows(cam), func(f ui.Flow) bool {
			return f.State == "refused" && f.Direction == "out" && f.Scope == "internet" && f.TxPackets > 1 && *f.Device == cam.MAC
		})
	})
	if n := a.device(cam).Quarantine.PassedPackets; n > 0 {
		t.Errorf("%d packets are counted as passed", n)
	}
	if d := a.device(cam); len(d.Quarantines) != 1 || d.Quarantine.Why != "uploads at night" || d.Quarantine.Until != nil {
		t.Errorf("the device says %+v", d.Quarantines)
	}
	if s := a.status(); s.Devices.Quarantined != 1 || s.Firewall.State != "applied" {
		t.Errorf("the status says %+v, firewall %+v", s.Devices, s.Firewall)
	}
	a.undo(a.eventAfter(before, "quarantine", "cam was cut off by the owner"))
	if d := a.device(cam); d.Quarantine != nil || len(d.Quarantines) != 0 {
		t.Errorf("after the undo the device says %+v", d.Quarantines)
	}
	e := a.eventAfter(before, "release", "cam was let back in by the owner")
	if e.Undo != nil || e.Device == nil || *e.Device != cam.MAC || *e.Cause != "owner" {
		t.Errorf("the release says %+v", e)
	}
}

// TestATimedQuarantineEndsByItself also wants nobody blamed for it.
func TestATimedQuarantineEndsByItself(t *testing.T) {
	home := quietHome(t)
	a := startAgent(t, home)
	cam := home.Device("cam")
	f := count(t, home, cam, "udp4")
	a.device(cam)
	before := a.lastEvent()
	if q := a.cutOff(cam, `{"for":"2s"}`).Quarantine; q.Until == nil || q.Until.Sub(q.Since.Time) != 2*time.Second {
		t.Fatalf("the answer says %+v", q)
	}
	sent := f.sent()
	a.eventually("it is back", func() bool { return f.newest() > sent })
	a.eventAfter(before, "release", "its time was over")
	if d := a.device(cam); d.Quarantine != nil {
		t.Errorf("the device says %+v", d.Quarantine)
	}
	for _, e := range a.events(before) {
		if e.Kind == "firewall" {
			t.Errorf("somebody is blamed: %s", e.Text)
		}
	}
}

// TestACutInTheFirstMomentHolds orders before the agent is done with starting: the answer must not run ahead.
func TestACutInTheFirstMomentHolds(t *testing.T) {
	home := quietHome(t)
	cam := home.Device("cam")
	for range 5 {
		a := prepare(t, home, nil)
		a.launch(nil)
		t.Cleanup(a.clean)
		a.eventually("an order is taken", func() bool {
			status, answer, err := a.bySocket().send(http.MethodPut, "/api/v1/"+quarantineOf(cam), "{}")
			if err == nil && status != http.StatusOK && status != http.StatusNotFound && status != http.StatusServiceUnavailable {
				t.Fatalf("the answer is %d %s", status, answer)
			}
			return err == nil && status == http.StatusOK
		})
		if !holds(home, cam) {
			t.Error("it was confirmed, and the kernel does not hold it")
		}
		a.clean()
	}
}
