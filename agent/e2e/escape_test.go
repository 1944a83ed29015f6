package e2e

import (
	"context"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"spinneret/openwrt/lab"
	"spinneret/ui"
)

// otherMAC is what a device takes to be another.
const otherMAC = "02:00:00:00:00:77"

// returning starts an agent that knows the home's devices from an earlier run, so that who comes now is new.
func returning(t *testing.T, home *lab.Home, change func(options) options) *agent {
	t.Helper()
	a := prepare(t, home, change)
	a.start()
	for _, d := range home.Devices() {
		a.device(d)
	}
	a.ask(http.MethodPatch, "devices/"+home.Devices()[0].MAC, `{"trusted":true}`, new(ui.Device)) // writes them all down
	a.signal(syscall.SIGTERM)
	if code := a.wait(); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	a.stderr.reset()
	a.start()
	return a
}

// become changes a device's MAC and returns how long it took from the change until the agent knew of the new one and
// what holds holds for it.
func (a *agent) become(d *lab.Device, mac string, holds func(ui.Device) bool) (took time.Duration) {
	a.t.Helper()
	ctx, cancel := context.WithCancel(a.t.Context())
	defer cancel()
	var change sync.WaitGroup
	change.Go(func() {
		if err := d.ChangeMAC(ctx, lab.ParseMAC(mac)); err != nil {
			a.t.Error(err)
		}
	})
	defer change.Wait()
	a.eventually("the device has its new MAC", func() bool { return d.CurrentMAC() == lab.ParseMAC(mac) })
	began := time.Now()
	a.eventually("the agent did what it must about the new MAC", func() bool {
		for _, now := range a.devices() {
			if now.MAC == mac {
				return holds(now)
			}
		}
		return false
	})
	return time.Since(began)
}

// TestANewMACIsNoWayOut: the device that is cut off takes another MAC on the same port.
func TestANewMACIsNoWayOut(t *testing.T) {
	home := ownHome(t, "cam", "laptop")
	watchFW4(t, home)
	a := returning(t, home, func(o options) options { return append(o, "option new_devices 'allow'") })
	cam, other := home.Device("cam"), count(t, home, home.Device("laptop"), "udp4")
	a.cutOff(cam, `{"why":"uploads"}`)
	before := a.lastEvent()
	t.Logf("held %v after it had the new MAC", a.become(cam, otherMAC, func(d ui.Device) bool {
		return d.Held && d.Quarantine != nil && d.Quarantine.Level == "internet" && d.Quarantine.InForce
	}))
	for _, network := range []string{"udp4", "udp6"} {
		f := count(t, home, cam, network)
		a.eventually("it tries", func() bool { return f.sent() > still })
		if sent, arrived := f.stop(); arrived > 0 {
			t.Errorf("%s under the new MAC: of %d packets %d arrived", network, sent, arrived)
		}
	}
	if d := a.device(cam); d.Quarantine == nil || d.Quarantine.Level != "full" {
		t.Errorf("under the old MAC it is %+v", d.Quarantine)
	}
	e := a.eventAfter(before, "device", "joined for the first time")
	if e.Device == nil || *e.Device != otherMAC || !strings.Contains(e.Text, "cam under another MAC") {
		t.Errorf("the event says %+v, want why it is held", e)
	}
	a.undo(e)
	f := count(t, home, cam, "udp4")
	a.passes(f)
	if sent, arrived := other.stop(); sent != arrived {
		t.Errorf("meanwhile another device sent %d packets, and %d arrived", sent, arrived)
	}
}

// TestABorrowedMACIsContestedAndNotCut: nobody may have another device cut off by imitating it.
func TestABorrowedMACIsContestedAndNotCut(t *testing.T) {
	home := ownHome(t, "cam", "laptop")
	watchFW4(t, home)
	a := returning(t, home, func(o options) options { return append(o, "option new_devices 'hold'") })
	cam, laptop := home.Device("cam"), home.Device("laptop")
	f := count(t, home, laptop, "udp4")
	a.cutOff(cam, `{"level":"flow","to":["198.51.100.98"]}`)
	before := a.lastEvent()
	a.eventually("its MAC is contested", func() bool {
		if err := cam.SendAs(laptop, netip.MustParseAddrPort("198.51.100.97:9"), []byte("it was the laptop")); err != nil {
			t.Fatal(err)
		}
		return a.device(laptop).Contested
	})
	if e := a.eventAfter(before, "device", "laptop was seen on two ports"); e.Severity != "warning" || *e.Device != laptop.MAC {
		t.Errorf("the event says %+v", e)
	}
	a.passes(f)
	if d := a.device(laptop); d.Quarantine != nil || d.Held {
		t.Errorf("it was cut off for that: %+v", d.Quarantine)
	}
}

