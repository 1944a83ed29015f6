package agent

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"spinneret/dots"
	"spinneret/dots/wire"
	"spinneret/openwrt/firewall"
	"spinneret/ui"
)

// TestTheRightDeviceStopsAtOnce: not a moment passes in the bubble between the request and the rule.
func TestTheRightDeviceStopsAtOnce(t *testing.T) {
	whileAsked(t, "flow", func(a asks) {
		a.flow(0, 40321)
		a.flow(1, 40400)
		began := time.Now()
		e := a.ask(1, 40321)
		rules := a.rules(0)
		if len(rules) != 1 || rules[0].Level != firewall.Flow || len(rules[0].To) != 1 || rules[0].To[0].FirstPort != 53 || time.Since(began) != 0 {
			t.Fatalf("after %v the kernel holds %+v", time.Since(began), rules)
		}
		if !rules[0].Until.Equal(e.Ends) || len(a.rules(1)) != 0 {
			t.Errorf("until %v; of the other device %+v", rules[0].Until, a.rules(1))
		}
		r := a.request()
		if r.State != "active" || !slices.Equal(r.Devices, []string{macOf(0).String()}) || a.server.status(e) != wire.Mitigated {
			t.Errorf("the request is %+v, its status %d", r, a.server.status(e))
		}
		if want := "outside port 40321 was this device's from 11:57:02 to 11:58:02"; r.Why != want || !strings.HasPrefix(string(r.Say), `["clue.port.was","40321",["@time",`) {
			t.Errorf("why: %q, %s, want %q", r.Why, r.Say, want)
		}
		if time.Sleep(61 * time.Second); a.server.status(e) != wire.Stopped {
			t.Errorf("a minute without a packet the status is %d", a.server.status(e))
		}
		d, err := a.Device(a.Context(), macOf(0).String())
		if err != nil || d.Quarantine == nil || d.Quarantine.Source != "dots" || *d.Quarantine.Provider != "isp" {
			t.Errorf("the device says %+v, %v", d.Quarantine, err)
		}
	})
}

