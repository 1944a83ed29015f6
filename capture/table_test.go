package capture

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spinneret/capture/packet"
)

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

func TestTheFrameTellsWhoAnswered(t *testing.T) {
	sums := func(table *Table, m packet.MAC) (tx, rx uint64) {
		d := deviceOf(t, table, m)
		return d.TxBytes, d.RxBytes
	}
	wire := tableOf(wireHome())
	wire.Add(udp(printerAddr, 9, gatewayAddr, 9, macs(printer, gateway), size(1)))
	wire.Add(udp(camAddr, 1, tvAddr, 2, macs(cam, tv), size(10)))
	wire.Add(udp(tvAddr, 2, camAddr, 1, macs(printer, cam), size(100)))
	if tx, rx := sums(wire, printer); tx != 101 || rx != 0 {
		t.Errorf("who answered in another's name: tx %d rx %d", tx, rx)
	}
	log := tableOf(logHome())
	log.Add(udp(printerAddr, 9, gatewayAddr, 9, via(lanIndex, 0, printer), size(1)))
	log.Add(udp(camAddr, 1, server, 2, via(lanIndex, wanIndex, cam), size(10)))
	log.Add(udp(server, 2, camAddr, 1, via(wanIndex, lanIndex, printer), size(100)))
	if tx, rx := sums(log, printer); tx != 1 || rx != 0 {
		t.Errorf("a device's MAC on the WAN: tx %d rx %d", tx, rx)
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
