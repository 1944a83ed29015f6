package culprit

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"spinneret/capture"
	"spinneret/capture/packet"
	"spinneret/dots/wire"
)

var (
	noon    = time.Date(2026, 11, 21, 12, 4, 0, 0, time.UTC)
	bulb    = packet.MAC{2, 0, 0, 0, 0, 1}
	tv      = packet.MAC{2, 0, 0, 0, 0, 2}
	bulbIP  = netip.MustParseAddr("192.168.1.10")
	tvIP    = netip.MustParseAddr("192.168.1.20")
	bulbIP6 = netip.MustParseAddr("2001:db8:5::10")
	victim  = netip.MustParseAddr("198.51.100.7")
)

// attack is a flow of the bulb to the victim, through outside port 40321, from 12:01:10 to 12:03:40.
func attack(change ...func(*capture.Flow)) capture.Flow {
	f := capture.Flow{
		Device: bulb, DeviceAddr: bulbIP, DeviceMAC: capture.MACFrame, Remote: victim, Protocol: packet.ProtoUDP,
		DevicePort: 5353, RemotePort: 53, Port: 53, Out: true, Outside: netip.MustParseAddrPort("203.0.113.20:40321"),
		First: noon.Add(-170 * time.Second), Last: noon.Add(-20 * time.Second), Ended: true,
	}
	for _, fn := range change {
		fn(&f)
	}
	return f
}

func of(mac packet.MAC, addr netip.Addr, how capture.MACSource) func(*capture.Flow) {
	return func(f *capture.Flow) { f.Device, f.DeviceAddr, f.DeviceMAC = mac, addr, how }
}

func through(outside string) func(*capture.Flow) {
	return func(f *capture.Flow) {
		f.Outside = netip.AddrPort{}
		if outside != "" {
			f.Outside = netip.MustParseAddrPort(outside)
		}
	}
}

// ping is a flow of ICMP.
func ping(types capture.ICMP, change ...func(*capture.Flow)) capture.Flow {
	f := attack(change...)
	f.Protocol, f.DevicePort, f.RemotePort, f.Port, f.ICMP = packet.ProtoICMP, 0, 0, 0, types
	return f
}

// icmpScope is a request about types of ICMP.
func icmpScope(lower, upper uint8) wire.Scope {
	s := scope(wan, 0, target, 0, packet.ProtoICMP)
	s.SourceICMP = []wire.TypeRange{{Lower: lower, Upper: upper}}
	return s
}

func live(f *capture.Flow) { f.Ended, f.Last = false, noon }

// scope is what the provider asks, in the order source, source port, target, target port; zero ports are not named.
func scope(source string, port uint16, target string, targetPort uint16, protocols ...uint8) wire.Scope {
	s := wire.Scope{
		Sources: []netip.Prefix{netip.MustParsePrefix(source)}, Targets: []netip.Prefix{netip.MustParsePrefix(target)}, Protocols: protocols,
	}
	if port != 0 {
		s.SourcePorts = []wire.PortRange{{Lower: port, Upper: port}}
	}
	if targetPort != 0 {
		s.TargetPorts = []wire.PortRange{{Lower: targetPort, Upper: targetPort}}
	}
	return s
}

const (
	wan    = "203.0.113.20/32"
	target = "198.51.100.7/32"
)

// exact is all that a provider can know of a flow.
var exact = scope(wan, 40321, target, 53, 17)

