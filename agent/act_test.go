package agent

import (
	"slices"
	"strings"
	"testing"
	"time"

	"spinneret/agent/decide"
	"spinneret/anomaly"
	"spinneret/openwrt/firewall"
	"spinneret/ui"
)

// acting sets what the owner wants, and lets habits count at once.
func (b bubble) acting(learning time.Duration, actions ...decide.Action) {
	b.Helper()
	err := b.do(b.Context(), func() {
		b.options.Actions = actions
		b.detector = anomaly.New(anomaly.Config{Party: b.party, Learning: learning})
	})
	if err != nil {
		b.Fatal(err)
	}
}

var cutWarnings = decide.Action{Severity: 1, Level: "internet", For: 10 * time.Minute}

// TestADeviceIsHeldBackByItself within a second, with an event, a way back, and an end.
func TestADeviceIsHeldBackByItself(t *testing.T) {
	inBubble(t, 2, &fakeKernel{}, func(b bubble) {
		b.acting(-1, cutWarnings)
		b.telnets(0, "198.51.100.9")
		d, err := b.Device(b.Context(), macOf(0).String())
		if err != nil || d.Quarantine == nil || d.Quarantine.Source != "anomaly" || d.Quarantine.Level != "internet" || !d.Quarantine.InForce {
			t.Fatalf("it is %+v, %v", d.Quarantine, err)
		}
		if left := d.Quarantine.Until.Sub(d.Quarantine.Since.Time); left != 10*time.Minute {
			t.Errorf("it is held back for %v", left)
		}
		list, _, _ := b.Events(b.Context(), 0, 1000)
		at := slices.IndexFunc(list, func(e ui.Event) bool { return e.Kind == "quarantine" })
		if at < 0 || list[at].Undo == nil || !strings.HasSuffix(list[at].Undo.Path, "/quarantine?source=anomaly") || !strings.Contains(list[at].Text, "tried telnet") ||
			!strings.HasPrefix(string(list[at].Say), `["wild.internet",`) || !strings.HasPrefix(string(d.Quarantine.Say), `["did",`) {
			t.Errorf("the events are %+v", list)
		}
		if other, _ := b.Device(b.Context(), macOf(1).String()); other.Quarantine != nil {
			t.Errorf("the other device is %+v", other.Quarantine)
		}
		time.Sleep(10 * time.Minute)
		if d, _ := b.Device(b.Context(), macOf(0).String()); d.Quarantine != nil {
			t.Errorf("after its time it is %+v", d.Quarantine)
		}
	})
}

// TestWhoIsNotHeldBack: who is learned, who is trusted, who was let back in, and who is told of only.
func TestWhoIsNotHeldBack(t *testing.T) {
	trusted, tell := true, "tell"
	for name, c := range map[string]struct {
		learning time.Duration
		edit     ui.DeviceEdit
	}{
		"while it is learned":    {learning: time.Hour},
		"where it is trusted":    {-1, ui.DeviceEdit{Trusted: &trusted}},
		"where it is only told":  {-1, ui.DeviceEdit{OnFinding: &tell}},
		"where it was let in by": {learning: -1},
	} {
		inBubble(t, 1, &fakeKernel{}, func(b bubble) {
			action := cutWarnings
			if c.edit.OnFinding != nil {
				action.Severity = 2 // it is a warning
			}
			b.acting(c.learning, action)
			if _, err := b.EditDevice(b.Context(), macOf(0).String(), c.edit); err != nil {
				t.Fatal(err)
			}
			b.telnets(0, "198.51.100.9")
			if strings.Contains(name, "let in") {
				if _, err := b.Release(b.Context(), macOf(0).String(), "anomaly"); err != nil {
					t.Fatal(err)
				}
				b.telnets(0, "198.51.100.9")
			}
			if d, _ := b.Device(b.Context(), macOf(0).String()); d.Quarantine != nil {
				t.Errorf("%s it is %+v", name, d.Quarantine)
			}
			if told := b.told("finding"); len(told) != 1 {
				t.Errorf("%s was told %q", name, told)
			}
		})
	}
}

// twoFlowsStop has the first device be held back for what it sends to two addresses.
func (b bubble) twoFlowsStop() {
	action := cutWarnings
	action.Level = "flow"
	b.acting(-1, action)
	b.telnets(0, "198.51.100.9")
	b.telnets(0, "198.51.100.10")
}

// TestThatTrafficAloneIsStopped, of all findings of a device.
func TestThatTrafficAloneIsStopped(t *testing.T) {
	inBubble(t, 1, &fakeKernel{}, func(b bubble) {
		b.twoFlowsStop()
		d, _ := b.Device(b.Context(), macOf(0).String())
		if d.Quarantine == nil || len(d.Quarantines) != 1 || strings.Join(d.Quarantine.To, " ") != "198.51.100.10:23/tcp 198.51.100.9:23/tcp" {
			t.Errorf("it is %+v", d.Quarantines)
		}
	})
}

// TestAHomeDoesNotLoseAllItsDevices where many go wild at once.
func TestAHomeDoesNotLoseAllItsDevices(t *testing.T) {
	inBubble(t, 9, &fakeKernel{}, func(b bubble) {
		b.acting(-1, cutWarnings)
		for i := range 9 {
			b.telnets(i, "198.51.100.9")
		}
		held := 0
		for i := range 9 {
			if d, _ := b.Device(b.Context(), macOf(i).String()); d.Quarantine != nil {
				held++
			}
		}
		if held != maxActed {
			t.Errorf("%d of 9 are held back, want %d", held, maxActed)
		}
		told := slices.DeleteFunc(b.told("finding"), func(s string) bool { return !strings.Contains(s, "is not held back by itself") })
		if len(told) != 9-maxActed {
			t.Errorf("of the others is told %q", told)
		}
	})
}

