package hearsay

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"spinneret/capture/names"
	"spinneret/capture/packet"
)

var (
	cam    = packet.MAC{2, 0, 0, 0, 0, 1}
	laptop = packet.MAC{2, 0, 0, 0, 0, 2}
	noon   = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
)

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

// said is an answer of the router to the camera.
func said(name string, ttl time.Duration, addrs ...string) names.Answer {
	a := names.Answer{Device: cam, Server: addr("192.168.1.1"), Router: true, Name: name}
	for _, s := range addrs {
		a.Hosts = append(a.Hosts, names.Host{Addr: addr(s), TTL: ttl})
	}
	return a
}

// A camera that may reach a name, and all names below another, in a home with a resolver beside the router.
var (
	wishes = []Wish{{Device: cam, Names: []string{"up.cam.example", "*.ot.example"}, Servers: prefixes("9.9.9.9/32", "192.168.1.5/32")}}
	home   = Home{
		Inside: prefixes("2001:db8:1::/64", "203.0.113.20/32"), LAN: []int32{2},
		Servers: map[netip.Addr]packet.MAC{addr("192.168.1.5"): laptop},
	}
)

func book() *Book {
	b := NewBook()
	b.Wish(wishes, home, noon)
	return b
}

func text(lessons []Lesson) string {
	var words []string
	for _, l := range lessons {
		words = append(words, fmt.Sprintf("%s %s %s", l.Name, l.Addr, l.For))
	}
	return strings.Join(words, ", ")
}

func TestWhatAnAnswerTeaches(t *testing.T) {
	from := func(server string, router, asked bool) names.Answer {
		a := said("up.cam.example", time.Hour, "198.51.100.7")
		a.Server, a.Router, a.Asked = addr(server), router, asked
		return a
	}
	within := func(server string, sender packet.MAC) names.Answer {
		a := from(server, false, true)
		a.Link, a.Sender = 2, sender
		return a
	}
	other := said("up.cam.example", time.Hour, "198.51.100.7")
	other.Device = laptop
	const hour = "up.cam.example 198.51.100.7 1h10m0s"
	cases := map[string]struct {
		answer names.Answer
		want   string
	}{
		"an address, for its TTL and a while":         {said("up.cam.example", time.Hour, "198.51.100.7"), hour},
		"no less than five minutes":                   {said("up.cam.example", time.Second, "198.51.100.7"), "up.cam.example 198.51.100.7 15m0s"},
		"no more than a day":                          {said("up.cam.example", 1000*time.Hour, "198.51.100.7"), "up.cam.example 198.51.100.7 24h10m0s"},
		"both families":                               {said("up.cam.example", time.Hour, "198.51.100.7", "2001:db8:101::7"), hour + ", up.cam.example 2001:db8:101::7 1h10m0s"},
		"a name below another":                        {said("a.b.ot.example", time.Hour, "198.51.100.8"), "*.ot.example 198.51.100.8 1h10m0s"},
		"not the name itself for those below it":      {said("ot.example", time.Hour, "198.51.100.8"), ""},
		"not a name that only ends alike":             {said("not.example", time.Hour, "198.51.100.8"), ""},
		"a name that the policy has not":              {said("bank.example", time.Hour, "198.51.100.8"), ""},
		"an answer to a device without that policy":   {other, ""},
		"a server that the policy names":              {from("9.9.9.9", false, true), hour},
		"that server, where nobody asked it":          {from("9.9.9.9", false, false), ""},
		"another server, though it was asked":         {from("198.51.100.66", false, true), ""},
		"a server of the home":                        {within("192.168.1.5", laptop), hour},
		"not a device that sends from its address":    {within("192.168.1.5", cam), ""},
		"nor from one of the internet":                {within("9.9.9.9", laptop), ""},
		"nor whoever has no MAC":                      {within("9.9.9.9", packet.MAC{}), ""},
		"an address of a home":                        {said("up.cam.example", time.Hour, "192.168.1.7", "10.0.0.1", "fd00::7", "fe80::7", "127.0.0.1", "100.64.0.9"), ""},
		"a home's address in IPv6 dress":              {said("up.cam.example", time.Hour, "::ffff:192.168.1.7", "64:ff9b::c0a8:107"), ""},
		"an address of this home that is public":      {said("up.cam.example", time.Hour, "2001:db8:1::7", "203.0.113.20"), ""},
		"an address of the internet in NAT64's dress": {said("up.cam.example", time.Hour, "64:ff9b::c633:6407"), "up.cam.example 64:ff9b::c633:6407 1h10m0s"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := text(book().Hear(c.answer, noon)); got != c.want {
				t.Errorf("learned %q, want %q", got, c.want)
			}
		})
	}
}

