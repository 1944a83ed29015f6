package learned

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"spinneret/capture"
	"spinneret/capture/packet"
	"spinneret/mud"
	"spinneret/openwrt/lab/expect"
)

var (
	cam  = [6]byte{2, 0, 0, 0, 0, 1}
	noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
)

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

// out and in are connections that the device opened, and that were opened to it, with a host of the internet.
func out(p capture.Protocol, remote, name string, port uint16) Use {
	return Use{Protocol: p, Opened: true, Port: port, Remote: addr(remote), Name: name}
}

// home is the same inside the home.
func home(u Use) Use {
	u.Inside = true
	return u
}

func router(u Use) Use {
	u.Inside, u.Router = true, true
	return u
}

func in(u Use) Use {
	u.Opened = false
	return u
}

func icmpv6(typ uint8, u Use) Use {
	u.Protocol, u.ICMP = packet.ProtoICMPv6, capture.ICMPOf(typ)
	return u
}

// camera is what a camera does.
func camera() Watch {
	const tcp, udp, icmp = packet.ProtoTCP, packet.ProtoUDP, packet.ProtoICMP
	return Watch{
		MAC: cam, Device: "front-door-cam", Since: noon.Add(-3 * time.Hour), Till: noon,
		Uses: []Use{
			out(tcp, "198.51.100.7", "up.cam.example", 443),
			out(tcp, "198.51.100.8", "up.cam.example", 443),
			out(tcp, "2001:db8:101::7", "up.cam.example", 443),
			out(udp, "198.51.100.123", "ntp.pool.example", 123),
			out(udp, "203.0.113.9", "", 3478),
			out(icmp, "198.51.100.7", "up.cam.example", 0),
			router(out(udp, "192.168.1.1", "", 53)),
			router(out(tcp, "192.168.1.1", "", 80)),
			home(out(udp, "255.255.255.255", "", 67)),
			home(out(udp, "239.255.255.250", "", 1900)),
			home(out(udp, "ff02::fb", "", 5353)),
			home(out(tcp, "192.168.1.30", "hub.local", 8883)),
			home(in(out(tcp, "192.168.1.40", "", 554))),
			in(out(tcp, "203.0.113.66", "", 554)),
			{Protocol: capture.NoIP | 0x88cc, Opened: true},
		},
	}
}

func TestLearn(t *testing.T) {
	p, err := Learn(camera())
	if err != nil {
		t.Fatal(err)
	}
	f, found := mud.Parse(p.File)
	if f == nil {
		t.Fatalf("our own check refuses it: %v", found)
	}
	for _, d := range found {
		if d.Severity == mud.Warning {
			t.Errorf("our own check says %v", d)
		}
	}
	got := string(p.File) + "\n" + strings.Join(f.Compile(false).Words(), "\n") + "\n\n" + strings.Join(p.Warnings, "\n") + "\n"
	expect.Golden(t, "camera.txt", got)
}

// allows says whether a policy admits the opening of a connection. It is as simple as what is learned.
func allows(p mud.Policy, u Use) bool {
	rules := p.From
	if !u.Opened {
		rules = p.To
	}
	family := mud.IPv6
	if u.Remote.Is4() {
		family = mud.IPv4
	}
	for _, r := range rules {
		called := r.RemotePort
		if !u.Opened {
			called = r.LocalPort
		}
		party := !slices.ContainsFunc(r.Remote, func(e mud.Endpoint) bool {
			switch e.Kind {
			case mud.Name:
				return e.Name != u.Name
			case mud.Prefix:
				return !e.Prefix.Contains(u.Remote)
			case mud.LocalNetworks:
				return !u.Inside
			}
			return e.Name != mud.ClassDNS || !u.Router
		})
		if party && r.State != mud.Answers && r.Family&family != 0 && capture.Protocol(r.Protocol) == u.Protocol &&
			(!called.Set || called.Low <= u.Port && u.Port <= called.High) {
			return !r.Drop
		}
	}
	return false
}

func TestWhatWasLearnedIsAllowedAndNothingElse(t *testing.T) {
	w := camera()
	p, err := Learn(w)
	if err != nil {
		t.Fatal(err)
	}
	f, _ := mud.Parse(p.File)
	policy := f.Compile(false)
	for _, u := range w.Uses {
		dhcp, calledFromOutside := u.Port == 67, !u.Opened && !u.Inside
		if u.Remote.IsValid() && !dhcp && allows(policy, u) == calledFromOutside {
			t.Errorf("%+v is allowed: %v", u, !calledFromOutside)
		}
	}
	for _, u := range []Use{
		out(packet.ProtoTCP, "198.51.100.7", "up.cam.example", 23),
		out(packet.ProtoTCP, "198.51.100.66", "bank.example", 443),
		out(packet.ProtoTCP, "203.0.113.9", "", 3478),
		home(out(packet.ProtoTCP, "192.168.1.30", "", 22)),
		home(in(out(packet.ProtoTCP, "192.168.1.40", "", 80))),
		in(out(packet.ProtoTCP, "198.51.100.7", "up.cam.example", 443)),
		in(out(packet.ProtoUDP, "198.51.100.123", "ntp.pool.example", 123)),
	} {
		if allows(policy, u) {
			t.Errorf("%+v is allowed", u)
		}
	}
}

