package firewall

import (
	"bytes"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"spinneret/mud"
	"spinneret/openwrt/lab"
)

// makersWord is what the camera of the lab may do. The laptop is its controller, cloud.example.com is the internet's
// server.
func makersWord(t *testing.T, strict bool) mud.Policy {
	return policy(t, strict,
		`"ipv4":{"ietf-acldns:dst-dnsname":"cloud.example.com"},"tcp":{"destination-port":{"port":4443},"ietf-mud:direction-initiated":"from-device"}
		"ipv4":{"ietf-acldns:dst-dnsname":"late.example.com"},"udp":{"destination-port":{"port":4000}}
		"ietf-mud:mud":{"local-networks":[null]},"ipv4":{"destination-ipv4-network":"239.255.255.250/32"},"udp":{"destination-port":{"port":1900}}
		"ietf-mud:mud":{"my-controller":[null]},"ipv4":{"protocol":6},"tcp":{"destination-port":{"lower-port":8000,"upper-port":8010}}
		"ietf-mud:mud":{"my-controller":[null]},"ipv4":{"protocol":1},"icmp":{"type":8,"code":0}
		"ipv6":{"ietf-acldns:dst-dnsname":"cloud.example.com"},"udp":{"destination-port":{"operator":"neq","port":53}}
		"ipv6":{"ietf-acldns:dst-dnsname":"cloud.example.com","dscp":46},"tcp":{"destination-port":{"port":5061}}`,
		`"ipv4":{"ietf-acldns:src-dnsname":"cloud.example.com"},"tcp":{"source-port":{"port":4443}}
		"ietf-mud:mud":{"local-networks":[null]},"ipv4":{"protocol":6},"tcp":{"destination-port":{"port":8080}}
		"ietf-mud:mud":{"local-networks":[null]},"ipv6":{"protocol":17},"udp":{"destination-port":{"port":5683}}
		"ipv6":{"ietf-acldns:src-dnsname":"cloud.example.com"},"tcp":{"destination-port":{"port":443}}`)
}

// profile holds the camera to its maker's word.
func (h *house) profile(t *testing.T, mode ProfileMode, strict bool) Profile {
	t.Helper()
	v4, ula, gua := h.LANAddr()
	router := members(v4.String(), ula.String(), gua.String())
	return Profile{
		MAC: mac(t, h.cam), Mode: mode, Policy: makersWord(t, strict), Addresses: h.cam.Addrs(),
		Sets: map[mud.Endpoint]Party{
			{Kind: mud.Controller, Name: mud.ClassDNS}: router,
			{Kind: mud.Controller, Name: mud.ClassNTP}: router,
			{Kind: mud.LocalNetworks}: members("192.168.1.0/24", "224.0.0.0/4", "255.255.255.255",
				netip.PrefixFrom(ula, 64).Masked().String(), netip.PrefixFrom(gua, 64).Masked().String(), "fe80::/10", "ff00::/12"),
			{Kind: mud.MyController}:                    {Prefixes: members(h.laptop.IPv4().String()).Prefixes, MACs: [][6]byte{mac(t, h.laptop)}},
			{Kind: mud.Name, Name: "cloud.example.com"}: members(h.server4.String(), h.server6.String()),
		},
	}
}

// crossing is one packet, and whether the camera's maker allows it.
type crossing struct {
	name    string
	from    *wire
	frame   func(mark []byte) []byte
	at      *wire // where it arrives
	allowed bool
	to      bool // it is to the camera
}

// carries counts the frames that hold mark, whoever they are from.
func (w *wire) carries(mark []byte) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, f := range w.frames {
		if bytes.Contains(f, mark) {
			n++
		}
	}
	return n
}

// wires are the places where packets are sent and looked for, and whose they are.
type wires struct {
	home                                  *house
	out, server, atLaptop, atTV, atRouter *wire
	cam, laptop, tv                       [6]byte
	cam4, cam6, laptop4, laptop6, tv4     netip.Addr
}

