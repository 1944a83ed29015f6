package anomaly

import (
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"spinneret/capture/packet"
	"spinneret/capture/say"
)

// TestAFindingLastsAndEnds is one scan with a pause, and then none.
func TestAFindingLastsAndEnds(t *testing.T) {
	h := newHouse()
	for i := range 60 {
		worm(h, i)
		h.second()
	}
	h.seconds(60)
	for i := range 10 {
		worm(h, 100+i)
		h.second()
	}
	h.wants(t, "alarm scan telnet: tried ")
	f := h.d.Findings()[0]
	if f.State != Open || len(f.Flows) != maxEvidence || !f.End.IsZero() || len(h.news) != 1 {
		t.Errorf("while it lasts it is %s, ends %v, has %d flows and was told %d times", f.State, f.End, len(f.Flows), len(h.news))
	}
	if f.Flows[0].Port != 23 || f.Flows[0].Device != camMAC {
		t.Errorf("it is shown by %+v", f.Flows[0])
	}
	h.seconds(200)
	if f = h.d.Findings()[0]; f.State != Over || f.End.Sub(f.Start) > 3*time.Minute {
		t.Errorf("after it, it is %s, from %v to %v", f.State, f.Start, f.End)
	}
	h.now = h.now.Add(fade)
	h.second()
	h.wants(t)
}

// TestTheOwnerSaysThatItIsFine: the same with the same is not told again, until that is taken back.
func TestTheOwnerSaysThatItIsFine(t *testing.T) {
	h := newHouse()
	call := func(to string) {
		h.opens(camMAC, netip.MustParseAddr(to), 23, packet.ProtoTCP)
		h.seconds(3)
	}
	call("198.51.100.9")
	id := h.d.Findings()[0].ID
	if f, ok := h.d.Judge(id, true); !ok || f.State != Fine {
		t.Fatalf("judged, it is %v %v", f.State, ok)
	}
	h.now = h.now.Add(3 * time.Hour)
	call("198.51.100.9")
	if len(h.news) != 1 || h.d.Findings()[0].State != Fine {
		t.Errorf("it was told %d times, and is %q", len(h.news), h.found())
	}
	call("198.51.100.10")
	if len(h.news) != 2 {
		t.Error("another party is fine too")
	}
	if f, _ := h.d.Judge(id, false); f.State != Open {
		t.Errorf("taken back while it lasts, it is %s", f.State)
	}
	h.seconds(300)
	if f, _ := h.d.Judge(id, true); f.State != Fine {
		t.Errorf("judged again, it is %s", f.State)
	}
	if f, _ := h.d.Judge(id, false); f.State != Over {
		t.Errorf("taken back after its end, it is %s", f.State)
	}
	if _, ok := h.d.Judge(99, true); ok {
		t.Error("there is a finding 99")
	}
}

// TestTheOwnersWordIsAboutAllOfAKind: yesterday's finding is as good as today's to say it on.
func TestTheOwnersWordIsAboutAllOfAKind(t *testing.T) {
	h := newHouse()
	again := func() {
		h.now = h.now.Add(3 * time.Hour)
		h.second()
		telnet(h, 0)
		h.seconds(3)
	}
	again()
	again()
	if len(h.d.Findings()) != 2 {
		t.Fatalf("found %q", h.found())
	}
	h.d.Judge(h.d.Findings()[0].ID, true)
	if f := h.d.Findings()[1]; f.State != Over {
		t.Errorf("today's goes on as %s", f.State)
	}
	h.news = nil
	again()
	if len(h.news) > 0 {
		t.Errorf("it is told all the same: %q", h.found())
	}
}

// TestAFloodIsFineForOneTargetOnly: who streams to one host may not flood another.
func TestAFloodIsFineForOneTargetOnly(t *testing.T) {
	h := newHouse()
	floods := func(to string) {
		f := h.opens(camMAC, netip.MustParseAddr(to), 4444, packet.ProtoUDP)
		for range 4 {
			h.carries(f, 2000, 200_000, 0, 0)
			h.second()
		}
		h.seconds(200)
	}
	floods("198.51.100.66")
	h.wants(t, "alarm flood 198.51.100.66: sent up to ")
	h.d.Judge(h.d.Findings()[0].ID, true)
	h.news = nil
	floods("198.51.100.66")
	if len(h.news) > 0 {
		t.Errorf("it is told again: %q", h.found())
	}
	floods("203.0.113.9")
	if len(h.news) != 1 {
		t.Errorf("another target is fine too: %q", h.found())
	}
}

// TestAnAlarmOutlastsWhatMattersLess of the same device.
func TestAnAlarmOutlastsWhatMattersLess(t *testing.T) {
	h := newHouse()
	worm(h, 0)
	h.second()
	alarm := h.d.Findings()[0]
	if alarm.Severity != Alarm {
		t.Fatalf("found %q", h.found())
	}
	for i := range 100 {
		h.d.Violation(h.now, camMAC, "party "+strconv.Itoa(i), say.Plain("spoke to somebody that its maker does not name"))
	}
	if first := h.d.Findings()[0]; first.ID != alarm.ID {
		t.Errorf("it gave way to %q", h.found())
	}
}

