package capture

import (
	"fmt"
	"net/netip"
	"slices"
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

func TestFlows(t *testing.T) {
	for name, c := range flowCases {
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

// TCP flags as the cases name them, and the two ways between the camera and the router.
const syn, synAck, ack, fin, rst = tcpSYN, tcpSYN | tcpACK, tcpACK, tcpFIN | tcpACK, tcpRST

var out, in = macs(cam, gateway), macs(gateway, cam)

// flowCases are what goes by and the flows that come of it.
var flowCases = map[string]struct {
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
	"a gateway that nobody told us of is a device, but no party to what passes through it": {
		packets: []*packet.Packet{
			tcp(server, 40000, camAddr, 80, syn, macs(isp, cam)),
			tcp(camAddr, 80, server, 40000, synAck, macs(cam, isp)),
			udp(camAddr, 1, other, 2, macs(cam, isp)),
			udp(other, 2, camAddr, 1, macs(isp, cam)),
		},
		want: []string{
			"02:00:00:00:00:01 192.168.1.10:1 > 198.51.100.8:2 udp out port 2 internet tx 1 rx 1",
			"02:00:00:00:00:01 192.168.1.10:80 > 198.51.100.7:40000 tcp in port 80 internet tx 1 rx 1",
		},
	},
	"nflog: a forged source points at its sender, also inside the home": {
		home: logHome(),
		packets: []*packet.Packet{
			udp(printerAddr, 9, gatewayAddr, 9, via(lanIndex, 0, printer)),
			udp(server, 1, printerAddr, 9100, via(lanIndex, lanIndex, cam)),
		},
		want: []string{
			"02:00:00:00:00:01 198.51.100.7:1 > 192.168.1.30:9100 udp out port 9100 lan tx 1 rx 0 peer 02:00:00:00:00:03",
			"02:00:00:00:00:03 192.168.1.30:9 > 192.168.1.1:9 udp out port 9 router tx 1 rx 0",
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