func openWires(t *testing.T, h *house) wires {
	return wires{
		h, openWire(t, h.cam.NS, "eth0"), openWire(t, h.Internet(), "home0"),
		openWire(t, h.laptop.NS, "eth0"), openWire(t, h.tv.NS, "eth0"), openWire(t, h.Router(), lab.Bridge),
		mac(t, h.cam), mac(t, h.laptop), mac(t, h.tv),
		h.cam.IPv4(), h.cam.IPv6(), h.laptop.IPv4(), h.laptop.IPv6(), h.tv.IPv4(),
	}
}

func udpFrame(to, from [6]byte, src, dst netip.AddrPort) func([]byte) []byte {
	return func(m []byte) []byte { return framed(to, from, lab.UDP(src, dst, m)) }
}

func tcpFrame(to, from [6]byte, src, dst netip.AddrPort, flags byte) func([]byte) []byte {
	return func(m []byte) []byte { return framed(to, from, lab.TCP(src, dst, 1, flags, m)) }
}

// ping is an ICMP message of the camera.
func (x wires) ping(to [6]byte, dst netip.Addr, typ byte) func([]byte) []byte {
	return func(m []byte) []byte {
		body := append([]byte{typ, 0, 0, 0, 0, 1, 0, 1}, m...)
		sum := checksum(body)
		body[2], body[3] = byte(sum>>8), byte(sum)
		return framed(to, x.cam, ipv4Packet(1, x.cam4, dst, 0, body))
	}
}

// classed gives frames of IPv6 a class of service (RFC 2474 3).
func classed(frame func([]byte) []byte, dscp byte) func([]byte) []byte {
	return func(m []byte) []byte {
		f := frame(m)
		f[14] |= dscp >> 2
		f[15] |= dscp << 6
		return f
	}
}

// outward are packets of the camera to the internet, to ports of TCP at which nobody listens: who does would say SYN-ACK
// again and again to a camera that hears nothing of it, seconds later.
func (x wires) outward() []crossing {
	return []crossing{
		{"TCP to the cloud", x.out, tcpFrame(routerMAC, x.cam, port(x.cam4, 41000), port(x.home.server4, 4443), lab.FlagSYN), x.server, true, false},
		{"TCP to another port of it", x.out, tcpFrame(routerMAC, x.cam, port(x.cam4, 41000), port(x.home.server4, 4444), lab.FlagSYN), x.server, false, false},
		{"UDP to that port", x.out, udpFrame(routerMAC, x.cam, port(x.cam4, 41000), port(x.home.server4, 4443)), x.server, false, false},
		{"TCP to another server", x.out, tcpFrame(routerMAC, x.cam, port(x.cam4, 41000), netip.MustParseAddrPort("198.51.100.1:4443"), lab.FlagSYN), x.server, false, false},
		{"TCP to the cloud over IPv6", x.out, tcpFrame(routerMAC, x.cam, port(x.cam6, 41000), port(x.home.server6, 4443), lab.FlagSYN), x.server, false, false},
		{"UDP to the cloud over IPv6", x.out, udpFrame(routerMAC, x.cam, port(x.cam6, 41000), port(x.home.server6, 4443)), x.server, true, false},
		{"the one port that is not", x.out, udpFrame(routerMAC, x.cam, port(x.cam6, 41000), port(x.home.server6, 53)), x.server, false, false},
		{"with extension headers", x.out, func(m []byte) []byte {
			return framed(routerMAC, x.cam, extended(lab.UDP(port(x.cam6, 41001), port(x.home.server6, 4443), m)))
		}, x.server, true, false},
		{"with the right class of service", x.out, classed(tcpFrame(routerMAC, x.cam, port(x.cam6, 41002), port(x.home.server6, 5061), lab.FlagSYN), 46), x.server, true, false},
		{"with the wrong one", x.out, classed(tcpFrame(routerMAC, x.cam, port(x.cam6, 41003), port(x.home.server6, 5061), lab.FlagSYN), 10), x.server, false, false},
		{"from an address of a moment ago", x.out, udpFrame(routerMAC, x.cam, port(netip.MustParseAddr("192.168.1.250"), 41000), port(x.home.server4, 9)), x.server, false, false},
	}
}