// cases are what a provider asks, what was seen, and whom that means.
var cases = []struct {
	name  string
	scope wire.Scope
	flows []capture.Flow
	want  []packet.MAC
	doubt string // part of it
	why   string // part of the first suspect's
}{
	{"an outside port of minutes ago", exact, []capture.Flow{attack()}, []packet.MAC{bulb}, "", "outside port 40321 was this device's from 12:01:10 to 12:03:40"},
	{"an outside port in use", exact, []capture.Flow{attack(live)}, []packet.MAC{bulb}, "", "outside port 40321 is this device's since 12:01:10"},
	{"another outside port", scope(wan, 40322, target, 53, 17), []capture.Flow{attack()}, nil, "", ""},
	{"another outside address", scope("203.0.113.21/32", 40321, target, 53, 17), []capture.Flow{attack()}, nil, "", ""},
	{"another target", scope(wan, 40321, "198.51.100.8/32", 53, 17), []capture.Flow{attack()}, nil, "", ""},
	{"another target port", scope(wan, 40321, target, 443, 17), []capture.Flow{attack()}, nil, "", ""},
	{"another protocol", scope(wan, 40321, target, 53, 6), []capture.Flow{attack()}, nil, "", ""},
	{"any protocol", scope(wan, 40321, target, 0), []capture.Flow{attack()}, []packet.MAC{bulb}, "", "40321"},
	{"too long ago", exact, []capture.Flow{attack(func(f *capture.Flow) { f.Last = noon.Add(-Window - time.Second) })}, nil, "", ""},
	{"inside the home", exact, []capture.Flow{attack(func(f *capture.Flow) { f.Scope = capture.ScopeLAN })}, nil, "", ""},
	{"the target alone singles one out", scope(wan, 0, target, 0), []capture.Flow{attack()}, []packet.MAC{bulb}, "", "it talked with 198.51.100.7:53"},
	{
		"two talk to the target", scope(wan, 0, target, 0),
		[]capture.Flow{attack(), attack(of(tv, tvIP, capture.MACFrame), through("203.0.113.20:40400"))},
		[]packet.MAC{bulb, tv},
		"2 devices match", "",
	},
	{
		"the port tells two apart", exact,
		[]capture.Flow{attack(), attack(of(tv, tvIP, capture.MACFrame), through("203.0.113.20:40400"))},
		[]packet.MAC{bulb},
		"", "",
	},
	{
		"the port was given to another meanwhile", exact,
		[]capture.Flow{attack(), attack(of(tv, tvIP, capture.MACFrame), live)},
		[]packet.MAC{bulb, tv},
		"2 devices match", "",
	},
	{"the bulb uses the television's address", exact, []capture.Flow{attack(of(bulb, tvIP, capture.MACFrame))}, []packet.MAC{bulb}, "", ""},
	{
		"frames outrank addresses", scope(wan, 0, target, 0),
		[]capture.Flow{attack(of(bulb, tvIP, capture.MACFrame)), attack(of(tv, tvIP, capture.MACAddress), through("203.0.113.20:40400"))},
		[]packet.MAC{bulb},
		"", "",
	},
	{"nobody saw a frame of an address that two use", exact, []capture.Flow{attack(of(tv, tvIP, capture.MACAddress))}, []packet.MAC{bulb, tv}, "2 devices match", ""},
	{"nobody knows the sender", exact, []capture.Flow{attack(of(packet.MAC{}, tvIP.Next(), capture.MACNone))}, nil, "", ""},
	{
		"nobody knows another sender", scope(wan, 0, target, 0),
		[]capture.Flow{attack(), attack(of(packet.MAC{}, tvIP.Next(), capture.MACNone))},
		[]packet.MAC{bulb},
		"not known", "",
	},
	{
		"a flood of so many that some go unseen", exact,
		[]capture.Flow{attack(of(packet.MAC{}, bulbIP, capture.MACNone)), attack(through("203.0.113.20:40400"))},
		[]packet.MAC{bulb},
		"", "40321",
	},
	{"nothing of it was seen", exact, []capture.Flow{attack(of(packet.MAC{}, bulbIP, capture.MACNone))}, []packet.MAC{bulb}, "no frame", ""},
	{"a target of more than one site", scope(wan, 40321, "198.51.0.0/23", 53, 17), nil, nil, "", ""},
	{"a wide target that one talks to", scope(wan, 40321, "198.51.100.0/23", 53, 17), []capture.Flow{attack()}, []packet.MAC{bulb}, "wider", ""},
	{"ICMP has no ports", scope(wan, 0, target, 0, 1), []capture.Flow{attack(func(f *capture.Flow) {
		f.Protocol, f.RemotePort = packet.ProtoICMP, 0
	})}, []packet.MAC{bulb}, "", "it talked with 198.51.100.7 from"},
	{
		"one sends the ICMP type, another a different one", icmpScope(8, 8),
		[]capture.Flow{ping(capture.ICMPOf(8)), ping(capture.ICMPOf(13), of(tv, tvIP, capture.MACFrame))},
		[]packet.MAC{bulb},
		"", "",
	},
	{"another ICMP type", icmpScope(13, 18), []capture.Flow{ping(capture.ICMPOf(8))}, nil, "", ""},
	{"nobody knows which ICMP type", icmpScope(13, 18), []capture.Flow{ping(0)}, []packet.MAC{bulb}, "", ""},
	{"an IPv6 flow", scope("2001:db8:5::10/128", 0, "2001:db8:9::1/128", 0), []capture.Flow{attack(
		of(bulb, bulbIP6, capture.MACFrame), through(""), func(f *capture.Flow) { f.Remote = netip.MustParseAddr("2001:db8:9::1") },
	)}, []packet.MAC{bulb}, "", ""},
	{"an IPv6 address is enough", scope("2001:db8:5::10/128", 0, "2001:db8:9::1/128", 0), nil, []packet.MAC{bulb}, "", "the address 2001:db8:5::10 is this device's"},
	{"an IPv6 network is not", scope("2001:db8:5::/64", 0, "2001:db8:9::1/128", 0), nil, nil, "", ""},
	{"the way through NAT is not known", scope(wan, 0, target, 0), []capture.Flow{attack(through(""))}, []packet.MAC{bulb}, "outside port", ""},
}