// TestPingsInTheHomeAreLearned over IPv6 too, where what neighbours say to each other needs no word.
func TestPingsInTheHomeAreLearned(t *testing.T) {
	ask, asked := icmpv6(128, router(out(0, "fd00:1::1", "", 0))), icmpv6(128, home(in(out(0, "fd00:1::20", "", 0))))
	neighbours, groups := icmpv6(135, home(out(0, "fe80::1", "", 0))), icmpv6(143, home(out(0, "ff02::16", "", 0)))
	several := neighbours
	several.ICMP = 0
	for want, uses := range map[int][]Use{0: {neighbours, groups, several}, 1: {ask, neighbours}, 2: {ask, asked}} {
		p, err := Learn(Watch{MAC: cam, Uses: uses})
		if err != nil || p.Entries != want {
			t.Fatalf("%d entries of %+v, %v", p.Entries, uses, err)
		}
		f, _ := mud.Parse(p.File)
		if policy := f.Compile(false); want > 0 && !allows(policy, ask) || allows(policy, asked) != (want == 2) {
			t.Errorf("what is allowed is %q", policy.Words())
		}
	}
}

func TestWhatCannotBeLearned(t *testing.T) {
	if _, err := Learn(Watch{MAC: cam, Device: "cam"}); !errors.Is(err, ErrNothing) {
		t.Errorf("nothing: %v", err)
	}
	var laptop Watch
	for i := range maxEntries + 1 {
		laptop.Uses = append(laptop.Uses, out(packet.ProtoTCP, "198.51.100.1", fmt.Sprintf("n%d.example", i), 443))
	}
	if _, err := Learn(laptop); !errors.Is(err, ErrTooMuch) {
		t.Errorf("a laptop: %v", err)
	}
}

func TestALargeProfileIsAFileThatWeRead(t *testing.T) {
	var w Watch
	for i := range maxEntries {
		w.Uses = append(w.Uses, out(packet.ProtoTCP, "198.51.100.1", fmt.Sprintf("n%d.example", i), 443))
	}
	p, err := Learn(w)
	if err != nil {
		t.Fatal(err)
	}
	if f, found := mud.Parse(p.File); f == nil || len(found) > 0 {
		t.Errorf("our own check: %v", found)
	}
}

func TestManyPortsOfOnePartyAreLeftOpen(t *testing.T) {
	w := Watch{MAC: cam}
	for i := range uint16(manyPorts + 1) {
		w.Uses = append(w.Uses, out(packet.ProtoUDP, "198.51.100.7", "relay.example", 40000+i))
	}
	p, err := Learn(w)
	if err != nil || p.Entries != 1 {
		t.Fatalf("%d entries, %v", p.Entries, err)
	}
	f, _ := mud.Parse(p.File)
	if !allows(f.Compile(false), out(packet.ProtoUDP, "198.51.100.7", "relay.example", 50000)) {
		t.Error("the next port is refused")
	}
}

func TestNamesThatNoFileCanHaveGiveWayToAddresses(t *testing.T) {
	for _, name := range []string{`a\032b.example`, "localhost", "-x.example", "a..example", "10.0.0.1", "cam.local"} {
		p, err := Learn(Watch{MAC: cam, Uses: []Use{out(packet.ProtoTCP, "198.51.100.7", name, 443)}})
		if err != nil || !strings.Contains(string(p.File), "198.51.100.7/32") {
			t.Errorf("%q: %v\n%s", name, err, p.File)
		}
	}
}

// TestThatSomethingDidNotArriveIsNoPing: it needs no word, and to ping whoever it was said to would be more than was seen.
func TestThatSomethingDidNotArriveIsNoPing(t *testing.T) {
	unreachable := out(packet.ProtoICMP, "198.51.100.7", "", 0)
	unreachable.ICMP = capture.ICMPOf(3)
	tooBig := icmpv6(2, out(0, "2001:db8:101::7", "", 0))
	ping := out(packet.ProtoICMP, "198.51.100.7", "", 0)
	ping.ICMP = capture.ICMPOf(8)
	for want, uses := range map[int][]Use{0: {unreachable, home(unreachable), tooBig}, 1: {unreachable, tooBig, ping}} {
		if p, err := Learn(Watch{MAC: cam, Uses: uses}); err != nil || p.Entries != want {
			t.Errorf("%d entries of %+v, %v, want %d", p.Entries, uses, err, want)
		}
	}
}