// TestWhatAServerOfOneDeviceSays opens nothing for others, which have the same name without its mark.
func TestWhatAServerOfOneDeviceSays(t *testing.T) {
	b := NewBook()
	b.Wish([]Wish{
		{Device: cam, Names: []string{"up.cam.example/1f", "*.ot.example/1f"}, Servers: prefixes("9.9.9.9/32")},
		{Device: laptop, Names: []string{"up.cam.example", "*.ot.example"}},
	}, home, noon)
	forged := said("up.cam.example", time.Hour, "198.51.100.66")
	forged.Server, forged.Router, forged.Asked = addr("9.9.9.9"), false, true
	if got := text(b.Hear(forged, noon)); got != "up.cam.example/1f 198.51.100.66 1h10m0s" {
		t.Errorf("its own server teaches %q", got)
	}
	if got := text(b.Hear(said("a.ot.example", time.Hour, "198.51.100.7"), noon)); got != "*.ot.example/1f 198.51.100.7 1h10m0s" {
		t.Errorf("the router teaches it %q", got)
	}
	others := said("up.cam.example", time.Hour, "198.51.100.8")
	others.Device = laptop
	if got := text(b.Hear(others, noon)); got != "up.cam.example 198.51.100.8 1h10m0s" {
		t.Errorf("the router teaches the other %q", got)
	}
	if due := b.Due(9, noon); len(due) != 0 {
		t.Errorf("asked for are %q", due)
	}
}

func TestWhatIsKnownForAsLongIsNotTaughtAgain(t *testing.T) {
	b := book()
	b.Hear(said("up.cam.example", time.Hour, "198.51.100.7"), noon)
	if l := b.Hear(said("up.cam.example", time.Hour, "198.51.100.7"), noon.Add(10*time.Minute)); l != nil {
		t.Errorf("taught again: %s", text(l))
	}
	if l := b.Hear(said("up.cam.example", time.Hour, "198.51.100.7"), noon.Add(30*time.Minute)); len(l) != 1 {
		t.Error("not prolonged before its end came near")
	}
	if l := b.Hear(said("up.cam.example", 24*time.Hour, "198.51.100.7"), noon.Add(30*time.Minute)); len(l) != 1 {
		t.Error("not prolonged where the device may keep the answer for longer")
	}
	if l := b.Hear(said("up.cam.example", 20*time.Hour, "198.51.100.7"), noon.Add(4*time.Hour)); l != nil {
		t.Errorf("what a resolver keeps is taught again: %s", text(l))
	}
	if l := b.Hear(said("up.cam.example", 24*time.Hour, "198.51.100.7"), noon.Add(5*time.Hour)); len(l) != 1 {
		t.Error("not prolonged by an answer that is fresh")
	}
	b.Forget([]Lesson{{Name: "up.cam.example", Addr: addr("198.51.100.7")}})
	if l := b.Hear(said("up.cam.example", time.Hour, "198.51.100.7"), noon.Add(5*time.Hour)); len(l) != 1 {
		t.Error("what the firewall did not take is not taught again")
	}
}

