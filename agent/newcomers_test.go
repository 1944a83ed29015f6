package agent

import (
	"strings"
	"testing"
	"time"

	"spinneret/openwrt/uci"
	"spinneret/ui"
)

// join lets another device appear among the neighbours.
func (b bubble) join(n int) {
	b.netC.put(neighbourhood(n))
	time.Sleep(3 * time.Second)
}

func (b bubble) policy(newDevices string) {
	if err := b.do(b.Context(), func() { b.options.NewDevices = newDevices }); err != nil {
		b.Fatal(err)
	}
}

func TestWhoWasThereFirstIsNotHeld(t *testing.T) {
	k := &fakeKernel{}
	inBubble(t, 3, k, func(b bubble) {
		b.policy(uci.NewHold)
		b.join(4)
		for i := range 4 {
			if k.holds(macOf(i)) {
				t.Errorf("device %d was there within seconds of the first start, and is held", i)
			}
		}
	})
}

func TestAHeldDeviceWaitsForTheOwner(t *testing.T) {
	k := &fakeKernel{}
	inBubble(t, 1, k, func(b bubble) {
		b.policy(uci.NewHold)
		time.Sleep(settling)
		b.join(2)
		d, err := b.Device(b.Context(), macOf(1).String())
		if err != nil || !d.Held || d.Quarantine == nil || d.Quarantine.Level != "internet" || !k.holds(macOf(1)) {
			b.Fatalf("the new device is %+v, %v: want it held from the internet", d, err)
		}
		told := b.told("device")
		if last := told[len(told)-1]; !strings.Contains(last, "no internet until you allow it") {
			b.Errorf("the owner is told %q", last)
		}
		if d, err = b.Release(b.Context(), macOf(1).String(), "owner"); err != nil || d.Held || k.holds(macOf(1)) {
			b.Errorf("allowed, it is %+v, %v", d, err)
		}
		b.join(2)
		if k.holds(macOf(1)) {
			b.Error("it is held again after it was allowed")
		}
	})
}

func TestAllowSaysNothingAndTellOnlyTells(t *testing.T) {
	k := &fakeKernel{}
	inBubble(t, 1, k, func(b bubble) {
		time.Sleep(settling)
		before := len(b.told("device"))
		b.policy(uci.NewAllow)
		b.join(2)
		if n := len(b.told("device")); n != before {
			b.Errorf("allow told of %d devices", n-before)
		}
		b.policy(uci.NewTell)
		b.join(3)
		if n := len(b.told("device")); n != before+1 || k.holds(macOf(2)) {
			b.Errorf("tell told of %d devices, held: %v", n-before, k.holds(macOf(2)))
		}
	})
}

// TestTheDeviceInHandIsAskedAboutTwice asks from the device itself.
func TestTheDeviceInHandIsAskedAboutTwice(t *testing.T) {
	k := &fakeKernel{}
	inBubble(t, 2, k, func(b bubble) {
		from := "192.168.1.10:50000" // device 0
		if _, err := b.cut(0, ui.QuarantineOrder{Asker: from}); code(t, err) != "409 own-device" {
			b.Errorf("cutting itself off got %v, want to be asked", err)
		}
		if _, err := b.cut(1, ui.QuarantineOrder{Asker: from}); err != nil {
			b.Errorf("cutting another off got %v", err)
		}
		if _, err := b.cut(0, ui.QuarantineOrder{Asker: from, Acknowledge: true}); err != nil || !k.holds(macOf(0)) {
			b.Errorf("meant, it got %v", err)
		}
	})
}

func TestMadeUpMACsDoNotFillTheBook(t *testing.T) {
	k := &fakeKernel{}
	inBubble(t, 1, k, func(b bubble) {
		b.policy(uci.NewHold)
		time.Sleep(settling)
		b.join(maxHeld + 20)
		held := 0
		if err := b.do(b.Context(), func() { held = b.holding() }); err != nil || held > maxHeld {
			b.Errorf("%d devices are held, %v: want no more than %d", held, err, maxHeld)
		}
		alarms := 0
		for _, text := range b.told("device") {
			if strings.Contains(text, "makes up MACs") {
				alarms++
			}
		}
		if alarms != 1 {
			b.Errorf("the owner is told %d times, want once a minute", alarms)
		}
	})
}
