package capture

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spinneret/capture/packet"
)

var scopeWord = map[Scope]string{ScopeInternet: "internet", ScopeRouter: "router", ScopeLAN: "lan"}

// line writes a flow so that a table of them can be read.
func line(f *Flow) string {
	dir := "in"
	if f.Out {
		dir = "out"
	}
	s := fmt.Sprintf("%s %v > %v %s %s port %d %s tx %d rx %d",
		f.Device, end(f.DeviceAddr, f.DevicePort), end(f.Remote, f.RemotePort), f.Protocol, dir, f.Port,
		scopeWord[f.Scope], f.TxPackets, f.RxPackets)
	if !f.Peer.IsZero() {
		s += " peer " + f.Peer.String()
	}
	if f.Ended {
		s += " ended"
	}
	return s
}

func end(a netip.Addr, port uint16) string {
	if !a.IsValid() {
		return "-"
	}
	return netip.AddrPortFrom(a, port).String()
}

func lines(t *Table) []string {
	var out []string
	for _, f := range t.AppendFlows(nil, nil) {
		out = append(out, line(&f))
	}
	slices.Sort(out)
	return out
}

// Each case is what goes by and the flows that come of it.
func TestFlows(t *testing.T) {
	const syn, synAck, ack, fin, rst = tcpSYN, tcpSYN | tcpACK, tcpACK, tcpFIN | tcpACK, tcpRST
	out, in := macs(cam, gateway), macs(gateway, cam)
	cases := map[string]struct {
		home    *Home
		packets []*packet.Packet
		want    []string
	}{
		"a device talks to the internet and is answered": {
			packets: []*packet.Packet{
				udp(camAddr, 5000, server, 443, out),
				udp(server, 443, camAddr, 5000, in),
				udp(camAddr, 5000, server, 443, out),
			},
			want: []string{"02:00:00:00:00:01 192.168.1.10:5000 > 198.51.100.7:443 udp out port 443 internet tx 2 rx 1"},
		},
		"the same over IPv6": {
			packets: []*packet.Packet{
				udp(addr("fd00:1::10"), 5000, addr("2001:db8::7"), 443, out),
				udp(addr("2001:db8::7"), 443, addr("fd00:1::10"), 5000, in),
			},
			want: []string{"02:00:00:00:00:01 [fd00:1::10]:5000 > [2001:db8::7]:443 udp out port 443 internet tx 1 rx 1"},
		},
		"somebody outside begins": {
			packets: []*packet.Packet{
				tcp(server, 40000, camAddr, 80, syn, in),
				tcp(camAddr, 80, server, 40000, synAck, out),
			},
			want: []string{"02:00:00:00:00:01 192.168.1.10:80 > 198.51.100.7:40000 tcp in port 80 internet tx 1 rx 1"},
		},
		"the answer to a SYN that was not seen tells who began": {
			packets: []*packet.Packet{tcp(server, 443, camAddr, 5000, synAck, in)},
			want:    []string{"02:00:00:00:00:01 192.168.1.10:5000 > 198.51.100.7:443 tcp out port 443 internet tx 0 rx 1"},
		},
		"a TCP conversation already going on was begun by the side with the high port": {
			packets: []*packet.Packet{tcp(server, 443, camAddr, 5000, ack, in)},
			want:    []string{"02:00:00:00:00:01 192.168.1.10:5000 > 198.51.100.7:443 tcp out port 443 internet tx 0 rx 1"},
		},
		"two high ports say nothing, so the first packet counts": {
			packets: []*packet.Packet{tcp(server, 8443, camAddr, 5000, ack, in)},
			want:    []string{"02:00:00:00:00:01 192.168.1.10:5000 > 198.51.100.7:8443 tcp in port 5000 internet tx 0 rx 1"},
		},
		"the router's own services are of scope router": {
			packets: []*packet.Packet{
				udp(camAddr, 5000, gatewayAddr, 53, out),
				udp(gatewayAddr, 53, camAddr, 5000, in),
			},
			want: []string{"02:00:00:00:00:01 192.168.1.10:5000 > 192.168.1.1:53 udp out port 53 router tx 1 rx 1"},
		},
		"a home address behind the router's MAC that no device has is the router's, listed or not": {
			packets: []*packet.Packet{udp(camAddr, 5000, addr("192.168.1.2"), 53, out)},
			want:    []string{"02:00:00:00:00:01 192.168.1.10:5000 > 192.168.1.2:53 udp out port 53 router tx 1 rx 0"},
		},
		"two devices make one flow, of the one that began": {
			packets: []*packet.Packet{
				tcp(camAddr, 5000, printerAddr, 9100, syn, macs(cam, printer)),
				tcp(printerAddr, 9100, camAddr, 5000, synAck, macs(printer, cam)),
			},
			want: []string{"02:00:00:00:00:01 192.168.1.10:5000 > 192.168.1.30:9100 tcp out port 9100 lan tx 1 rx 1 peer 02:00:00:00:00:03"},
		},
		"two devices, the answer first": {
			packets: []*packet.Packet{
				tcp(printerAddr, 9100, camAddr, 5000, synAck, macs(printer, cam)),
				tcp(camAddr, 5000, printerAddr, 9100, ack, macs(cam, printer)),
			},
			want: []string{"02:00:00:00:00:01 192.168.1.10:5000 > 192.168.1.30:9100 tcp out port 9100 lan tx 1 rx 1 peer 02:00:00:00:00:03"},
		},
		"groups are on the LAN and have no peer": {
			packets: []*packet.Packet{
				udp(camAddr, 5353, addr("224.0.0.251"), 5353, macs(cam, packet.MAC{1, 0, 0x5e, 0, 0, 0xfb})),
				udp(camAddr, 137, addr("192.168.1.255"), 137, macs(cam, packet.Broadcast)),
				udp(addr("0.0.0.0"), 68, addr("255.255.255.255"), 67, macs(cam, packet.Broadcast)),
			},
			want: []string{
				"02:00:00:00:00:01 0.0.0.0:68 > 255.255.255.255:67 udp out port 67 lan tx 1 rx 0",
				"02:00:00:00:00:01 192.168.1.10:137 > 192.168.1.255:137 udp out port 137 lan tx 1 rx 0",
				"02:00:00:00:00:01 192.168.1.10:5353 > 224.0.0.251:5353 udp out port 5353 lan tx 1 rx 0",
			},
		},
		"a forged source address still points at its sender": {
			packets: []*packet.Packet{
				udp(addr("10.9.8.7"), 1, server, 53, out),
				udp(tvAddr, 1, server, 53, out),
			},
			want: []string{
				"02:00:00:00:00:01 10.9.8.7:1 > 198.51.100.7:53 udp out port 53 internet tx 1 rx 0",
				"02:00:00:00:00:01 192.168.1.20:1 > 198.51.100.7:53 udp out port 53 internet tx 1 rx 0",
			},
		},
		"the router's own traffic is nobody's": {
			packets: []*packet.Packet{
				udp(gatewayAddr, 5353, addr("224.0.0.251"), 5353, macs(gateway, packet.MAC{1, 0, 0x5e, 0, 0, 0xfb})),
				udp(server, 123, gatewayAddr, 123, macs(gateway, gateway)),
				frame(0x88cc, macs(gateway, packet.MAC{1, 0x80, 0xc2, 0, 0, 0xe})),
			},
		},
		"frames without IP are flows by EtherType and MAC": {
			packets: []*packet.Packet{
				arp(camAddr, gatewayAddr, macs(cam, packet.Broadcast)),
				arp(gatewayAddr, camAddr, macs(gateway, cam)),
				frame(0x88e1, macs(cam, tv)),
				frame(0x88e1, macs(tv, cam)),
				frame(0x88cc, macs(cam, packet.MAC{1, 0x80, 0xc2, 0, 0, 0xe})),
			},
			want: []string{
				"02:00:00:00:00:01 - > - 0x0806 in port 0 router tx 0 rx 1",
				"02:00:00:00:00:01 - > - 0x0806 out port 0 lan tx 1 rx 0",
				"02:00:00:00:00:01 - > - 0x88cc out port 0 lan tx 1 rx 0",
				"02:00:00:00:00:01 - > - 0x88e1 out port 0 lan tx 1 rx 1 peer 02:00:00:00:00:02",
			},
		},
		"without any MAC there are flows but no devices": {
			packets: []*packet.Packet{
				udp(camAddr, 5000, server, 53), udp(server, 53, camAddr, 5000),
				udp(server, 53, tvAddr, 5000),
				udp(server, 1, other, 2), udp(other, 2, server, 1),
			},
			want: []string{
				"00:00:00:00:00:00 192.168.1.10:5000 > 198.51.100.7:53 udp out port 53 internet tx 1 rx 1",
				"00:00:00:00:00:00 192.168.1.20:5000 > 198.51.100.7:53 udp in port 5000 internet tx 0 rx 1",
				"00:00:00:00:00:00 198.51.100.7:1 > 198.51.100.8:2 udp out port 2 internet tx 1 rx 1",
			},
		},
		"later fragments go to their datagram's flow, strays to one without ports": {
			packets: []*packet.Packet{
				udp(camAddr, 5000, server, 53, out, part(0, 7)),
				udp(camAddr, 0, server, 0, out, part(1480, 7)),
				udp(camAddr, 0, server, 0, out, part(1480, 8)),
				udp(camAddr, 0, server, 0, out, part(1480, 7), at(time.Minute)),
			},
			want: []string{
				"02:00:00:00:00:01 192.168.1.10:0 > 198.51.100.7:0 udp out port 0 internet tx 2 rx 0",
				"02:00:00:00:00:01 192.168.1.10:5000 > 198.51.100.7:53 udp out port 53 internet tx 2 rx 0",
			},
		},
		"FIN both ways ends a conversation": {
			packets: []*packet.Packet{
				tcp(camAddr, 5000, server, 443, syn, out), tcp(camAddr, 5000, server, 443, fin, out),
				tcp(server, 443, camAddr, 5000, fin, in), tcp(camAddr, 5000, server, 443, ack, out),
			},
			want: []string{"02:00:00:00:00:01 192.168.1.10:5000 > 198.51.100.7:443 tcp out port 443 internet tx 3 rx 1 ended"},
		},
		"FIN one way does not": {
			packets: []*packet.Packet{
				tcp(camAddr, 5000, server, 443, syn, out), tcp(camAddr, 5000, server, 443, fin, out),
				tcp(camAddr, 5000, server, 443, fin, out),
			},
			want: []string{"02:00:00:00:00:01 192.168.1.10:5000 > 198.51.100.7:443 tcp out port 443 internet tx 3 rx 0"},
		},
		"RST ends it at once": {
			packets: []*packet.Packet{
				tcp(camAddr, 5000, server, 443, syn, out), tcp(server, 443, camAddr, 5000, rst, in),
			},
			want: []string{"02:00:00:00:00:01 192.168.1.10:5000 > 198.51.100.7:443 tcp out port 443 internet tx 1 rx 1 ended"},
		},
		"a SYN on an ended conversation opens it again and the counts go on": {
			packets: []*packet.Packet{
				tcp(camAddr, 5000, server, 443, syn, out), tcp(server, 443, camAddr, 5000, rst, in),
				tcp(camAddr, 5000, server, 443, syn, out), tcp(camAddr, 5000, server, 443, fin, out),
			},
			want: []string{"02:00:00:00:00:01 192.168.1.10:5000 > 198.51.100.7:443 tcp out port 443 internet tx 3 rx 1"},
		},
		"nflog: what comes back carries the provider's MAC, so the address tells the device": {
			home: logHome(),
			packets: []*packet.Packet{
				udp(camAddr, 5000, server, 443, via(lanIndex, wanIndex, cam)),
				udp(server, 443, camAddr, 5000, via(wanIndex, lanIndex, isp)),
			},
			want: []string{"02:00:00:00:00:01 192.168.1.10:5000 > 198.51.100.7:443 udp out port 443 internet tx 1 rx 1"},
		},
		"nflog: the router's answers carry no MAC and no input interface": {
			home: logHome(),
			packets: []*packet.Packet{
				udp(camAddr, 5000, gatewayAddr, 53, via(lanIndex, 0, cam)),
				udp(gatewayAddr, 53, camAddr, 5000, via(0, lanIndex, packet.MAC{})),
			},
			want: []string{"02:00:00:00:00:01 192.168.1.10:5000 > 192.168.1.1:53 udp out port 53 router tx 1 rx 1"},
		},
		"nflog: what the router itself does with the internet is no flow": {
			home: logHome(),
			packets: []*packet.Packet{
				udp(wanAddr, 123, server, 123, via(0, wanIndex, packet.MAC{})),
				udp(server, 123, wanAddr, 123, via(wanIndex, 0, isp)),
				udp(addr("203.0.113.1"), 67, addr("255.255.255.255"), 68, via(wanIndex, 0, isp)),
			},
		},
		"nflog: a flow first seen from outside finds its device when that answers": {
			home: logHome(),
			packets: []*packet.Packet{
				tcp(server, 40000, camAddr, 80, syn, via(wanIndex, lanIndex, isp)),
				tcp(camAddr, 80, server, 40000, synAck, via(lanIndex, wanIndex, cam)),
			},
			want: []string{"02:00:00:00:00:01 192.168.1.10:80 > 198.51.100.7:40000 tcp in port 80 internet tx 1 rx 1"},
		},
		"nflog: a device nobody heard is a flow without device": {
			home:    logHome(),
			packets: []*packet.Packet{tcp(server, 40000, camAddr, 80, syn, via(wanIndex, lanIndex, isp))},
			want:    []string{"00:00:00:00:00:00 192.168.1.10:80 > 198.51.100.7:40000 tcp in port 80 internet tx 0 rx 1"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if c.home == nil {
				c.home = wireHome()
			}
			table := tableOf(c.home)
			for _, p := range c.packets {
				table.Add(p)
			}
			if diff := cmp.Diff(c.want, lines(table)); diff != "" {
				t.Errorf("flows (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBytesAreCountedOnTheFlowAndOnBothDevices(t *testing.T) {
	table := tableOf(wireHome())
	table.Add(tcp(camAddr, 5000, printerAddr, 9100, tcpSYN, macs(cam, printer), size(60)))
	table.Add(tcp(printerAddr, 9100, camAddr, 5000, tcpACK, macs(printer, cam), size(1500)))
	table.Add(udp(printerAddr, 1, server, 53, macs(printer, gateway), size(7)))
	table.Add(udp(server, 53, printerAddr, 1, macs(gateway, printer), size(11)))
	var got []string
	for _, d := range table.AppendDevices(nil) {
		got = append(got, fmt.Sprintf("%s tx %d/%d rx %d/%d", d.MAC, d.TxBytes, d.TxPackets, d.RxBytes, d.RxPackets))
	}
	want := []string{"02:00:00:00:00:01 tx 60/1 rx 1500/1", "02:00:00:00:00:03 tx 1507/2 rx 71/2"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("devices (-want +got):\n%s", diff)
	}
	f := table.AppendFlows(nil, func(f *Flow) bool { return f.Scope == ScopeLAN })
	if len(f) != 1 || f[0].TxBytes != 60 || f[0].RxBytes != 1500 {
		t.Errorf("flow inside the home: %+v", f)
	}
}

func TestAddTellsTheDevicesAtBothEnds(t *testing.T) {
	table := tableOf(logHome())
	var got []string
	for _, p := range []*packet.Packet{
		udp(camAddr, 5000, gatewayAddr, 53, via(lanIndex, 0, cam)),
		udp(gatewayAddr, 53, camAddr, 5000, via(0, lanIndex, packet.MAC{})),
		udp(server, 53, camAddr, 6000, via(wanIndex, lanIndex, isp)),
		udp(server, 53, camAddr, 6000, via(wanIndex, lanIndex, isp)),
		udp(server, 53, tvAddr, 6000, via(wanIndex, lanIndex, isp)),
	} {
		from, to := table.Add(p)
		got = append(got, from.String()+" "+to.String())
	}
	const no = "00:00:00:00:00:00"
	want := []string{cam.String() + " " + no, no + " " + cam.String(), no + " " + cam.String(), no + " " + cam.String(), no + " " + no}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ends (-want +got):\n%s", diff)
	}
}

func TestHowTheDeviceIsKnown(t *testing.T) {
	home := logHome()
	home.Neighbours = map[netip.Addr]packet.MAC{tvAddr: tv, printerAddr: gateway}
	table := tableOf(home)
	source := func(a netip.Addr) (packet.MAC, MACSource) {
		f := table.AppendFlows(nil, func(f *Flow) bool { return f.DeviceAddr == a })
		return f[0].Device, f[0].DeviceMAC
	}
	fromOutside := func(a netip.Addr, port uint16) {
		table.Add(udp(server, port, a, 1, via(wanIndex, lanIndex, isp)))
	}
	fromOutside(tvAddr, 1)
	fromOutside(printerAddr, 1)
	if mac, s := source(tvAddr); mac != tv || s != MACNeighbour {
		t.Errorf("a neighbour: %s %d", mac, s)
	}
	if mac, s := source(printerAddr); !mac.IsZero() || s != MACNone {
		t.Errorf("the router's MAC among the neighbours: %s %d", mac, s)
	}
	if d := table.AppendDevices(nil); len(d) != 0 {
		t.Errorf("nobody has sent yet, but there are devices: %v", d)
	}
	table.Add(udp(camAddr, 9, gatewayAddr, 9, via(lanIndex, 0, cam)))
	fromOutside(camAddr, 1)
	if mac, s := source(camAddr); mac != cam || s != MACFrame {
		t.Errorf("its own frame: %s %d", mac, s)
	}
	f := table.AppendFlows(nil, func(f *Flow) bool { return f.DeviceAddr == camAddr && f.Remote == server })
	if f[0].DeviceMAC != MACAddress {
		t.Errorf("the last MAC that sent from the address: %d", f[0].DeviceMAC)
	}
	table.Add(udp(tvAddr, 1, server, 1, via(lanIndex, wanIndex, tv)))
	if _, s := source(tvAddr); s != MACFrame {
		t.Errorf("a neighbour whose frame was seen then: %d", s)
	}
}

func TestThePeersOfAFlowAreFoundByAddressToo(t *testing.T) {
	table := tableOf(logHome())
	table.Add(udp(printerAddr, 9, gatewayAddr, 9, via(lanIndex, 0, printer)))
	table.Add(tcp(camAddr, 5000, printerAddr, 9100, tcpSYN, via(lanIndex, lanIndex, cam)))
	table.Add(tcp(printerAddr, 9100, camAddr, 5000, tcpSYN|tcpACK, via(lanIndex, lanIndex, printer)))
	f := table.AppendFlows(nil, func(f *Flow) bool { return f.RemotePort == 9100 })
	if len(f) != 1 || f[0].Peer != printer || f[0].TxPackets != 1 || f[0].RxPackets != 1 {
		t.Errorf("got %+v", f)
	}
}

func TestTimesAreThoseOfThePackets(t *testing.T) {
	table := tableOf(wireHome())
	for _, d := range []time.Duration{0, 5 * time.Second, 3 * time.Second} {
		table.Add(udp(camAddr, 1, server, 2, macs(cam, gateway), at(d)))
	}
	f := table.AppendFlows(nil, nil)[0]
	if !f.First.Equal(start) || !f.Last.Equal(start.Add(5*time.Second)) {
		t.Errorf("first %v last %v", f.First, f.Last)
	}
	d := table.AppendDevices(nil)[0]
	if !d.First.Equal(start) || !d.Last.Equal(start.Add(5*time.Second)) {
		t.Errorf("device first %v last %v", d.First, d.Last)
	}
}

func TestProtocolText(t *testing.T) {
	var got []string
	for _, p := range []Protocol{6, 17, 1, 58, 2, 132, NoIP | 0x88cc, NoIP | 0x0806, NoIP | 4} {
		got = append(got, p.String())
	}
	want := "tcp udp icmp icmpv6 2 132 0x88cc 0x0806 0x0004"
	if s := strings.Join(got, " "); s != want {
		t.Errorf("got %s, want %s", s, want)
	}
}
