package firewall

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"spinneret/openwrt/lab"
)

// The end of a quarantine is in the kernel: it comes when the agent no longer runs.
func TestAQuarantineEndsWithoutUs(t *testing.T) {
	h := startHouse(t, lab.Options{})
	s := udpStream(t, "cam to the internet", h.cam.NS, h.Internet(), port(h.server4, 9000))
	short, long := cut(t, h.cam), cut(t, h.tv)
	short.Until = time.Now().Add(1500 * time.Millisecond)
	apply(t, h.firewall, h.state(short, long))
	last := s.sent.Load()
	if p := h.proof(t, h.cam); !p.InForce {
		t.Fatal("not in force before its end")
	}
	eventually(t, "it ends by itself", func() bool { return s.goesOnFrom(last + 1) })
	if h.proof(t, h.cam).InForce || !h.proof(t, h.tv).InForce {
		t.Error("the one that ended is still in force, or the other no longer")
	}
	if time.Now().Before(short.Until.Add(-20 * time.Millisecond)) { // the kernel counts in jiffies
		t.Error("it ended before its time")
	}
	apply(t, h.firewall, h.state(short, long)) // the kernel has dropped its elements meanwhile
}

func TestSeveralQuarantinesOfOneDeviceAddUp(t *testing.T) {
	h := startHouse(t, lab.Options{})
	s := udpStream(t, "cam to the internet", h.cam.NS, h.Internet(), port(h.server4, 9000))
	first, second := cut(t, h.cam), cut(t, h.cam)
	second.ID = "second"
	apply(t, h.firewall, h.state(first))
	eventually(t, "something is refused", func() bool { return h.proof(t, h.cam).Refused.Packets > 20 })
	apply(t, h.firewall, h.state(first, second))
	eventually(t, "both count", func() bool { return h.proofOf(t, "second").Refused.Packets > 20 })
	if a, b := h.proof(t, h.cam).Refused, h.proofOf(t, "second").Refused; a.Packets < b.Packets+20 {
		t.Errorf("the first counted %d packets and the second %d: the first began earlier", a.Packets, b.Packets)
	}

	counted := h.proofOf(t, "second").Refused.Packets
	apply(t, h.firewall, h.state(second))
	last := s.sent.Load()
	eventually(t, "the second goes on counting from where it was", func() bool {
		return h.proofOf(t, "second").Refused.Packets > counted+50
	})
	if s.goesOnFrom(last + 1) {
		t.Error("the device was free although one quarantine was left")
	}
	if _, left := h.counters(t).Quarantines[first.ID]; left {
		t.Error("the released quarantine is still counted")
	}

	written := h.proofOf(t, "second")
	eventually(t, "more is refused", func() bool { return h.proofOf(t, "second").Refused.Packets > written.Refused.Packets+20 })
	s.stop()
	counted = h.proofOf(t, "second").Refused.Packets
	next, err := Open(Options{NetNS: h.Router().FD()})
	if err != nil {
		t.Fatal(err)
	}
	next.Continue(map[string]Proof{"second": written})
	apply(t, next, h.state(second))
	if p := proof(t, next, "second"); p.Refused.Packets < counted || p.Refused.Packets > counted+20 || p.Shown.Packets > 20 {
		t.Errorf("after a run that was killed at %d packets, the next one counts from %+v", counted, p)
	}
}

func TestAStateThatIsNotAcceptedChangesNothing(t *testing.T) {
	h := startHouse(t, lab.Options{})
	apply(t, h.firewall, h.state(cut(t, h.cam)))
	before := listing(t, h.Router())

	bad := h.state(cut(t, h.cam), Quarantine{ID: "x", Level: Full})
	if err := h.firewall.Apply(t.Context(), bad); err == nil {
		t.Error("a quarantine without a MAC was accepted")
	}
	// The kernel refuses the last rule of a transaction that would set the device free, and with it everything.
	tables := render(h.state(cut(t, h.tv)), h.firewall.kernel, time.Now())
	tables[len(tables)-1].addChain("broken", nil, say("", iifIn("nowhere"), drop()))
	began := time.Now()
	err := h.firewall.rebuildLocked(t.Context(), tables, ours, false)
	if !errors.Is(err, unix.ENOENT) {
		t.Errorf("transaction with a rule that cannot be: %v, want ENOENT", err)
	}
	if took := time.Since(began); took >= callDeadline {
		t.Errorf("it took %v to say so", took)
	}
	if d := cmp.Diff(before, listing(t, h.Router())); d != "" {
		t.Errorf("something changed (-before +after):\n%s", d)
	}
	if !h.proof(t, h.cam).InForce {
		t.Error("the quarantine before it is no longer in force")
	}
}

