package firewall

import (
	"net/netip"
	"testing"

	"golang.org/x/sys/unix"
)

// opened is a connection as conntrack has it where nobody is behind NAT.
func opened(protocol uint8, from, to string, icmpType int) entry {
	src, dst := netip.MustParseAddrPort(from), netip.MustParseAddrPort(to)
	return entry{
		orig:  tuple{src: src.Addr(), dst: dst.Addr(), protocol: protocol, from: src.Port(), port: dst.Port(), icmpType: icmpType},
		reply: tuple{src: dst.Addr(), dst: src.Addr(), protocol: protocol, from: dst.Port(), port: src.Port(), icmpType: icmpType},
	}
}

func TestConnectionsThatAProfileEnds(t *testing.T) {
	p := profiled(policy(t, false,
		`drop "ipv4":{"destination-ipv4-network":"198.51.100.8/32"}
		"ipv4":{"ietf-acldns:dst-dnsname":"cloud.example.com"},"tcp":{"destination-port":{"port":443},"source-port":{"operator":"gte","port":1024}}
		"ietf-mud:mud":{"my-controller":[null]},"ipv4":{"protocol":1},"icmp":{"type":8,"code":0}
		"ietf-mud:mud":{"my-controller":[null]},"ipv4":{"ttl":1},"udp":{}
		"ipv6":{"ietf-acldns:dst-dnsname":"cloud.example.com"}`,
		`"ietf-mud:mud":{"local-networks":[null]},"tcp":{"destination-port":{"port":80}}`), Enforce)
	f := &Firewall{memory: newMemory(), state: State{Profiles: []Profile{p}}}
	f.memory.learned.learn("cloud.example.com", []Address{known("198.51.100.9", 0), known("198.51.100.8", 0)}, noon)
	js, afresh := f.judgesLocked()
	if !afresh {
		t.Error("the profile is not new")
	}

	forwarded := opened(unix.IPPROTO_TCP, "192.168.1.7:4000", "203.0.113.1:8080", -1) // to port 80 of the camera
	forwarded.reply.src, forwarded.reply.from = netip.MustParseAddr("192.168.1.163"), 80
	masked := opened(unix.IPPROTO_TCP, "192.168.1.163:4000", "198.51.100.7:443", -1)
	masked.reply.dst = netip.MustParseAddr("203.0.113.1")
	for what, c := range map[string]struct {
		entry entry
		ends  bool
	}{
		"to the cloud, behind NAT":       {masked, false},
		"to an address learned":          {opened(unix.IPPROTO_TCP, "192.168.1.163:4000", "198.51.100.9:443", -1), false},
		"to one that is dropped first":   {opened(unix.IPPROTO_TCP, "192.168.1.163:4000", "198.51.100.8:443", -1), true},
		"from the wrong port":            {opened(unix.IPPROTO_TCP, "192.168.1.163:80", "198.51.100.7:443", -1), true},
		"to another port":                {opened(unix.IPPROTO_TCP, "192.168.1.163:4000", "198.51.100.7:80", -1), true},
		"over IPv6":                      {opened(unix.IPPROTO_UDP, "[fd00:1::163]:4000", "[2001:db8:100::7]:9", -1), false},
		"a ping":                         {opened(unix.IPPROTO_ICMP, "192.168.1.163:0", "192.168.1.7:0", 8), false},
		"another question":               {opened(unix.IPPROTO_ICMP, "192.168.1.163:0", "192.168.1.7:0", 13), true},
		"of what conntrack cannot tell":  {opened(unix.IPPROTO_UDP, "192.168.1.163:4000", "192.168.1.7:9", -1), true},
		"by a neighbour, forwarded":      {forwarded, false},
		"by a neighbour to another":      {opened(unix.IPPROTO_TCP, "192.168.1.7:4000", "192.168.1.163:81", -1), true},
		"to a server of leases, far off": {opened(unix.IPPROTO_UDP, "192.168.1.163:68", "203.0.113.1:67", -1), true},
		"of somebody else":               {opened(unix.IPPROTO_TCP, "192.168.1.7:4000", "198.51.100.7:80", -1), false},
	} {
		if got := js.doomed(c.entry); got != c.ends {
			t.Errorf("%s: ended %v", what, got)
		}
	}
	f.judged = f.state.Profiles
	if js, afresh = f.judgesLocked(); len(js) > 0 || afresh {
		t.Errorf("connections are judged again by %d profiles that have not changed", len(js))
	}
	f.state.Profiles = []Profile{p.at([]netip.Addr{netip.MustParseAddr("192.168.1.164")})}
	if js, afresh = f.judgesLocked(); len(js) != 1 || afresh {
		t.Errorf("of a device with another address they are judged by %d, all of the home's %v", len(js), afresh)
	}
}
