package conntrack

import (
	"net/netip"
	"testing"
)

// inHome is what an agent knows of the test home: its LAN without the router's own addresses.
func inHome(a netip.Addr) bool {
	for _, router := range []string{"192.168.1.1", "2001:db8:20::1"} {
		if a == netip.MustParseAddr(router) {
			return false
		}
	}
	return netip.MustParsePrefix("192.168.1.0/24").Contains(a) || netip.MustParsePrefix("2001:db8:20::/64").Contains(a)
}

// connection makes an entry in which the initiator sent 5 packets and the responder 3.
func connection(proto uint8, src, dst, replySrc, replyDst string) Entry {
	a, b := netip.MustParseAddrPort(src), netip.MustParseAddrPort(dst)
	c, d := netip.MustParseAddrPort(replySrc), netip.MustParseAddrPort(replyDst)
	return Entry{
		Orig:         Tuple{Src: a.Addr(), Dst: b.Addr(), Protocol: proto, SrcPort: a.Port(), DstPort: b.Port()},
		Reply:        Tuple{Src: c.Addr(), Dst: d.Addr(), Protocol: proto, SrcPort: c.Port(), DstPort: d.Port()},
		OrigCounters: Counters{5, 500}, ReplyCounters: Counters{3, 300}, HasCounters: true,
	}
}

// sides are connections, and how their device sees them.
var sides = map[string]struct {
	orig, reply             [2]string // source and destination
	device, remote, outside string
	out, peer               bool
}{
	"plain, without NAT": {
		[2]string{"192.168.1.163:41234", "198.51.100.7:443"},
		[2]string{"198.51.100.7:443", "192.168.1.163:41234"},
		"192.168.1.163:41234", "198.51.100.7:443", "192.168.1.163:41234", true, false,
	},
	"source NAT": {
		[2]string{"192.168.1.163:41234", "198.51.100.7:443"},
		[2]string{"198.51.100.7:443", "203.0.113.20:40321"},
		"192.168.1.163:41234", "198.51.100.7:443", "203.0.113.20:40321", true, false,
	},
	"port mapping": {
		[2]string{"198.51.100.9:5555", "203.0.113.20:8080"},
		[2]string{"192.168.1.163:80", "198.51.100.9:5555"},
		"192.168.1.163:80", "198.51.100.9:5555", "203.0.113.20:8080", false, false,
	},
	"hairpin": {
		[2]string{"192.168.1.164:6000", "203.0.113.20:8080"},
		[2]string{"192.168.1.163:80", "192.168.1.1:6000"},
		"192.168.1.164:6000", "192.168.1.163:80", "", true, true,
	},
	"between devices": {
		[2]string{"192.168.1.164:6000", "192.168.1.163:80"},
		[2]string{"192.168.1.163:80", "192.168.1.164:6000"},
		"192.168.1.164:6000", "192.168.1.163:80", "", true, true,
	},
	"DNS redirected to the router": {
		[2]string{"192.168.1.163:41234", "198.51.100.53:53"},
		[2]string{"192.168.1.1:53", "192.168.1.163:41234"},
		"192.168.1.163:41234", "192.168.1.1:53", "192.168.1.163:41234", true, false,
	},
	"to the router": {
		[2]string{"192.168.1.163:41234", "192.168.1.1:53"},
		[2]string{"192.168.1.1:53", "192.168.1.163:41234"},
		"192.168.1.163:41234", "192.168.1.1:53", "192.168.1.163:41234", true, false,
	},
	"from the router": {
		[2]string{"192.168.1.1:41234", "192.168.1.163:80"},
		[2]string{"192.168.1.163:80", "192.168.1.1:41234"},
		"192.168.1.163:80", "192.168.1.1:41234", "192.168.1.163:80", false, false,
	},
	"IPv6": {
		[2]string{"[2001:db8:20::163]:41234", "[2001:db8:100::7]:443"},
		[2]string{"[2001:db8:100::7]:443", "[2001:db8:20::163]:41234"},
		"[2001:db8:20::163]:41234", "[2001:db8:100::7]:443", "[2001:db8:20::163]:41234", true, false,
	},
	"IPv6 from outside": {
		[2]string{"[2001:db8:100::9]:5555", "[2001:db8:20::163]:22"},
		[2]string{"[2001:db8:20::163]:22", "[2001:db8:100::9]:5555"},
		"[2001:db8:20::163]:22", "[2001:db8:100::9]:5555", "[2001:db8:20::163]:22", false, false,
	},
}

func TestFlowIsSeenFromItsDevice(t *testing.T) {
	for name, c := range sides {
		e := connection(17, c.orig[0], c.orig[1], c.reply[0], c.reply[1])
		f, ok := e.Flow(inHome)
		want := Flow{
			Device: netip.MustParseAddrPort(c.device), Remote: netip.MustParseAddrPort(c.remote), Protocol: 17,
			Out: c.out, Peer: c.peer, Tx: Counters{5, 500}, Rx: Counters{3, 300},
		}
		if c.outside != "" {
			want.Outside = netip.MustParseAddrPort(c.outside)
		}
		if !c.out {
			want.Tx, want.Rx = want.Rx, want.Tx
		}
		if !ok || f != want {
			t.Errorf("%s:\ngot  %+v (%v)\nwant %+v", name, f, ok, want)
		}
	}
}

func TestFlowOfNobodyIsNone(t *testing.T) {
	for name, e := range map[string]Entry{
		"the router's own": connection(17, "203.0.113.20:123", "198.51.100.123:123", "198.51.100.123:123", "203.0.113.20:123"),
		"to the router":    connection(6, "198.51.100.9:5555", "203.0.113.20:22", "203.0.113.20:22", "198.51.100.9:5555"),
		"passing by":       connection(6, "198.51.100.9:5555", "198.51.100.7:22", "198.51.100.7:22", "198.51.100.9:5555"),
	} {
		if f, ok := e.Flow(inHome); ok {
			t.Errorf("%s: got %+v", name, f)
		}
	}
}

func TestFlowOfICMPKeepsItsIDOutside(t *testing.T) {
	e := connection(1, "192.168.1.163:0", "198.51.100.7:0", "198.51.100.7:0", "203.0.113.20:0")
	e.Orig.ICMP, e.Reply.ICMP = ICMP{8, 0, 77}, ICMP{0, 0, 1024}
	f, ok := e.Flow(inHome)
	if !ok || f.ICMP != (ICMP{8, 0, 77}) || f.OutsideICMP != 1024 || f.Outside != netip.MustParseAddrPort("203.0.113.20:0") {
		t.Errorf("got %+v (%v), want type 8, ID 77 inside and 1024 at 203.0.113.20", f, ok)
	}
}
