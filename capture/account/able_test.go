package account

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"spinneret/capture"
	"spinneret/capture/conntrack"
)

func (s *scene) setSwitch(t *testing.T, name, value string) {
	t.Helper()
	err := s.home.Router().Do(func() error {
		return os.WriteFile("/proc/sys/net/netfilter/"+name, []byte(value), 0)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAccountingThatIsLostIsNoticedAndComesBack(t *testing.T) {
	s := newScene(t, 0)
	s.accountant.every = time.Second
	s.start(t)
	if r, n := s.lastReport(); n != 1 || !r.Accounting.OK || !r.Events.OK {
		t.Fatalf("%d reports, the last %+v", n, r)
	}
	s.setSwitch(t, "nf_conntrack_acct", "0")
	lost := time.Now()
	eventually(t, "the loss is reported", func() bool { _, n := s.lastReport(); return n > 1 })
	if r := s.reportAt(1); r.Accounting.OK || r.Accounting.Why == "" {
		t.Errorf("reported %+v", r)
	}
	if d := time.Since(lost); d > 5*s.accountant.every {
		t.Errorf("noticed after %v", d)
	}
	eventually(t, "it is back", func() bool { r, n := s.lastReport(); return n > 2 && r.Accounting.OK })
	s.waitForEars(t)
	s.setSwitch(t, "nf_conntrack_events", "0")
	eventually(t, "events are back", func() bool { r, n := s.lastReport(); return n > 4 && r.Events.OK })
	if r := s.reportAt(3); !r.Accounting.OK || r.Events.OK || r.Events.Why == "" {
		t.Errorf("reported %+v", r)
	}
	s.waitForEars(t)
}

// TestReadingThatFailsIsALoss although the kernel's settings are as they should be.
func TestReadingThatFailsIsALoss(t *testing.T) {
	s := newScene(t, 1)
	s.accountant.every = 100 * time.Millisecond
	dump, fails := s.accountant.read, atomic.Bool{}
	s.accountant.read = func(ctx context.Context, fn func(*conntrack.Entry)) error {
		if fails.Load() {
			return errors.New("dump conntrack: no buffer space")
		}
		return dump(ctx, fn)
	}
	s.start(t)
	fails.Store(true)
	s.accountant.Kick()
	eventually(t, "the loss is reported", func() bool { r, _ := s.lastReport(); return !r.Accounting.OK })
	if r, n := s.lastReport(); n != 2 || !strings.Contains(r.Accounting.Why, "no buffer space") {
		t.Errorf("report %d is %+v", n, r)
	}
	eventually(t, "packets are counted meanwhile", func() bool { return s.samples(t) })
	if _, n := s.lastReport(); n != 2 {
		t.Errorf("%d reports of one loss", n)
	}
	fails.Store(false)
	eventually(t, "it is back", func() bool { r, n := s.lastReport(); return n == 3 && r.Accounting.OK && r.Events.OK })
	s.waitForEars(t)
	p := s.paths(t)[0]
	before := s.counted(p.device)
	if err := p.talk(0, 50); err != nil {
		t.Fatal(err)
	}
	s.accountant.Kick()
	eventually(t, "all is counted", func() bool { return s.counted(p.device).minus(before) == p.saw })
}

// samples makes a flow, as waitForEars does, and reports whether its packets were counted by themselves.
func (s *scene) samples(t *testing.T) bool {
	t.Helper()
	c, err := s.devices()[len(s.devices())-1].Dial(t.Context(), "udp", netip.MustParseAddrPort("198.51.100.200:9"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	return len(s.table.AppendFlows(nil, func(f *capture.Flow) bool { return f.Estimated && f.TxPackets > 0 })) > 0
}

func TestEndsThatFoundNoRoomAreCountedAndDumped(t *testing.T) {
	s := newScene(t, 1)
	s.accountant = New(s.table, Config{Enter: s.home.Router().Do, ReceiveBuffer: 2048})
	s.start(t)
	p := s.paths(t)[0]
	if err := p.talk(0, 600); err != nil {
		t.Fatal(err)
	}
	eventually(t, "all is counted", func() bool { return s.counted(p.device) == p.saw })
	dumps := s.accountant.Dumps()
	s.run(t, s.home.Router(), "", "conntrack", "-F")
	eventually(t, "the overrun is counted", func() bool { return s.accountant.Losses()[0].Lost > 0 })
	eventually(t, "two more dumps", func() bool { return s.accountant.Dumps() > dumps+2 })
	if got := s.counted(p.device); got != p.saw {
		t.Errorf("counted %+v, the far side saw %+v", got, p.saw)
	}
	eventually(t, "connections that are gone are forgotten", func() bool { return s.accountant.Stores()[0].Used < 50 })
}

func TestWithoutEventsDumpsCount(t *testing.T) {
	s := newScene(t, 1)
	s.accountant = New(s.table, Config{Enter: s.home.Router().Do, Report: s.report, NoEvents: true})
	s.begin(t)
	if r, n := s.lastReport(); n != 1 || !r.Accounting.OK || r.Events.OK || r.Events.Why == "" {
		t.Errorf("%d reports, the last %+v", n, r)
	}
	p := s.paths(t)[0]
	if err := p.talk(0, 50); err != nil {
		t.Fatal(err)
	}
	s.accountant.Kick()
	eventually(t, "a dump has all of it", func() bool { return s.counted(p.device) == p.saw })
	s.run(t, s.home.Router(), "", "conntrack", "-F")
	dumps := s.accountant.Dumps()
	eventually(t, "two more dumps", func() bool { return s.accountant.Dumps() > dumps+2 })
	if got := s.counted(p.device); got != p.saw {
		t.Errorf("counted %+v after their end, the far side saw %+v", got, p.saw)
	}
}