// TestWhatIsFineIsLetBack at once, but for what the device did beside it; when the owner's word is taken back and it
// goes on, the device is held back again.
func TestWhatIsFineIsLetBack(t *testing.T) {
	inBubble(t, 1, &fakeKernel{}, func(b bubble) {
		b.twoFlowsStop()
		held := func() string {
			d, _ := b.Device(b.Context(), macOf(0).String())
			if d.Quarantine == nil {
				return ""
			}
			return strings.Join(d.Quarantine.To, " ")
		}
		judge := func(id int64, fine bool, want string) {
			t.Helper()
			f, err := b.JudgeFinding(b.Context(), id, fine)
			if err != nil || fine && (f.State != "fine" || f.HeldBack != nil) || held() != want {
				t.Errorf("finding %d is %+v, %v, and stopped is %q, want %q", id, f, err, held(), want)
			}
		}
		if list, _ := b.Findings(b.Context()); len(list) != 2 || list[0].HeldBack == nil || *list[0].HeldBack != "flow" {
			t.Fatalf("the findings are %+v", list)
		}
		judge(1, true, "198.51.100.10:23/tcp")
		judge(2, true, "")
		told := b.told("release")
		if len(told) != 2 || !strings.Contains(told[0], " stays held back for what else it did: ") || !strings.Contains(told[1], " was let back in: the owner said that it is fine that it tried telnet at 198.51.100.10") {
			t.Errorf("told was %q", told)
		}
		judge(2, false, "")
		b.telnets(0, "198.51.100.10")
		if held() != "198.51.100.10:23/tcp" {
			t.Errorf("it goes on, and stopped is %q", held())
		}
	})
}

// TestTheFirstOfTwoFindingsIsAsGoodToLetBack: what the owner says of it is about the second too.
func TestTheFirstOfTwoFindingsIsAsGoodToLetBack(t *testing.T) {
	inBubble(t, 1, &fakeKernel{}, func(b bubble) {
		b.acting(-1, cutWarnings)
		b.telnets(0, "198.51.100.9")
		time.Sleep(2 * time.Hour)
		b.telnets(0, "198.51.100.9")
		if list, _ := b.Findings(b.Context()); len(list) != 2 || list[0].HeldBack != nil || list[1].HeldBack == nil {
			t.Fatalf("the findings are %+v", list)
		}
		if _, err := b.JudgeFinding(b.Context(), 1, true); err != nil {
			t.Fatal(err)
		}
		b.telnets(0, "198.51.100.9")
		if d, _ := b.Device(b.Context(), macOf(0).String()); d.Quarantine != nil {
			t.Errorf("what is fine is held back: %+v", d.Quarantine)
		}
	})
}

// TestWhatIsFineStaysHeldBackWhereTheKernelRefuses, and is not called fine then.
func TestWhatIsFineStaysHeldBackWhereTheKernelRefuses(t *testing.T) {
	k := &fakeKernel{}
	inBubble(t, 1, k, func(b bubble) {
		b.acting(-1, cutWarnings)
		b.telnets(0, "198.51.100.9")
		k.set(func() { k.refuse = func(firewall.State) error { return errRefused } })
		if _, err := b.JudgeFinding(b.Context(), 1, true); code(t, err) != "503 firewall" {
			t.Errorf("the answer is %v", err)
		}
		if list, _ := b.Findings(b.Context()); list[0].State != "open" || list[0].HeldBack == nil {
			t.Errorf("the finding is %+v", list[0])
		}
	})
}

// TestWhatIsFineIsNotHeldBackLater: the owner was quicker than the firewall, which was busy with another change.
func TestWhatIsFineIsNotHeldBackLater(t *testing.T) {
	k := &fakeKernel{}
	inBubble(t, 2, k, func(b bubble) {
		b.acting(-1, cutWarnings)
		k.set(func() { k.takes = applyDeadline - time.Millisecond })
		busy := make(chan error)
		go func() {
			_, err := b.cut(1, ui.QuarantineOrder{})
			busy <- err
		}()
		b.telnets(0, "198.51.100.9")
		f, err := b.JudgeFinding(b.Context(), 1, true)
		if err != nil || f.State != "fine" || b.kernel.holds(macOf(0)) {
			t.Errorf("the finding is %+v, %v", f, err)
		}
		time.Sleep(2 * applyDeadline)
		if told := append(b.told("quarantine"), b.told("release")...); <-busy != nil || len(told) != 1 || b.kernel.holds(macOf(0)) {
			t.Errorf("told was %q", told)
		}
	})
}

// TestWhatIsFineLetsADeviceInByEachMAC that it had.
func TestWhatIsFineLetsADeviceInByEachMAC(t *testing.T) {
	inBubble(t, 2, &fakeKernel{}, func(b bubble) {
		b.acting(-1, cutWarnings)
		b.telnets(0, "198.51.100.9")
		time.Sleep(time.Minute)
		if _, err := b.Inherit(b.Context(), macOf(1).String(), ui.InheritOrder{From: macOf(0).String()}); err != nil || !b.kernel.holds(macOf(1)) {
			t.Fatalf("it is not held back under its new MAC: %v", err)
		}
		if _, err := b.JudgeFinding(b.Context(), 1, true); err != nil || b.kernel.holds(macOf(0)) || b.kernel.holds(macOf(1)) {
			t.Errorf("it is not let back in: %v", err)
		}
	})
}
