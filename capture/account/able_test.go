package account

import (
	"os"
	"testing"
	"time"
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
	if r, _ := s.lastReport(); r.Accounting.OK || r.Accounting.Why == "" {
		t.Errorf("reported %+v", r)
	}
	if d := time.Since(lost); d > 5*s.accountant.every {
		t.Errorf("noticed after %v", d)
	}
	eventually(t, "it is back", func() bool { r, n := s.lastReport(); return n > 2 && r.Accounting.OK })
	s.waitForEars(t)
	s.setSwitch(t, "nf_conntrack_events", "0")
	eventually(t, "events are back", func() bool { r, n := s.lastReport(); return n > 4 && r.Events.OK })
	s.waitForEars(t)
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
	_, dumps := s.accountant.LastDump()
	s.run(t, s.home.Router(), "", "conntrack", "-F")
	eventually(t, "the overrun is counted", func() bool { return s.accountant.Losses()[0].Lost > 0 })
	eventually(t, "two more dumps", func() bool { _, n := s.accountant.LastDump(); return n > dumps+2 })
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
	_, dumps := s.accountant.LastDump()
	eventually(t, "two more dumps", func() bool { _, n := s.accountant.LastDump(); return n > dumps+2 })
	if got := s.counted(p.device); got != p.saw {
		t.Errorf("counted %+v after their end, the far side saw %+v", got, p.saw)
	}
}
