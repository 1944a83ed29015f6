package agent

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"spinneret/openwrt/firewall"
	"spinneret/ui"
)

func TestAChangeThatTheKernelRefusesIsForgottenWhole(t *testing.T) {
	refusing := true
	k := &fakeKernel{refuse: func(s firewall.State) error {
		if refusing && len(s.Quarantines) > 0 {
			return errRefused
		}
		return nil
	}}
	inBubble(t, 2, k, func(b bubble) {
		_, err := b.cut(0, ui.QuarantineOrder{})
		if got := code(b.T, err); got != "503 firewall" {
			b.Fatalf("the answer is %q, want 503 firewall", got)
		}
		d, err := b.Device(b.Context(), macOf(0).String())
		if err != nil || d.Quarantine != nil || len(b.told("quarantine")) != 0 {
			b.Errorf("it left traces: %+v, events %q, %v", d.Quarantine, b.told("quarantine"), err)
		}
		k.set(func() { refusing = false })
		d, err = b.cut(1, ui.QuarantineOrder{})
		if err != nil || d.Quarantine == nil || !d.Quarantine.InForce || !k.holds(macOf(1)) || k.holds(macOf(0)) {
			b.Errorf("the next order got %+v, %v", d.Quarantine, err)
		}
	})
}

// TestFiftyOrdersAtOnceGetTheirOwnAnswers cuts off and releases many devices at the same time; the kernel refuses
// each fifth.
func TestFiftyOrdersAtOnceGetTheirOwnAnswers(t *testing.T) {
	const n = 50
	bad := func(i int) bool { return i%5 == 0 }
	k := &fakeKernel{takes: 10 * time.Millisecond, refuse: func(s firewall.State) error {
		for i := range n {
			if bad(i) && slices.ContainsFunc(s.Quarantines, func(q firewall.Quarantine) bool { return q.MAC == macOf(i) }) {
				return errRefused
			}
		}
		return nil
	}}
	inBubble(t, n, k, func(b bubble) {
		var callers sync.WaitGroup
		for i := range n {
			callers.Go(func() {
				d, err := b.cut(i, ui.QuarantineOrder{Why: macOf(i).String()})
				if got := code(b.T, err); bad(i) != (got == "503 firewall") {
					b.Errorf("device %d got %q", i, got)
				}
				if !bad(i) && (d.MAC != macOf(i).String() || d.Quarantine == nil || !d.Quarantine.InForce || d.Quarantine.Why != d.MAC || !k.holds(macOf(i))) {
					b.Errorf("device %d got %+v", i, d)
				}
				d, err = b.Release(b.Context(), macOf(i).String(), "")
				if err != nil || d.Quarantine != nil || k.holds(macOf(i)) {
					b.Errorf("the release of device %d got %+v, %v", i, d.Quarantine, err)
				}
			})
		}
		callers.Wait()
		if cut, back := len(b.told("quarantine")), len(b.told("release")); cut != 40 || back != 40 {
			b.Errorf("%d quarantines and %d releases are told of, want 40 each", cut, back)
		}
	})
}

// TestAnOrderDuringAnotherChangeWaitsForItsOwn catches an answer that belongs to what was under way already.
func TestAnOrderDuringAnotherChangeWaitsForItsOwn(t *testing.T) {
	k := &fakeKernel{takes: 100 * time.Millisecond}
	inBubble(t, 1, k, func(b bubble) {
		b.brokenC.put(struct{}{})
		time.Sleep(50 * time.Millisecond) // the rules are being put back
		began := time.Now()
		d, err := b.cut(0, ui.QuarantineOrder{})
		if err != nil || d.Quarantine == nil || !k.holds(macOf(0)) {
			b.Fatalf("the answer is %+v, %v; the kernel holds it: %v", d.Quarantine, err, k.holds(macOf(0)))
		}
		if took := time.Since(began); took != 150*time.Millisecond {
			b.Errorf("it took %v, want the rest of the first change and all of its own, 150 ms", took)
		}
	})
}

func TestMoreOrdersThanTheQueueHoldsAreToldToWait(t *testing.T) {
	k := &fakeKernel{takes: 100 * time.Millisecond}
	inBubble(t, commandQueue+10, k, func(b bubble) {
		var mu sync.Mutex
		answers := map[string]int{}
		var callers sync.WaitGroup
		for i := range commandQueue + 10 {
			callers.Go(func() {
				_, err := b.cut(i, ui.QuarantineOrder{})
				mu.Lock()
				defer mu.Unlock()
				answers[code(b.T, err)]++
			})
		}
		callers.Wait()
		// One is under way while the queue fills.
		if answers[""] != commandQueue+1 || answers["503 busy"] != 9 {
			b.Errorf("the answers are %v", answers)
		}
	})
}

func TestAnOrderEndsByTime(t *testing.T) {
	k := &fakeKernel{}
	inBubble(t, 1, k, func(b bubble) {
		d, err := b.cut(0, ui.QuarantineOrder{For: 90 * time.Second})
		if err != nil || d.Quarantine.Until.Sub(d.Quarantine.Since.Time) != 90*time.Second {
			b.Fatalf("the answer is %+v, %v", d.Quarantine, err)
		}
		time.Sleep(89 * time.Second)
		if !k.holds(macOf(0)) || len(b.told("release")) != 0 {
			b.Error("it ended early")
		}
		time.Sleep(3 * time.Second)
		d, err = b.Device(b.Context(), macOf(0).String())
		if err != nil || d.Quarantine != nil || k.holds(macOf(0)) {
			b.Errorf("after its time: %+v, %v", d.Quarantine, err)
		}
		if got := b.told("release"); len(got) != 1 {
			b.Errorf("its end is told as %q", got)
		}
		if got := b.told("firewall"); len(got) != 0 {
			b.Errorf("somebody is blamed for it: %q", got)
		}
	})
}

