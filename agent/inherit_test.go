package agent

import (
	"strings"
	"testing"
	"time"

	"spinneret/openwrt/firewall"
	"spinneret/ui"
)

// TestADeviceUnderANewMACIsTheSameOnTheOwnersWord: what was said and learned of it goes over, and it stays cut off.
func TestADeviceUnderANewMACIsTheSameOnTheOwnersWord(t *testing.T) {
	inBubble(t, 3, &fakeKernel{}, func(b bubble) {
		b.learns()
		old, fresh := macOf(0).String(), macOf(1).String()
		name := "Anna's phone"
		if _, err := b.EditDevice(b.Context(), old, ui.DeviceEdit{Name: &name}); err != nil {
			t.Fatal(err)
		}
		b.telnets(0, "198.51.100.9")
		if _, err := b.AssignMUD(b.Context(), old, ui.MUDOrder{File: []byte(lampFile)}); err != nil {
			t.Fatal(err)
		}
		if _, err := b.cut(0, ui.QuarantineOrder{}); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Inherit(b.Context(), fresh, ui.InheritOrder{From: old}); code(t, err) != "409 in-use" {
			t.Errorf("while the old one is here: %v", err)
		}
		time.Sleep(time.Minute)
		inHand := "192.168.1.11:50000" // device 1, which would be cut off too
		if _, err := b.Inherit(b.Context(), fresh, ui.InheritOrder{From: old, Asker: inHand}); code(t, err) != "409 own-device" {
			t.Errorf("of the device in hand: %v, want to be asked", err)
		}
		d, err := b.Inherit(b.Context(), fresh, ui.InheritOrder{From: old, Asker: inHand, Acknowledge: true})
		if err != nil || d.Name != name || d.Quarantine == nil || d.Quarantine.Level != "full" || !d.Quarantine.InForce || !b.kernel.holds(macOf(1)) {
			t.Fatalf("it is %+v, %v", d, err)
		}
		if was, _ := b.Device(b.Context(), old); was.Quarantine == nil || was.Name == name || !was.Ignored {
			t.Errorf("the old one is %+v", was)
		}
		if m, err := b.MUD(b.Context(), fresh); err != nil || m.Mode != "enforce" || m.State != "active" {
			t.Errorf("it is held to %+v, %v", m, err)
		}
		time.Sleep(2 * time.Second)
		if p, ok := b.held(macOf(1)); !ok || p.Mode != firewall.Enforce {
			t.Errorf("the kernel holds it to %+v", p)
		}
		if k, err := b.Habits(b.Context(), fresh); err != nil || !strings.HasPrefix(k.Text, "learning, ") {
			t.Errorf("learned of it is %+v, %v", k, err)
		}
		if told := b.told("audit"); len(told) != 2 || !strings.Contains(told[1], " is Anna's phone under a new MAC") {
			t.Errorf("told was %q", told)
		}
		for from, want := range map[string]string{fresh: "422 invalid", "02:99:99:99:99:99": "404 unknown-device"} {
			if _, err := b.Inherit(b.Context(), fresh, ui.InheritOrder{From: from}); code(t, err) != want {
				t.Errorf("of %s: %v, want %s", from, err, want)
			}
		}
	})
}