// TestOneDeviceCannotDisplaceAnothersFindings with as many as it likes.
func TestOneDeviceCannotDisplaceAnothersFindings(t *testing.T) {
	h := newHouse()
	h.opens(laptopMAC, netip.MustParseAddr("198.51.100.9"), 23, packet.ProtoTCP)
	h.second()
	for i := range 1000 {
		h.d.Violation(h.now, camMAC, "party "+strconv.Itoa(i), say.Plain("spoke to somebody that its maker does not name"))
	}
	mine, all := 0, h.d.Findings()
	for _, f := range all {
		if f.Device == laptopMAC {
			mine++
		}
	}
	if mine != 1 || len(all) != 1+maxFindingsDevice {
		t.Errorf("%d findings, %d of the laptop", len(all), mine)
	}
	if s := h.d.Stores()[1]; s.Used != len(all) || s.Evicted != 1000-maxFindingsDevice {
		t.Errorf("the store says %+v", s)
	}
}

// TestMadeUpMACsDisplaceEachOther and not what was learned.
func TestMadeUpMACsDisplaceEachOther(t *testing.T) {
	h := newHouse()
	h.learns()
	i := 0
	comes := func() {
		mac := packet.MAC{6, 0, 0, 0, byte(i >> 8), byte(i)}
		h.d.Packet(&packet.Packet{
			Time: h.now, SrcMAC: mac, EtherType: packet.EtherTypeIPv4, Src: routerIP, Dst: routerIP, Proto: packet.ProtoUDP,
		}, mac, packet.MAC{})
		i++
	}
	for range 3 * DefaultDevices {
		comes()
	}
	if n := testing.AllocsPerRun(100, comes); n > 1 { // the packet
		t.Errorf("one more allocates %v times", n)
	}
	if k, ok := h.d.Knows(camMAC); !ok || k.Learning || !k.Single {
		t.Errorf("of the camera is known %q", k.Words())
	}
	if s := h.d.Stores()[0]; s.Used != DefaultDevices {
		t.Errorf("the store says %+v", s)
	}
}

// TestWhatIsKnownIsSaid as it grows.
func TestWhatIsKnownIsSaid(t *testing.T) {
	h := newHouse()
	if _, ok := h.d.Knows(camMAC); ok {
		t.Error("something is known of nobody")
	}
	h.opens(camMAC, h.host("cameras.example"), 443, packet.ProtoTCP)
	h.second()
	h.now = h.now.Add(3 * time.Hour)
	h.opens(camMAC, h.host("cameras.example"), 443, packet.ProtoTCP)
	h.second()
	if k, _ := h.d.Knows(camMAC); k.Words().String() != "learning, 3 h seen" {
		t.Errorf("after three hours: %q", k.Words())
	}
	worm(h, 1)
	h.second()
	if got := h.found(); !strings.Contains(got[0], "what is normal for it is not known yet (learning, 3 h seen)") {
		t.Errorf("found %q", got)
	}
}

// TestANewMACInheritsOnTheOwnersWord what the old one was known for.
func TestANewMACInheritsOnTheOwnersWord(t *testing.T) {
	h := learned()
	h.seconds(200)
	if !h.d.Inherit(camMAC, laptopMAC) || h.d.Inherit(packet.MAC{9}, laptopMAC) {
		t.Error("who inherits from whom?")
	}
	if k, _ := h.d.Knows(laptopMAC); k.Learning || !k.Single {
		t.Errorf("of the new MAC is known %q", k.Words())
	}
	h.news = nil
	telnet(h, 0)
	h.opens(laptopMAC, netip.MustParseAddr("198.51.100.9"), 23, packet.ProtoTCP)
	h.seconds(3)
	if len(h.news) != 1 || h.news[0].Device != camMAC {
		t.Errorf("what was fine of the old MAC is so of the new one only; told was %+v", h.news)
	}
}

// TestAClockSetBack is survived: nothing is found for it, and what comes after it is.
func TestAClockSetBack(t *testing.T) {
	h := newHouse()
	h.seconds(10)
	h.now = h.now.Add(-24 * time.Hour)
	h.opens(laptopMAC, netip.MustParseAddr("198.51.100.9"), 443, packet.ProtoTCP)
	h.seconds(10)
	h.wants(t)
	for i := range 3 {
		worm(h, i)
		h.second()
	}
	h.wants(t, "alarm scan telnet")
}

// TestHabitsAreNumbers of the minute that runs, of most minutes, and of the worst.
func TestHabitsAreNumbers(t *testing.T) {
	h := newHouse()
	h.learns()
	h.talks(camMAC, h.host("cameras.example"), 443, packet.ProtoTCP, 5000, 1000)
	h.seconds(2)
	k, habits, ok := h.d.Habits(camMAC)
	if !ok || k.Learning || len(habits) != int(metrics) {
		t.Fatalf("of the camera are known %+v, %v", habits, k)
	}
	if up := habits[metricUp]; up.What != "txBytes" || up.Now != 5060 || up.Usual < 40_000 || up.Usual > 66_000 || up.Most < 40_000 {
		t.Errorf("of what it sends: %+v", up)
	}
	if up := habits[metricBalance]; up.Usual < 90 || up.Now < 80 {
		t.Errorf("of its balance: %+v", up)
	}
	if _, _, ok := h.d.Habits(laptopMAC); ok {
		t.Error("something is known of a device that was never seen")
	}
}