// TestANewOrderReplacesTheEarlierOne also moves the end: the later order counts, be it shorter.
func TestANewOrderReplacesTheEarlierOne(t *testing.T) {
	k := &fakeKernel{}
	inBubble(t, 1, k, func(b bubble) {
		if _, err := b.cut(0, ui.QuarantineOrder{}); err != nil {
			b.Fatal(err)
		}
		d, err := b.cut(0, ui.QuarantineOrder{For: time.Minute, Why: "second thoughts"})
		if err != nil || len(d.Quarantines) != 1 || d.Quarantine.Why != "second thoughts" || d.Quarantine.Say != "" || d.Quarantine.Until == nil {
			b.Errorf("the answer is %+v, %v", d.Quarantines, err)
		}
	})
}

// TestAFirewallThatFailsForAWhileIsToldOfTwice wants one event when it begins and one when it is over, however often
// and in whatever words the kernel refused.
func TestAFirewallThatFailsForAWhileIsToldOfTwice(t *testing.T) {
	var failing bool
	words := []error{errRefused, errors.New("busy"), context.DeadlineExceeded}
	k := &fakeKernel{refuse: func(firewall.State) error {
		if !failing {
			return nil
		}
		words = append(words[1:], words[0])
		return words[0]
	}}
	inBubble(t, 1, k, func(b bubble) {
		if _, err := b.cut(0, ui.QuarantineOrder{}); err != nil {
			b.Fatal(err)
		}
		k.set(func() { failing = true })
		b.brokenC.put(struct{}{})
		time.Sleep(30 * time.Second)
		if s, err := b.Status(b.Context()); err != nil || s.Firewall.State != "failed" || s.Firewall.Error == nil {
			b.Errorf("meanwhile the status says %+v, %v", s.Firewall, err)
		}
		k.set(func() { failing = false })
		time.Sleep(3 * time.Second)
		if s, err := b.Status(b.Context()); err != nil || s.Firewall.State != "applied" || s.Firewall.Error != nil {
			b.Errorf("afterwards the status says %+v, %v", s.Firewall, err)
		}
		got := b.told("firewall")
		if len(got) != 3 { // the first tells that the tables were gone
			b.Errorf("the events are %q", got)
		}
		if !k.holds(macOf(0)) {
			b.Error("the quarantine was not put back")
		}
	})
}

func TestAQuarantineThatTheKernelLostIsPutBack(t *testing.T) {
	k := &fakeKernel{}
	inBubble(t, 1, k, func(b bubble) {
		d, err := b.cut(0, ui.QuarantineOrder{})
		if err != nil {
			b.Fatal(err)
		}
		k.set(func() { k.deaf = map[string]bool{d.Quarantine.ID: true} })
		time.Sleep(1500 * time.Millisecond)
		if got := b.told("firewall"); len(got) != 1 || !k.holds(macOf(0)) {
			b.Errorf("it holds: %v, events %q", k.holds(macOf(0)), got)
		}
	})
}

// TestWhatWasReadBeforeAnOrderBlamesNobodyAfterIt: a count from before the order does not know the order.
func TestWhatWasReadBeforeAnOrderBlamesNobodyAfterIt(t *testing.T) {
	k := &fakeKernel{}
	inBubble(t, 1, k, func(b bubble) {
		before, ok := b.enforcer.count(b.Context())
		if !ok {
			b.Fatal("no count")
		}
		var round int
		if err := b.do(b.Context(), func() { round = b.round }); err != nil {
			b.Fatal(err)
		}
		d, err := b.cut(0, ui.QuarantineOrder{})
		if err != nil {
			b.Fatal(err)
		}
		b.enforcer.countC.put(tally{round, before})
		synctest.Wait()
		if got := b.told("firewall"); len(got) != 0 {
			b.Errorf("somebody is blamed: %q", got)
		}
		if d, err = b.Device(b.Context(), d.MAC); err != nil || !d.Quarantine.InForce {
			b.Errorf("the device says %+v, %v", d.Quarantine, err)
		}
	})
}

// TestWhatNobodyWaitsForAnyMoreIsNotDone: it would write to an answer that its caller reads already.
func TestWhatNobodyWaitsForAnyMoreIsNotDone(t *testing.T) {
	inBubble(t, 1, &fakeKernel{}, func(b bubble) {
		enteredC, leaveC := make(chan struct{}), make(chan struct{})
		go func() {
			_ = b.do(context.Background(), func() { close(enteredC); <-leaveC })
		}()
		<-enteredC // the loop is busy
		ctx, cancel := context.WithTimeout(b.Context(), time.Second)
		defer cancel()
		done := false
		if got := code(b.T, b.do(ctx, func() { done = true })); got != "503 busy" {
			b.Errorf("who left got %q", got)
		}
		close(leaveC)
		synctest.Wait()
		if done {
			b.Error("it was done all the same")
		}
	})
}

// TestAnOrderThatTheFirewallCannotTakeIsRefusedAtOnce asks for ICMP of a family that the target is not of.
func TestAnOrderThatTheFirewallCannotTakeIsRefusedAtOnce(t *testing.T) {
	k := &fakeKernel{}
	inBubble(t, 1, k, func(b bubble) {
		applied := k.applied
		q := ui.QuarantineOrder{Level: "flow", To: []string{"2001:db8::1/icmp"}}
		if _, err := b.Quarantine(b.Context(), macOf(0).String(), q); code(t, err) != "422 invalid" {
			b.Errorf("the answer is %v, want 422", err)
		}
		if k.applied != applied {
			b.Error("the kernel was asked")
		}
	})
}