// around are packets of the camera inside the home.
func (x wires) around() []crossing {
	group := netip.MustParseAddr("239.255.255.250")
	return []crossing{
		{"the router's DNS", x.out, udpFrame(routerMAC, x.cam, port(x.cam4, 41000), port(x.home.router4, 53)), x.atRouter, true, false},
		{"SSDP to its group", x.out, udpFrame([6]byte{1, 0, 0x5e, 0x7f, 0xff, 0xfa}, x.cam, port(x.cam4, 41000), port(group, 1900)), x.atLaptop, true, false},
		{"the group's other ports", x.out, udpFrame([6]byte{1, 0, 0x5e, 0x7f, 0xff, 0xfa}, x.cam, port(x.cam4, 41000), port(group, 1901)), x.atLaptop, false, false},
		{"a broadcast", x.out, udpFrame(broadcast, x.cam, port(x.cam4, 41000), port(limited, 9999)), x.atTV, false, false},
		{"its lease", x.out, udpFrame(broadcast, x.cam, port(anybody, 68), port(limited, 67)), x.atTV, true, false},
		{"its lease, asked for again of another than the router", x.out, udpFrame(x.tv, x.cam, port(x.cam4, 68), port(x.tv4, 67)), x.atTV, true, false},
		{"ARP", x.out, func(m []byte) []byte {
			return ethernet(broadcast, x.cam, 0x0806, arpPacket(1, x.cam, x.cam4, [6]byte{}, x.tv4), m)
		}, x.atTV, true, false},
		{"who it is to a neighbour", x.out, func(m []byte) []byte {
			return framed(x.laptop, x.cam, icmpv6Packet(136, x.cam6, x.laptop6, append(make([]byte, 20), m...)))
		}, x.atLaptop, true, false},
		{"what is no IP", x.out, func(m []byte) []byte { return ethernet(x.tv, x.cam, 0x88b5, m) }, x.atTV, false, false},
		{"a tag in a tag", x.out, func(m []byte) []byte {
			return tagged(tagged(framed(x.laptop, x.cam, lab.UDP(port(x.cam4, 1), port(x.laptop4, 8000), m)), 0), 0)
		}, x.atLaptop, false, false},
		{"TCP to its controller", x.out, tcpFrame(x.laptop, x.cam, port(x.cam4, 41000), port(x.laptop4, 8010), lab.FlagSYN), x.atLaptop, true, false},
		{"another port of its controller", x.out, tcpFrame(x.laptop, x.cam, port(x.cam4, 41000), port(x.laptop4, 8011), lab.FlagSYN), x.atLaptop, false, false},
		{"TCP to a device that is not", x.out, tcpFrame(x.tv, x.cam, port(x.cam4, 41000), port(x.tv4, 8010), lab.FlagSYN), x.atTV, false, false},
		{"a ping of its controller", x.out, x.ping(x.laptop, x.laptop4, 8), x.atLaptop, true, false},
		{"another ICMP question", x.out, x.ping(x.laptop, x.laptop4, 13), x.atLaptop, false, false},
		{"a ping of another", x.out, x.ping(x.tv, x.tv4, 8), x.atTV, false, false},
		{"an answer to nobody's call", x.out, tcpFrame(x.tv, x.cam, port(x.cam4, 8081), port(x.tv4, 8010), lab.FlagSYN|lab.FlagACK), x.atTV, false, false},
	}
}