func TestAnAddressEndsUnlessAConnectionUsesIt(t *testing.T) {
	used := addr("198.51.100.7")
	b := book()
	b.Hear(said("up.cam.example", 0, "198.51.100.7", "198.51.100.8"), noon)
	isUsed := func(a netip.Addr) bool { return a == used }
	for at := time.Minute; at < time.Hour; at += time.Minute {
		b.Prolong(isUsed, noon.Add(at))
	}
	known := b.Known("up.cam.example", noon.Add(time.Hour))
	if len(known) != 1 || known[0].Addr != used {
		t.Errorf("known after an hour: %s", text(known))
	}
	b.Prolong(func(netip.Addr) bool { return false }, noon.Add(2*time.Hour))
	if s := b.Stores()[0]; s.Used != 0 {
		t.Errorf("%d addresses are kept after their end", s.Used)
	}
}

func TestAPacketThatCameBeforeItsNameWasLearnedIsKnown(t *testing.T) {
	b := book()
	b.Hear(said("up.cam.example", time.Hour, "198.51.100.7"), noon)
	late := func(a string, at time.Duration) bool {
		return b.Late(wishes[0].Names, addr(a), noon.Add(at), 2*time.Second)
	}
	if !late("198.51.100.7", -time.Second) || !late("198.51.100.7", time.Millisecond) {
		t.Error("a packet just before, or just after, is taken for a breach")
	}
	b.Hear(said("up.cam.example", 2*time.Hour, "198.51.100.7"), noon.Add(time.Minute))
	if late("198.51.100.7", time.Minute) || late("198.51.100.8", 0) || b.Late(wishes[0].Names[1:], addr("198.51.100.7"), noon, time.Second) {
		t.Error("what was known for long, never, or of another name is taken for late")
	}
}

func TestNamesThatNobodyWasToldOfAreAskedFor(t *testing.T) {
	b := NewBook()
	b.Wish([]Wish{{Device: cam, Names: []string{"a.example", "b.example", "cam.local", "*.ot.example"}}}, Home{}, noon)
	if due := b.Due(1, noon); !slices.Equal(due, []string{"a.example"}) {
		t.Errorf("asks for %v first", due)
	}
	if due := b.Due(9, noon); !slices.Equal(due, []string{"b.example"}) {
		t.Errorf("then for %v", due)
	}
	if due := b.Due(9, noon.Add(time.Minute)); due != nil {
		t.Errorf("and a minute later for %v", due)
	}
	if l := b.Resolved("a.example", []netip.Addr{addr("198.51.100.7")}, noon); text(l) != "a.example 198.51.100.7 30m0s" {
		t.Errorf("learned %s", text(l))
	}
	b.Hear(said("a.example", time.Hour), noon)
	if due := b.Due(9, noon.Add(time.Hour)); !slices.Equal(due, []string{"b.example"}) {
		t.Errorf("once a device was told of a.example, asks for %v", due)
	}
}

func TestARestartKeepsWhatIsWishedForYet(t *testing.T) {
	b := book()
	b.Hear(said("up.cam.example", 10*time.Hour, "198.51.100.7"), noon)
	b.Hear(said("x.ot.example", 0, "198.51.100.8"), noon)
	saved := b.Save(noon.Add(10 * time.Minute))
	next := NewBook()
	next.Wish([]Wish{{Device: cam, Names: []string{"up.cam.example"}}}, Home{}, noon)
	next.Adopt(saved, noon)
	if known := text(next.Known("up.cam.example", noon)); known != "up.cam.example 198.51.100.7 1h0m0s" {
		t.Errorf("adopted %s", known)
	}
	if s := next.Stores()[0]; s.Used != 1 {
		t.Errorf("%d addresses adopted", s.Used)
	}
	if due := next.Due(9, noon); len(due) != 1 {
		t.Error("what was adopted is not asked for again")
	}
}
