package agent

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"spinneret/capture"
	"spinneret/capture/account"
	"spinneret/capture/packet"
	"spinneret/openwrt/firewall"
	"spinneret/openwrt/neigh"
)

// fakeBridges is a kernel whose bridges carry ten packets from one device to another each time that it is asked.
type fakeBridges struct {
	fakeKernel
	refusal, failure error // of TryInside, of Passed
	asked            []time.Time
	takes            time.Duration
}

func (k *fakeBridges) TryInside(context.Context) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.refusal
}

func (k *fakeBridges) Passed(_ context.Context, fn func(firewall.Passed)) error {
	time.Sleep(k.takes)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.asked = append(k.asked, time.Now())
	fn(firewall.Passed{Src: macOf(0), Dst: macOf(1), EtherType: 0x88b5, Count: firewall.Count{Packets: 10, Bytes: 600}})
	return k.failure
}

func (k *fakeBridges) Limits() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.refusal != nil {
		return []string{"no bridges here"}
	}
	return nil
}

// inside reports whether the rules in force count inside the bridges.
func (k *fakeBridges) inside() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.state.Log.Inside != 0
}

// bridgedHome runs a test with a home whose LAN is a bridge with a port, in fake time.
func bridgedHome(t *testing.T, k *fakeBridges, maxLevel int, test func(bubble)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		a, err := newAgent(Options{
			LAN: []string{"br-lan"}, MaxLevel: maxLevel, Log: firewall.Log{Group: packetGroup, Inside: insideGroup},
			Now: func() time.Time { return epoch.Add(time.Since(began)) },
		}, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		h := a.home
		h.enforcer = newEnforcer(&k.fakeKernel, func(*savedQuarantines) error { return nil }, h.log)
		a.add("enforcer", h.enforcer.Run)
		h.netC.put(withPort())
		a.account()
		a.tasks = slices.DeleteFunc(a.tasks, func(t Task) bool { return t.Name == "conntrack" }) // the test speaks for it
		a.lookInside(k)
		ctx, cancel := context.WithCancel(context.Background())
		var tasks sync.WaitGroup
		tasks.Go(func() { _ = a.Run(ctx) })
		h.ableC.put(account.Report{Accounting: capture.Able, Events: capture.Able})
		time.Sleep(2 * time.Second)
		test(bubble{t, h, &k.fakeKernel})
		cancel()
		tasks.Wait()
	})
}

func withPort() neigh.Snapshot {
	s := neighbourhood(2)
	s.Links = append(s.Links, neigh.Link{Index: 4, Name: "lan1", MAC: packet.MAC{2, 0, 0, 0, 1, 4}, Master: 3, Up: true})
	return s
}

