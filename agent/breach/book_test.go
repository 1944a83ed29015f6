package breach

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"spinneret/capture/packet"
	"spinneret/mud"
)

var (
	cam  = packet.MAC{2, 0, 0, 0, 0, 1}
	noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
)

// to is a packet of the camera to a host.
func to(remote string, port uint16, at time.Time) Packet {
	return Packet{
		Kind: Kind{Device: cam, Out: true, Party: remote, Protocol: packet.ProtoTCP, Port: port}, Remote: netip.MustParseAddr(remote), At: at,
	}
}

func TestABreachIsToldOnceAnHourHoweverOftenItIsTried(t *testing.T) {
	b, told := NewBook(), 0
	for at := time.Duration(0); at < 3*time.Hour; at += time.Second {
		if _, note := b.Add(to("203.0.113.9", 23, noon.Add(at))); note == Tell {
			told++
		}
	}
	list := b.Of(cam)
	if told != 3 || len(list) != 1 || list[0].Packets != 3*3600 || !list[0].First.Equal(noon) {
		t.Errorf("told %d times, %+v", told, list)
	}
}

func TestADeviceThatScansIsToldOfInAFewWordsAndFillsItsOwnPart(t *testing.T) {
	b, notes := NewBook(), map[Note]int{}
	for port := range uint16(5000) {
		_, note := b.Add(to("203.0.113.9", port+1, noon))
		notes[note]++
	}
	if notes[Tell] != maxTold || notes[Flood] != 1 {
		t.Errorf("notes %v", notes)
	}
	if n := len(b.Of(cam)); n != maxDevice {
		t.Errorf("%d kinds of one device", n)
	}
	if _, note := b.Add(to("203.0.113.9", 9, noon.Add(tellAgain))); note != Tell {
		t.Error("nothing is told an hour later")
	}
}

func TestAFloodOfDevicesStaysWithinTheBook(t *testing.T) {
	b := NewBook()
	for i := range 3 * maxAll {
		p := to("203.0.113.9", 23, noon.Add(time.Duration(i)))
		p.Device = packet.MAC{2, 1, 0, 0, byte(i >> 8), byte(i)}
		b.Add(p)
	}
	if s := b.Stores()[0]; s.Used != maxAll || s.Evicted != 2*maxAll || len(b.told) > maxAll {
		t.Errorf("%+v, told of %d devices", s, len(b.told))
	}
	b.Forget(packet.MAC{2, 1, 0, 0, byte(2000 >> 8), byte(2000 & 0xff)})
	if s := b.Stores()[0]; s.Used > maxAll {
		t.Errorf("%+v", s)
	}
}

func TestAnErasedDeviceIsNobodysPartyAnyMore(t *testing.T) {
	b, printer := NewBook(), packet.MAC{2, 0, 0, 0, 0, 2}
	inside, outside := to("192.168.1.20", 23, noon), to("203.0.113.9", 23, noon)
	inside.Peer, outside.Owner = printer, "203.0.113.9"
	b.Add(inside)
	b.Add(outside)
	if got := b.Parties(cam, noon); len(got) != 2 || len(b.Parties(cam, noon.Add(time.Second))) != 0 {
		t.Fatalf("parties %v", got)
	}
	b.Erase(printer)
	if got := b.Parties(cam, noon); len(got) != 1 || got[0].Owner != "203.0.113.9" {
		t.Errorf("parties %v", got)
	}
}

func TestWords(t *testing.T) {
	telnet := to("203.0.113.9", 23, noon)
	named := to("203.0.113.9", 8884, noon)
	named.Party = "tracker.example"
	in := telnet
	in.Out, in.Passed = false, true
	ping := telnet
	ping.Protocol, ping.Port = packet.ProtoICMP, 0
	odd := telnet
	odd.Protocol, odd.Port = 47, 0
	for want, p := range map[string]Packet{
		"cam tried to reach telnet, TCP port 23, on 203.0.113.9, which was refused":                            telnet,
		"cam tried to reach TCP port 8884 on tracker.example (203.0.113.9), which was refused":                 named,
		"203.0.113.9 tried to reach telnet, TCP port 23, on cam, which was let through, as it is only watched": in,
		"cam tried to reach ICMP on 203.0.113.9, which was refused":                                            ping,
		"cam tried to reach IP protocol 47 on 203.0.113.9, which was refused":                                  odd,
	} {
		if got := (Breach{Packet: p}).Sentence("cam").String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestAllowed(t *testing.T) {
	policy := func(names ...string) (p mud.Policy) {
		for _, n := range names {
			p.From = append(p.From, mud.Rule{State: mud.Opens, ACE: mud.ACE{Match: mud.Match{Remote: []mud.Endpoint{{Kind: mud.Name, Name: n}}}}})
		}
		return p
	}
	var five []string
	for i := range 5 {
		five = append(five, fmt.Sprintf("n%d.example", i))
	}
	for want, p := range map[string]mud.Policy{
		"its description lets it do nothing but ask the router for names and the time": policy(),
		"its description allows only n0.example":                                       policy(five[0], five[0]),
		"its description allows only n0.example and n1.example":                        policy(five[:2]...),
		"its description allows only n0.example, n1.example, n2.example and 2 more":    policy(five...),
	} {
		if got := Allowed(p, true).String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := Allowed(policy(five...), false).String(); got != "its description lets nobody begin anything with it" {
		t.Errorf("%q", got)
	}
}