// towards are packets to the camera.
func (x wires) towards() []crossing {
	return []crossing{
		{"TCP of a neighbour", x.atTV, tcpFrame(x.cam, x.tv, port(x.tv4, 42000), port(x.cam4, 8080), lab.FlagSYN), x.out, true, true},
		{"another port", x.atTV, tcpFrame(x.cam, x.tv, port(x.tv4, 42000), port(x.cam4, 8081), lab.FlagSYN), x.out, false, true},
		{"UDP of a neighbour over IPv6", x.atLaptop, udpFrame(x.cam, x.laptop, port(x.laptop6, 42000), port(x.cam6, 5683)), x.out, true, true},
		{"another port over IPv6", x.atLaptop, udpFrame(x.cam, x.laptop, port(x.laptop6, 42000), port(x.cam6, 5684)), x.out, false, true},
		{"a call from the port of an answer", x.atLaptop, tcpFrame(x.cam, x.laptop, port(x.laptop4, 8010), port(x.cam4, 8081), lab.FlagSYN), x.out, false, true},
		{"its lease, by another than the router", x.atTV, udpFrame(x.cam, x.tv, port(x.tv4, 67), port(x.cam4, 68)), x.out, true, true},
		{"a call from the cloud", x.server, tcpFrame(routerWAN, serverMAC, port(x.home.server6, 43000), port(x.cam6, 443), lab.FlagSYN), x.out, true, true},
		{"a call from the cloud to another port", x.server, tcpFrame(routerWAN, serverMAC, port(x.home.server6, 43000), port(x.cam6, 444), lab.FlagSYN), x.out, false, true},
	}
}

var routerWAN, serverMAC = [6]byte{2, 0, 0, 0, 1, 2}, [6]byte{2, 0, 0, 0, 1, 3}

func (h *house) refused(t *testing.T, to bool) uint64 {
	t.Helper()
	all, err := h.firewall.Profiles(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if c := all[mac(t, h.cam)]; to {
		return c.RefusedTo.Packets
	} else {
		return c.RefusedFrom.Packets
	}
}

// Packet by packet: what the maker allows arrives, with the profile and without; what he does not arrives without one,
// and where it is only watched, and is counted once.
func TestWhatAMakerAllowsArrivesAndNothingElse(t *testing.T) {
	for _, bridged := range []bool{false, true} {
		t.Run(fmt.Sprintf("bridge-nf-call-iptables %v", bridged), func(t *testing.T) { wantCrossings(t, lab.Options{BridgeNF: bridged}) })
	}
}

func wantCrossings(t *testing.T, o lab.Options) {
	h := startHouse(t, o)
	run(t, h.Router(), "", "nft", "insert", "rule", "inet", "fw4", "forward", "iifname", lab.WAN, "accept")
	x := openWires(t, h)
	all := slices.Concat(x.outward(), x.around(), x.towards())
	for _, when := range []string{"free", "watch", "enforce", "enforce strictly"} {
		s := h.state()
		if when != "free" {
			mode, letter, _ := strings.Cut(when, " ")
			s.Profiles = []Profile{h.profile(t, ProfileMode(mode), letter != "")}
		}
		run(t, h.Router(), "", "conntrack", "-F") // what is watched only is told when it begins
		apply(t, h.firewall, s)
		for i, c := range all {
			mark := fmt.Appendf(nil, "%s-%02d-crossing", when, i)
			before := h.refused(t, c.to)
			c.from.send(t, c.frame(mark))
			if when == "free" || when == "watch" || c.allowed {
				eventually(t, fmt.Sprintf("%s: %s arrives", when, c.name), func() bool { return c.at.carries(mark) > 0 })
			}
			if when != "free" && !c.allowed {
				eventually(t, fmt.Sprintf("%s: %s is counted", when, c.name), func() bool { return h.refused(t, c.to) > before })
			}
			if n := h.refused(t, c.to) - before; n > 0 && c.allowed || n > 1 && !(o.BridgeNF && when == "watch") {
				t.Errorf("%s: %s counted %d times", when, c.name, n)
			}
			if !c.allowed && strings.HasPrefix(when, "enforce") && c.at.carries(mark) > 0 {
				t.Errorf("%s: %s arrived", when, c.name)
			}
		}
	}
}