func TestFind(t *testing.T) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := Case{Scope: c.scope, At: noon, Flows: c.flows, Owners: users}.Find()
			var macs []packet.MAC
			for _, s := range got.Suspects {
				macs = append(macs, s.MAC)
			}
			if !slices.Equal(macs, c.want) || !strings.Contains(got.Doubt.String(), c.doubt) || (c.doubt == "") != got.Doubt.IsZero() {
				t.Fatalf("found %v, doubt %q; want %v, %q", macs, got.Doubt, c.want, c.doubt)
			}
			if len(got.Suspects) > 0 && !strings.Contains(got.Suspects[0].Why.String(), c.why) {
				t.Errorf("why: %q, want %q", got.Suspects[0].Why, c.why)
			}
		})
	}
}

// users are the devices that were seen with an address: the bulb was seen with the television's too.
func users(a netip.Addr) []packet.MAC {
	return map[netip.Addr][]packet.MAC{bulbIP: {bulb}, tvIP: {tv, bulb}, bulbIP6: {bulb}}[a]
}

// TestAFlowThatHasJustBegunIsWaitedFor: its outside port is in conntrack's next dump.
func TestAFlowThatHasJustBegunIsWaitedFor(t *testing.T) {
	c := Case{Scope: scope(wan, 40321, target, 53, 17), At: noon, Flows: []capture.Flow{attack(through(""))}, Owners: users}
	if got := c.Find(); !got.Early || len(got.Suspects) != 0 {
		t.Errorf("found %+v, want nobody yet", got)
	}
	c.Flows = append(c.Flows, attack())
	if got := c.Find(); got.Early || len(got.Suspects) != 1 {
		t.Errorf("found %+v, want the device whose port it is", got)
	}
}

func TestTargetsAreTheContractsWords(t *testing.T) {
	s := scope(wan, 40000, target, 53, 17, 6, 58)
	s.TargetPorts = append(s.TargetPorts, wire.PortRange{Lower: 8000, Upper: 8010})
	s.Targets = append(s.Targets, netip.MustParsePrefix("2001:db8:9::/48"))
	got, err := Targets(s)
	want := "198.51.100.7:53/tcp 198.51.100.7:8000-8010/tcp 198.51.100.7:53/udp 198.51.100.7:8000-8010/udp " +
		"[2001:db8:9::/48]:53/tcp [2001:db8:9::/48]:8000-8010/tcp [2001:db8:9::/48]:53/udp [2001:db8:9::/48]:8000-8010/udp 2001:db8:9::/48/icmpv6"
	if err != nil || strings.Join(got, " ") != want {
		t.Errorf("targets %q, %v", got, err)
	}
	s = scope(wan, 0, target, 0, 1)
	s.SourceICMP = []wire.TypeRange{{Lower: 8, Upper: 9}}
	if got, err := Targets(s); err != nil || strings.Join(got, " ") != "198.51.100.7/icmp=8 198.51.100.7/icmp=9" {
		t.Errorf("ICMP: %q, %v", got, err)
	}
	s.SourceICMP[0].Upper = 255
	for name, s := range map[string]wire.Scope{"too much": s, "GRE": scope(wan, 0, target, 0, 47), "ICMPv6 to IPv4": scope(wan, 0, target, 0, 58)} {
		if got, err := Targets(s); err == nil {
			t.Errorf("%s: %q, want an error", name, got)
		}
	}
	if got := Sources(scope("2001:db8::1/128", 40000, target, 0)); strings.Join(got, " ") != "[2001:db8::1]:40000" {
		t.Errorf("sources %q", got)
	}
}
