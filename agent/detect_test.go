package agent

import (
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"spinneret/agent/breach"
	"spinneret/agent/state"
	"spinneret/capture/packet"
)

// telnets lets a device try telnet somewhere, and waits until the loop has judged it.
func (b bubble) telnets(device int, to string) {
	p := packet.Packet{
		Time: b.now(), SrcMAC: macOf(device), In: 3, EtherType: packet.EtherTypeIPv4, Proto: packet.ProtoTCP,
		Src: netip.AddrFrom4([4]byte{192, 168, 1, byte(device + 10)}), Dst: netip.MustParseAddr(to),
		SrcPort: 40000, DstPort: 23, TCPFlags: 2, Length: 60,
	}
	from, other := b.table.Add(&p)
	b.detector.Packet(&p, from, other)
	time.Sleep(4 * time.Second)
}

// TestWhatIsFoundIsToldAndShown as an event and with its device, with the flows that show it.
func TestWhatIsFoundIsToldAndShown(t *testing.T) {
	inBubble(t, 2, &fakeKernel{}, func(b bubble) {
		b.telnets(0, "198.51.100.9")
		if told := b.told("finding"); len(told) != 1 || !strings.HasPrefix(told[0], macOf(0).String()+" tried telnet at 198.51.100.9") {
			t.Errorf("told was %q", told)
		}
		d, err := b.Device(b.Context(), macOf(0).String())
		if err != nil || len(d.Findings) != 1 {
			t.Fatalf("the device has findings %+v, %v", d.Findings, err)
		}
		if f := d.Findings[0]; f.Kind != "first-contact" || f.Severity != "warning" || f.State != "open" || len(f.Flows) != 1 || *f.Flows[0].Port != 23 {
			t.Errorf("the finding is %+v", f)
		}
		other, _ := b.Device(b.Context(), macOf(1).String())
		if other.Findings == nil || len(other.Findings) != 0 {
			t.Errorf("the other device has %+v", other.Findings)
		}
	})
}

// TestTheOwnersWordAboutAFinding counts at once, and is taken back.
func TestTheOwnersWordAboutAFinding(t *testing.T) {
	inBubble(t, 1, &fakeKernel{}, func(b bubble) {
		b.telnets(0, "198.51.100.9")
		list, err := b.Findings(b.Context())
		if err != nil || len(list) != 1 {
			t.Fatalf("the findings are %+v, %v", list, err)
		}
		f, err := b.JudgeFinding(b.Context(), list[0].ID, true)
		if d, _ := b.Device(b.Context(), macOf(0).String()); err != nil || f.State != "fine" || d.Findings[0].State != "fine" {
			t.Errorf("it is %s, with its device %+v, %v", f.State, d.Findings, err)
		}
		b.telnets(0, "198.51.100.9")
		if told := b.told("finding"); len(told) != 1 {
			t.Errorf("what is fine was told again: %q", told)
		}
		if f, err := b.JudgeFinding(b.Context(), f.ID, false); err != nil || f.State != "open" {
			t.Errorf("taken back it is %s, %v", f.State, err)
		}
		if _, err := b.JudgeFinding(b.Context(), 99, true); code(t, err) != "404 not-found" {
			t.Errorf("of a finding that is not there: %v", err)
		}
	})
}

// TestWhatIsFoundOutlivesTheProgram also where its power is cut, with what was done about it and what the owner said.
func TestWhatIsFoundOutlivesTheProgram(t *testing.T) {
	dir, err := state.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	next := func() *home {
		o := Options{}
		o.setDefaults()
		again := newHome(o, slog.New(slog.DiscardHandler))
		again.adoptHabits(dir)
		return again
	}
	inBubble(t, 1, &fakeKernel{}, func(b bubble) {
		b.acting(-1, cutWarnings)
		err := b.do(b.Context(), func() { b.keeper = newKeeper(dir, b.endedC, b.log) })
		if err != nil {
			t.Fatal(err)
		}
		b.telnets(0, "198.51.100.9")
		b.keeper.save(habitFile, <-b.keeper.habitC, 0)
		again := next()
		list := again.detector.Findings()
		if len(list) != 1 || list[0].State != "open" || list[0].Device != macOf(0) || again.actedOn[1].Level != "internet" {
			t.Errorf("after a power cut the next run knows %+v, and that it did %+v", list, again.actedOn)
		}
		if _, known := again.detector.Knows(macOf(0)); !known {
			t.Error("the next run does not know the device")
		}
		if _, err := b.JudgeFinding(b.Context(), 1, true); err != nil {
			t.Fatal(err)
		}
		b.keeper.save(habitFile, <-b.keeper.habitC, 0)
		again = next()
		if list := again.detector.Findings(); len(list) != 1 || list[0].State != "fine" || len(list[0].Flows) != 1 || len(again.actedOn) > 0 {
			t.Errorf("what the owner said came to %+v, and done is %+v", list, again.actedOn)
		}
		shown := func() string { return again.uiFinding(&again.detector.Findings()[0]).Flows[0].State }
		gone := shown()
		if again.table = b.table; gone != "ended" || shown() != "live" {
			t.Errorf("the flow that shows it is %s where nobody sees it, %s where it goes on", gone, shown())
		}
	})
}

// TestABreachOfADescriptionIsAFinding too; as an event it is told by who watches descriptions.
func TestABreachOfADescriptionIsAFinding(t *testing.T) {
	inBubble(t, 1, &fakeKernel{}, func(b bubble) {
		err := b.do(b.Context(), func() {
			kind := breach.Kind{Device: macOf(0), Out: true, Protocol: packet.ProtoTCP, Port: 22}
			b.suspect(breach.Breach{Packet: breach.Packet{Kind: kind, Remote: netip.MustParseAddr("198.51.100.9"), At: b.now()}})
			kind.Out = false // a knock at its door is not its doing
			b.suspect(breach.Breach{Packet: breach.Packet{Kind: kind, Remote: netip.MustParseAddr("198.51.100.10"), At: b.now()}})
		})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		d, _ := b.Device(b.Context(), macOf(0).String())
		want := macOf(0).String() + " tried to reach SSH, TCP port 22, on 198.51.100.9, which was refused"
		if len(d.Findings) != 1 || d.Findings[0].Kind != "mud" || d.Findings[0].Text != want ||
			d.Findings[0].Say != `["did","02:00:00:00:00:01",["breach",["service","SSH","TCP","22"],"198.51.100.9"]]` {
			t.Errorf("the findings are %+v", d.Findings)
		}
		if told := b.told("finding"); len(told) != 0 {
			t.Errorf("told was %q", told)
		}
	})
}

// TestHabitsAreTold of a device that was watched, and of one that was not.
func TestHabitsAreTold(t *testing.T) {
	inBubble(t, 2, &fakeKernel{}, func(b bubble) {
		b.telnets(0, "198.51.100.9")
		got, err := b.Habits(b.Context(), macOf(0).String())
		if err != nil || !got.Learning || !strings.HasPrefix(got.Text, "learning, ") || len(got.Habits) == 0 {
			t.Errorf("of the first: %+v, %v", got, err)
		}
		got, err = b.Habits(b.Context(), macOf(1).String())
		if err != nil || !got.Learning || got.Text != "never watched" || got.Habits == nil {
			t.Errorf("of the second: %+v, %v", got, err)
		}
	})
}