// TestWhoIsNewIsHeldUntilAllowed, where the owner wants that; who was there before is not, after a restart neither.
func TestWhoIsNewIsHeldUntilAllowed(t *testing.T) {
	home := ownHome(t, "cam", "laptop", "phone")
	watchFW4(t, home)
	a := returning(t, home, func(o options) options { return append(o, "option new_devices 'hold'") })
	phone := home.Device("phone")
	before := a.lastEvent()
	t.Logf("held %v after it had its MAC", a.become(phone, otherMAC, func(d ui.Device) bool {
		return d.Held && d.Quarantine != nil && d.Quarantine.InForce
	}))
	f := count(t, home, phone, "udp4")
	a.allStopped([]*flow{f})()
	if newest := f.newest(); newest > 0 {
		t.Errorf("number %d of a new device arrived before it was allowed", newest)
	}
	if e := a.eventAfter(before, "device", "no internet until you allow it"); *e.Device != otherMAC {
		t.Errorf("the event says %+v", e)
	}
	for _, d := range home.Devices() {
		if now := a.device(d); now.Held || now.Quarantine != nil {
			t.Errorf("%s was there before, and is %+v", d.Name, now.Quarantine)
		}
	}
	var now ui.Device
	a.ask(http.MethodDelete, "devices/"+otherMAC+"/quarantine", "", &now)
	if now.Held || now.Quarantine != nil {
		t.Errorf("after it was allowed it is %+v", now)
	}
	a.crash()
	a.start()
	a.allowed(otherMAC, f)
	a.passes(f)
}

// TestWhoWasThereAtTheFirstStartStays: a device that is heard some seconds after the very first start is not new, and
// neither is it to the next run after a crash.
func TestWhoWasThereAtTheFirstStartStays(t *testing.T) {
	home := ownHome(t, "cam", "laptop")
	a := prepare(t, home, func(o options) options { return append(o, "option new_devices 'hold'") })
	a.start()
	for _, d := range home.Devices() {
		a.device(d)
	}
	file := filepath.Join(filepath.Dir(a.config), "state", "devices")
	written := func(mac string) func() bool {
		return func() bool {
			text, err := os.ReadFile(file)
			return err == nil && strings.Contains(string(text), mac)
		}
	}
	a.eventually("the first devices are written down", written(home.Device("cam").MAC))
	a.become(home.Device("laptop"), otherMAC, func(ui.Device) bool { return true })
	a.eventually("the next is too", written(otherMAC))
	f := count(t, home, home.Device("laptop"), "udp4")
	a.crash()
	a.start()
	a.allowed(otherMAC, f)
	if sent, arrived := f.stop(); sent != arrived {
		t.Errorf("%d sent, %d arrived", sent, arrived)
	}
}

// crash kills the agent.
func (a *agent) crash() {
	a.t.Helper()
	a.signal(syscall.SIGKILL)
	a.wait()
	a.stderr.reset()
}

// allowed wants a device to be known and not held, also after it has sent for a while.
func (a *agent) allowed(mac string, f *flow) {
	a.t.Helper()
	a.eventually("the device is known", func() bool {
		return slices.ContainsFunc(a.devices(), func(d ui.Device) bool { return d.MAC == mac })
	})
	began := f.sent()
	a.eventually("it sends", func() bool { return f.sent() > began+still })
	for _, d := range a.devices() {
		if d.MAC == mac && (d.Held || d.Quarantine != nil) {
			a.t.Errorf("%s is cut off: %+v", d.Name, d.Quarantine)
		}
	}
}