// TestAProviderHearsThatTheDeviceIsStoppedAlready while the owner is still asked, and when it is let back in.
func TestAProviderHearsThatTheDeviceIsStoppedAlready(t *testing.T) {
	whileAsked(t, "ask", func(a asks) {
		a.flow(0, 40321)
		if _, err := a.cut(0, ui.QuarantineOrder{}); err != nil {
			t.Fatal(err)
		}
		e := a.ask(1, 40321)
		time.Sleep(2 * time.Second)
		if r := a.request(); r.State != "asking" || a.server.status(e) != wire.Mitigated {
			t.Errorf("it is %s, and the status %d", r.State, a.server.status(e))
		}
		if _, err := a.Release(a.Context(), macOf(0).String(), "owner"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		if a.server.status(e) != wire.InProgress {
			t.Errorf("let back in, the status is %d", a.server.status(e))
		}
	})
}

func TestWithdrawalAndALongerLife(t *testing.T) {
	whileAsked(t, "flow", func(a asks) {
		a.flow(0, 40321)
		e := a.ask(1, 40321)
		id := a.rules(0)[0].ID
		e.Ends = e.Ends.Add(time.Hour)
		a.petitions.Mitigate(e)
		synctest.Wait()
		if rules := a.rules(0); len(rules) != 1 || !rules[0].Until.Equal(e.Ends) || rules[0].ID != id {
			t.Errorf("asked again: %+v", rules)
		}
		a.petitions.End(e, dots.Withdrawn)
		synctest.Wait()
		if r := a.request(); len(a.rules(0)) != 0 || r.State != "withdrawn" {
			t.Errorf("withdrawn: %+v, the kernel holds %+v", r, a.rules(0))
		}
	})
}

// TestALaterRequestForTheSameHasTheSameDevice: while it is held back no flow of it tells that it is the one, and it
// would be let go.
func TestALaterRequestForTheSameHasTheSameDevice(t *testing.T) {
	whileAsked(t, "ask", func(a asks) {
		a.flow(0, 40321)
		first := a.ask(1, 40321)
		if _, err := a.Decide(a.Context(), a.request().ID, "allow"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Minute)
		a.petitions.End(first, dots.Replaced)
		later := a.ask(2, 40321)
		r, rules := a.request(), a.rules(0)
		if r.State != "active" || len(rules) != 1 || !rules[0].Until.Equal(later.Ends) || a.server.status(later) != wire.Mitigated {
			t.Errorf("the later request is %+v, the kernel holds %+v", r, rules)
		}
		a.petitions.End(later, dots.Withdrawn)
		a.ask(3, 40321)
		if r := a.request(); r.State == "active" || len(a.rules(0)) != 0 {
			t.Errorf("asked anew after a withdrawal: %+v", r)
		}
	})
}

// TestWhatIsAskedAgainIsLookedForAgain: the device may be known by now, or go on.
func TestWhatIsAskedAgainIsLookedForAgain(t *testing.T) {
	whileAsked(t, "flow", func(a asks) {
		e := a.ask(1, 40321)
		time.Sleep(2 * lookAgain)
		again := func() string {
			e.Ends = e.Ends.Add(time.Hour)
			a.petitions.Mitigate(e)
			synctest.Wait()
			time.Sleep(2 * lookAgain)
			return a.request().State
		}
		if got := a.request().State; got != "failed" || again() != "failed" || len(a.told("request")) != 1 {
			t.Errorf("of nobody: %s, told was %q", got, a.told("request"))
		}
		a.flow(0, 40321)
		if got := again(); got != "active" || len(a.rules(0)) != 1 {
			t.Errorf("once the device is there: %s, the kernel holds %+v", got, a.rules(0))
		}
	})
}

// TestAProviderThatIsNoMoreCalledDidNotTakeItsRequestBack: whoever wrote the configuration ended it.
func TestAProviderThatIsNoMoreCalledDidNotTakeItsRequestBack(t *testing.T) {
	whileAsked(t, "flow", func(a asks) {
		a.flow(0, 40321)
		a.petitions.End(a.ask(1, 40321), dots.Orphaned)
		synctest.Wait()
		if r := a.request(); len(a.rules(0)) != 0 || r.State != "released" {
			t.Errorf("the request is %+v, the kernel holds %+v", r, a.rules(0))
		}
	})
}

func TestTwoDevicesAreAskedAbout(t *testing.T) {
	whileAsked(t, "flow", func(a asks) {
		a.flow(0, 40321)
		a.flow(1, 40400)
		e := a.ask(1, 0)
		r := a.request()
		if r.State != "asking" || len(r.Devices) != 2 || r.Why != "2 devices match" || a.server.status(e) != wire.InProgress || len(a.rules(0)) != 0 {
			t.Fatalf("the request is %+v, its status %d", r, a.server.status(e))
		}
		if r, err := a.Decide(a.Context(), r.ID, "allow"); err != nil || r.State != "active" || len(a.rules(0)) != 1 || len(a.rules(1)) != 1 {
			t.Errorf("allowed: %+v, %v", r, err)
		}
		if r, err := a.TakeBack(a.Context(), r.ID); err != nil || r.State != "released" || len(a.rules(0)) != 0 {
			t.Errorf("taken back: %+v, %v", r, err)
		}
		if st, ok := a.server.dismissed(e); !ok || st.Status != wire.ServerEnded || st.Conflict != nil {
			t.Errorf("the provider hears %+v, %v", st, ok)
		}
		if _, err := a.Decide(a.Context(), r.ID, "allow"); code(t, err) != "409 unsupported" {
			t.Errorf("too late: %v", err)
		}
	})
}

func TestWhatTheOwnerCallsLegitimateIsRefusedNextTime(t *testing.T) {
	whileAsked(t, "ask", func(a asks) {
		a.flow(0, 40321)
		e := a.ask(1, 40321)
		r := a.request()
		if r.State != "asking" || !strings.Contains(r.Why, "outside port 40321") {
			t.Fatalf("the request is %+v", r)
		}
		if r, err := a.Decide(a.Context(), r.ID, "legitimate"); err != nil || r.State != "refused" || !r.Legitimate {
			t.Errorf("decided: %+v, %v", r, err)
		}
		if st, ok := a.server.dismissed(e); !ok || st.Conflict == nil || st.Conflict.Cause != wire.LegitimateTraffic {
			t.Errorf("the provider hears %+v, %v", st, ok)
		}
		if !a.petitions.Legitimate(e.Client, e.Request.Scope) {
			t.Error("the same request would be taken again")
		}
		a.flow(0, 40999)
		again := a.ask(2, 40999)
		if st, ok := a.server.dismissed(again); !ok || st.Conflict == nil || a.request().State != "refused" {
			t.Errorf("the same device from another port: %+v, %v, %+v", st, ok, a.request())
		}
		if _, err := a.TakeBack(a.Context(), r.ID); err != nil || a.petitions.Legitimate(e.Client, e.Request.Scope) {
			t.Errorf("taken back, it is still legitimate: %v", err)
		}
	})
}

// TestNobodyFoundIsNotGuessed looks for three seconds, for a flow that has just begun, and then says so.
func TestNobodyFoundIsNotGuessed(t *testing.T) {
	whileAsked(t, "device", func(a asks) {
		e := a.ask(1, 40321)
		if time.Sleep(4 * time.Second); a.request().State != "failed" || a.server.status(e) != wire.Exceeded {
			t.Errorf("the request is %+v, status %d", a.request(), a.server.status(e))
		}
	})
}

func TestTheOwnersReleaseEndsTheRequest(t *testing.T) {
	whileAsked(t, "device", func(a asks) {
		a.flow(0, 40321)
		e := a.ask(1, 40321)
		if rules := a.rules(0); len(rules) != 1 || rules[0].Level != firewall.Full {
			t.Fatalf("the kernel holds %+v", rules)
		}
		if _, err := a.Release(a.Context(), macOf(0).String(), ""); err != nil {
			t.Fatal(err)
		}
		if st, ok := a.server.dismissed(e); !ok || st.Status != wire.ServerEnded || a.request().State != "released" {
			t.Errorf("the provider hears %+v, %v; the request is %+v", st, ok, a.request())
		}
	})
}

// TestAskedAgainTheOwnersWordStands: who was let go is not stopped again unasked.
func TestAskedAgainTheOwnersWordStands(t *testing.T) {
	whileAsked(t, "flow", func(a asks) {
		a.flow(0, 40321)
		a.ask(1, 40321)
		if _, err := a.Release(a.Context(), macOf(0).String(), "dots"); err != nil {
			t.Fatal(err)
		}
		if a.ask(1, 40321); a.request().State != "asking" || len(a.rules(0)) != 0 {
			t.Errorf("asked again: %+v, the kernel holds %+v", a.request(), a.rules(0))
		}
	})
}

// TestAThirdDeviceInAnHourWaits, however loudly its provider asks.
func TestAThirdDeviceInAnHourWaits(t *testing.T) {
	whileAsked(t, "flow", func(a asks) {
		for i := range 3 {
			a.flow(i, uint16(40000+i))
			e := a.ask(uint32(i), uint16(40000+i))
			want := map[int]string{0: "active", 1: "active", 2: "asking"}[i]
			if got := a.request(); got.State != want {
				t.Errorf("device %d: %+v, want %s", i, got, want)
			}
			a.petitions.End(e, dots.Withdrawn)
			synctest.Wait()
		}
	})
}

func TestAKernelThatRefusesIsSaid(t *testing.T) {
	whileAsked(t, "flow", func(a asks) {
		a.flow(0, 40321)
		a.kernel.set(func() { a.kernel.refuse = func(firewall.State) error { return errRefused } })
		e := a.ask(1, 40321)
		if r := a.request(); r.State != "failed" || a.server.status(e) != wire.Exceeded || !strings.Contains(r.Why, errRefused.Error()) {
			t.Errorf("the request is %+v, status %d", r, a.server.status(e))
		}
	})
}

// TestTheOwnerHearsThatCredentialsEnd, in time and not before.
func TestTheOwnerHearsThatCredentialsEnd(t *testing.T) {
	whileAsked(t, "flow", func(a asks) {
		const day = 24 * time.Hour
		for left, told := range map[time.Duration]bool{31 * day: false, 29 * day: true, -day: true} {
			var text strings.Builder
			err := a.do(a.Context(), func() {
				_, before := a.events.Since(0, 0)
				a.sessionsChanged([]dots.Session{{Provider: "isp", State: dots.Down}})
				a.sessionsChanged([]dots.Session{{Provider: "isp", State: dots.Up, Expires: a.now().Add(left)}})
				list, _ := a.events.Since(before, 10)
				for _, e := range list {
					text.WriteString(e.Text.String() + "\n")
				}
			})
			if err != nil || !strings.Contains(text.String(), "is connected") || strings.Contains(text.String(), "are good until 2026-") != told {
				t.Errorf("%v before their end: %v, %q", left, err, text.String())
			}
		}
	})
}