// level3 is what status says of it.
func (b bubble) level3() (level int, why string) {
	b.Helper()
	s, err := b.Status(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	if w := s.Levels[capture.LevelBridge].Why; w != nil {
		why = *w
	}
	return s.Level, why
}

func (b bubble) wantLevel(level int, why string) {
	b.Helper()
	if gotLevel, gotWhy := b.level3(); gotLevel != level || gotWhy != why {
		b.Errorf("level %d, without level 3 because of %q: want %d, %q", gotLevel, gotWhy, level, why)
	}
}

// TestWhatPassesInsideIsTakenWhileItIsCounted, and what goes wrong is told, and tried again.
func TestWhatPassesInsideIsTakenWhileItIsCounted(t *testing.T) {
	k := &fakeBridges{}
	bridgedHome(t, k, capture.MaxLevel, func(b bubble) {
		b.wantLevel(3, "")
		if !k.inside() {
			t.Error("the rules do not count inside the bridges")
		}
		sent := func() uint64 {
			d, err := b.Device(b.Context(), macOf(0).String())
			if err != nil {
				t.Fatal(err)
			}
			return d.TxBytes
		}
		before := sent()
		time.Sleep(3 * time.Second)
		if got := sent() - before; got%600 != 0 || got < 2*600 || got > 4*600 { // both are looked at once a second
			t.Errorf("%d bytes in three seconds, want about 1800", got)
		}
		k.set(func() { k.failure, k.refusal = errors.New("the kernel is ill"), firewall.ErrNoBridge })
		time.Sleep(2 * time.Second)
		b.wantLevel(2, "the kernel is ill")
		time.Sleep(reopenEvery)
		b.wantLevel(2, "no bridge nf_tables: install kmod-nft-bridge")
		if s, err := b.Status(b.Context()); err != nil || !slices.Contains(s.BlindSpots, "no bridges here") {
			t.Errorf("the blind spots are %v, %v", s.BlindSpots, err)
		}
		if k.inside() {
			t.Error("the rules count on")
		}
		k.set(func() { k.failure, k.refusal = nil, nil })
		time.Sleep(2 * reopenEvery)
		b.wantLevel(3, "")
		if s, err := b.Status(b.Context()); err != nil || slices.Contains(s.BlindSpots, "no bridges here") {
			t.Errorf("the blind spots are %v, %v", s.BlindSpots, err)
		}
		if told := b.told("capability"); !slices.Contains(told, "now at capability level 2: the kernel is ill") || told[len(told)-1] != "now at capability level 3" {
			t.Errorf("events %q", told)
		}
	})
}

func TestWhyNothingIsSeenInside(t *testing.T) {
	k := &fakeBridges{}
	bridgedHome(t, k, capture.MaxLevel, func(b bubble) {
		b.netC.put(neighbourhood(2))
		time.Sleep(2 * time.Second)
		b.wantLevel(2, "no bridge among the LAN interfaces: what devices tell each other passes by br-lan unseen")
		b.netC.put(withPort())
		time.Sleep(2 * time.Second)
		b.wantLevel(3, "")
		b.logC.put(logWord{"nflog inside", capture.LevelBridge, errors.New("another program listens to it")})
		time.Sleep(2 * time.Second)
		b.wantLevel(2, "another program listens to it")
		b.logC.put(logWord{"nflog inside", capture.LevelBridge, nil})
		time.Sleep(2 * time.Second)
		b.wantLevel(3, "")
		b.logC.put(logWord{"lldp", none, errors.New("listen for LLDP: no permission")})
		time.Sleep(2 * time.Second)
		b.wantLevel(3, "")
		if s, err := b.Status(b.Context()); err != nil || !slices.Contains(s.BlindSpots, "listen for LLDP: no permission") {
			t.Errorf("the blind spots are %v, %v", s.BlindSpots, err)
		}
	})
	bridgedHome(t, &fakeBridges{}, capture.LevelEvents, func(b bubble) { b.wantLevel(2, "option max_level is 2") })
}

// TestAnAccessPointWithoutConntrackCountsOnItsBridges, though the level includes those below.
func TestAnAccessPointWithoutConntrackCountsOnItsBridges(t *testing.T) {
	k := &fakeBridges{}
	bridgedHome(t, k, capture.MaxLevel, func(b bubble) {
		no := capture.Ability{Why: "no conntrack: install kmod-nf-conntrack-netlink"}
		b.ableC.put(account.Report{Accounting: no, Events: no})
		time.Sleep(2 * time.Second)
		b.wantLevel(0, "level 1 does not work, what passes inside the home is counted all the same")
		if !k.inside() {
			t.Error("the rules do not count inside the bridges")
		}
	})
}

// TestLongDumpsComeSeldom: they are to cost a fortieth of a core.
func TestLongDumpsComeSeldom(t *testing.T) {
	k := &fakeBridges{takes: 100 * time.Millisecond}
	bridgedHome(t, k, capture.MaxLevel, func(bubble) {
		time.Sleep(20 * time.Second)
		k.mu.Lock()
		defer k.mu.Unlock()
		for i := 2; i < len(k.asked); i++ {
			if between := k.asked[i].Sub(k.asked[i-1]); between != 41*k.takes {
				t.Errorf("dumps that take %v come every %v", k.takes, between)
			}
		}
		if len(k.asked) < 4 {
			t.Errorf("%d dumps", len(k.asked))
		}
	})
}