func TestTablesThatSomebodyDeletedAreNoticedAndComeBack(t *testing.T) {
	h := startHouse(t, lab.Options{})
	state := h.state(cut(t, h.cam))
	var losses atomic.Int32
	end := h.watch(t, func() {
		losses.Add(1)
		apply(t, h.firewall, state)
	})
	apply(t, h.firewall, state)
	want := listing(t, h.Router())
	for i, harm := range []string{
		"delete table inet spinneret",
		"delete table bridge spinneret",
		"flush chain bridge spinneret from_full",
		"insert rule bridge spinneret prerouting accept",
		"flush ruleset",
	} {
		run(t, h.Router(), harm, "nft", "-f", "-")
		eventually(t, "after "+harm+" somebody is told", func() bool { return int(losses.Load()) == i+1 })
		eventually(t, "after "+harm+" it is in force again", func() bool { return h.proof(t, h.cam).InForce })
	}
	if !strings.HasSuffix(want, listing(t, h.Router())) { // the last harm took fw4 as well
		t.Errorf("the tables are not what they were:\n%s", listing(t, h.Router()))
	}
	told := losses.Load()
	apply(t, h.firewall, h.state())
	apply(t, h.firewall, state)
	run(t, h.Router(), "add table inet other", "nft", "-f", "-")
	end()
	if losses.Load() != told {
		t.Errorf("told %d times more, of changes that were our own or did not concern us", losses.Load()-told)
	}
}

// An Apply for another reason may find the harm first, and mend it.
func TestHarmThatAChangeMendsIsToldToo(t *testing.T) {
	h := startHouse(t, lab.Options{})
	state := h.state(cut(t, h.cam))
	apply(t, h.firewall, state)
	var losses atomic.Int32
	end := h.watch(t, func() { losses.Add(1) })
	for i := range int32(2) {
		h.firewall.mu.Lock() // Watch has to wait
		run(t, h.Router(), "delete table bridge spinneret", "nft", "-f", "-")
		err := h.firewall.commitLocked(t.Context(), state)
		h.firewall.mu.Unlock()
		if err != nil {
			t.Fatal(err)
		}
		eventually(t, "it is told after the change", func() bool { return losses.Load() == i+1 })
	}
	run(t, h.Router(), "delete table bridge spinneret; add table inet other", "nft", "-f", "-")
	eventually(t, "it is told without a change", func() bool { return losses.Load() == 3 })
	run(t, h.Router(), "add table inet another", "nft", "-f", "-")
	apply(t, h.firewall, state)
	end()
	if told := losses.Load(); told != 3 {
		t.Errorf("told %d times in all of three harms", told)
	}
}

// watch starts Watch; it listens already. It returns a function that ends it.
func (h *house) watch(t *testing.T, fn func()) (end func()) {
	t.Helper()
	c, err := h.firewall.sockets.listen()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	doneC := make(chan error)
	go func() { doneC <- h.firewall.watch(ctx, c, fn) }()
	return func() {
		t.Helper()
		cancel()
		if err := <-doneC; err != nil {
			t.Error(err)
		}
	}
}

func TestARuleDeletedBehindOurBackIsNoLongerInForce(t *testing.T) {
	h := startHouse(t, lab.Options{})
	q := cut(t, h.cam)
	for _, harm := range []string{
		"flush chain bridge spinneret prerouting",
		"delete table inet spinneret",
		"delete element bridge spinneret full { " + h.cam.MAC + " }",
		"delete element inet spinneret full_refused { " + h.cam.MAC + " }",
	} {
		apply(t, h.firewall, h.state(q))
		if !h.proof(t, h.cam).InForce {
			t.Fatalf("not in force before %q", harm)
		}
		run(t, h.Router(), harm, "nft", "-f", "-")
		if h.proof(t, h.cam).InForce {
			t.Errorf("still said to be in force after %q", harm)
		}
	}
}

// The same tables with the same numbers of rules, but they let everything pass.
func TestTablesThatSomebodyMadeInOurNameAreNotOurs(t *testing.T) {
	h := startHouse(t, lab.Options{})
	apply(t, h.firewall, h.state(cut(t, h.cam)))
	forged := "delete table bridge spinneret\n" +
		strings.ReplaceAll(run(t, h.Router(), "", "nft", "list", "table", "bridge", "spinneret"), " drop", " accept")
	run(t, h.Router(), forged, "nft", "-f", "-")
	if h.proof(t, h.cam).InForce {
		t.Error("still said to be in force")
	}
	apply(t, h.firewall, h.state(cut(t, h.cam)))
	if !h.proof(t, h.cam).InForce || strings.Contains(listing(t, h.Router()), "full_refused accept") {
		t.Error("the forged tables were left")
	}
}

func TestANewRunAdoptsWhatIsInForce(t *testing.T) {
	h := startHouse(t, lab.Options{})
	state := h.state(cut(t, h.cam))
	apply(t, h.firewall, state)
	s := udpStream(t, "tv to the internet", h.tv.NS, h.Internet(), port(h.server4, 9000))
	want := listing(t, h.Router())

	next, err := Open(Options{NetNS: h.Router().FD()})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, listing(t, h.Router())); d != "" {
		t.Errorf("Open changed something:\n%s", d)
	}
	apply(t, next, state)
	if d := cmp.Diff(want, listing(t, h.Router())); d != "" {
		t.Errorf("the first Apply of a new run changed something:\n%s", d)
	}
	s.stop()
	eventually(t, "others lost nothing", func() bool { return s.received.Load() == s.sent.Load() })
	if err := next.Remove(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left := listing(t, h.Router()); strings.Contains(left, "spinneret") {
		t.Errorf("Remove left\n%s", left)
	}
}

func (h *house) counters(t *testing.T) Counters {
	t.Helper()
	c, err := h.firewall.Counters(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (h *house) proofOf(t *testing.T, id string) Proof {
	t.Helper()
	return h.counters(t).Quarantines[id]
}
