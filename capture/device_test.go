package capture

import (
	"context"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"spinneret/capture/packet"
)

func deviceOf(t *testing.T, table *Table, m packet.MAC) Device {
	t.Helper()
	for _, d := range table.AppendDevices(nil) {
		if d.MAC == m {
			return d
		}
	}
	t.Fatalf("%s is no device", m)
	return Device{}
}

func wantAddresses(t *testing.T, table *Table, m packet.MAC, want ...string) {
	t.Helper()
	var got []string
	for _, a := range deviceOf(t, table, m).Addresses {
		got = append(got, a.String())
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("addresses of %s (-want +got):\n%s", m, diff)
	}
}

// TestWhoIsOnlySentTo is counted apart until it is heard.
func TestWhoIsOnlySentTo(t *testing.T) {
	table := tableOf(wireHome())
	table.Add(frame(0x88b5, macs(cam, tv)))
	if d := table.AppendSilent(nil); len(d) != 1 || d[0].MAC != tv || d[0].RxPackets != 1 || !d[0].First.IsZero() {
		t.Errorf("sent to: %+v", d)
	}
	table.Add(frame(0x88b5, macs(tv, cam)))
	if d := table.AppendSilent(nil); len(d) != 0 {
		t.Errorf("still sent to only: %+v", d)
	}
	if d := deviceOf(t, table, tv); d.RxPackets != 1 || d.TxPackets != 1 {
		t.Errorf("once heard it is %+v", d)
	}
}

func TestWhoIsADevice(t *testing.T) {
	cases := []struct {
		name   string
		home   *Home
		packet *packet.Packet
		want   bool
	}{
		{"who sends on the LAN", wireHome(), udp(camAddr, 1, server, 2, macs(cam, gateway)), true},
		{"who sends without IP", wireHome(), frame(0x88cc, macs(cam, packet.Broadcast)), true},
		{"who sends from an address that is not the home's", wireHome(), udp(server, 1, other, 2, macs(cam, gateway)), true},
		{"not the router", wireHome(), udp(gatewayAddr, 1, camAddr, 2, macs(gateway, packet.Broadcast)), false},
		{"not who is only sent to", wireHome(), udp(server, 1, camAddr, 2, macs(gateway, cam)), false},
		{"not a group", wireHome(), udp(camAddr, 1, server, 2, macs(packet.MAC{1, 0, 0x5e, 0, 0, 1}, gateway)), false},
		{"who comes in on a LAN interface", logHome(), udp(camAddr, 1, server, 2, via(lanIndex, wanIndex, cam)), true},
		{"not the provider on the WAN", logHome(), udp(server, 1, camAddr, 2, via(wanIndex, lanIndex, isp)), false},
		{"not a neighbour on the WAN with an address like ours", logHome(), udp(camAddr, 1, tvAddr, 2, via(wanIndex, 0, isp)), false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			table := tableOf(c.home)
			table.Add(c.packet)
			if got := len(table.AppendDevices(nil)) == 1; got != c.want {
				t.Errorf("devices: %v", table.AppendDevices(nil))
			}
		})
	}
}

func TestASenderThatNobodyCanBeIsCounted(t *testing.T) {
	table := tableOf(wireHome())
	table.Add(udp(camAddr, 1, server, 2, macs(packet.Broadcast, gateway)))
	if l := table.Losses(); len(l) != 1 || l[0].Lost != 1 {
		t.Errorf("losses %v", l)
	}
}

func TestAddresses(t *testing.T) {
	table := tableOf(wireHome())
	from := func(m packet.MAC, a string) { table.Add(udp(addr(a), 1, server, 1, macs(m, gateway))) }
	from(cam, "0.0.0.0")
	wantAddresses(t, table, cam)
	from(cam, "192.168.1.10")
	from(cam, "192.168.1.11")
	from(cam, "192.168.1.10")
	wantAddresses(t, table, cam, "192.168.1.10", "192.168.1.11")
	from(cam, "8.8.8.8")
	from(cam, "192.168.1.1")
	wantAddresses(t, table, cam, "192.168.1.10", "192.168.1.11", "8.8.8.8")
	table.Add(arp(addr("192.168.1.12"), camAddr, macs(cam, packet.Broadcast)))
	wantAddresses(t, table, cam, "192.168.1.12", "192.168.1.10", "192.168.1.11", "8.8.8.8")

	from(tv, "192.168.1.10")
	wantAddresses(t, table, tv, "192.168.1.10")
	wantAddresses(t, table, cam, "192.168.1.12", "192.168.1.11", "8.8.8.8")
	from(cam, "192.168.1.10")
	wantAddresses(t, table, tv)

	for i := range 100 {
		from(cam, netip.AddrFrom4([4]byte{192, 168, 1, byte(100 + i)}).String())
		from(cam, netip.AddrFrom4([4]byte{11, 0, 0, byte(i)}).String())
	}
	d := deviceOf(t, table, cam)
	if len(d.Addresses) != maxHomeAddrs+maxForeignAddrs || d.Addresses[0] != addr("192.168.1.199") {
		t.Errorf("%d addresses, %v first", len(d.Addresses), d.Addresses[0])
	}
	if len(table.owners) != len(d.Addresses) {
		t.Errorf("%d owners of %d addresses", len(table.owners), len(d.Addresses))
	}
	d.Addresses[0] = server
	if deviceOf(t, table, cam).Addresses[0] == server {
		t.Error("the caller's addresses are the table's own")
	}
}

func TestANewDeviceIsSignalledOnce(t *testing.T) {
	table := tableOf(wireHome())
	signalled := func() bool {
		select {
		case <-table.NewDeviceC():
			return true
		default:
			return false
		}
	}
	table.Add(udp(server, 1, camAddr, 2, macs(gateway, cam)))
	if signalled() {
		t.Error("a signal for who is only sent to")
	}
	table.Add(udp(camAddr, 1, server, 2, macs(cam, gateway)))
	table.Add(udp(tvAddr, 1, server, 2, macs(tv, gateway)))
	if !signalled() || signalled() {
		t.Error("want one signal for two new devices at once")
	}
	table.Add(udp(camAddr, 3, server, 4, macs(cam, gateway)))
	if signalled() {
		t.Error("a signal for a known device")
	}
}

func TestTheHomeChanges(t *testing.T) {
	table := tableOf(&Home{})
	table.Add(udp(camAddr, 1, tvAddr, 1, macs(cam, gateway)))
	table.Add(udp(camAddr, 2, addr("fd00:1::1"), 2, macs(cam, gateway)))
	table.Add(udp(camAddr, 3, server, 3, macs(cam, gateway)))
	table.Add(udp(addr("10.9.8.7"), 4, server, 4, macs(cam, gateway)))
	table.Add(frame(0x0806, macs(cam, gateway)))
	table.Add(frame(0x0806, macs(gateway, cam)))
	scopes := func() map[uint16]string {
		m := map[uint16]string{}
		for _, f := range table.AppendFlows(nil, nil) {
			m[f.RemotePort] = scopeWord[f.Scope]
			if f.Scope == ScopeLAN && !f.Peer.IsZero() {
				m[f.RemotePort] = "lan with " + f.Peer.String()
			}
		}
		return m
	}
	want := map[uint16]string{1: "internet", 2: "internet", 3: "internet", 4: "internet", 0: "lan with " + gateway.String()}
	if diff := cmp.Diff(want, scopes()); diff != "" {
		t.Errorf("before (-want +got):\n%s", diff)
	}
	wantAddresses(t, table, cam, "10.9.8.7", "192.168.1.10")

	table.SetHome(wireHome())
	want = map[uint16]string{1: "router", 2: "router", 3: "internet", 4: "internet", 0: "router"}
	if diff := cmp.Diff(want, scopes()); diff != "" {
		t.Errorf("after (-want +got):\n%s", diff)
	}
	wantAddresses(t, table, cam, "192.168.1.10", "10.9.8.7")
	if n := len(table.AppendDevices(nil)); n != 1 {
		t.Errorf("%d devices: the router is one no more", n)
	}
}

func TestRoutersAndDevicesOfAnotherLANAreToldApart(t *testing.T) {
	table := tableOf(wireHome())
	table.Add(udp(tvAddr, 9, server, 9, macs(tv, gateway)))
	table.Add(udp(camAddr, 1, tvAddr, 1, macs(cam, gateway)))
	f := table.AppendFlows(nil, func(f *Flow) bool { return f.Device == cam })
	if f[0].Scope != ScopeLAN {
		t.Errorf("scope of a device reached through the router: %s", scopeWord[f[0].Scope])
	}
}

type packets []*packet.Packet

func (s packets) Run(_ context.Context, fn func(*packet.Packet)) error {
	for _, p := range s {
		fn(p)
	}
	return nil
}

func TestRunCountsAndShows(t *testing.T) {
	table := tableOf(wireHome())
	var seen []packet.MAC
	src := packets{
		udp(camAddr, 1, server, 2, macs(cam, gateway)),
		udp(server, 2, camAddr, 1, macs(gateway, cam)),
	}
	err := Run(t.Context(), src, table, func(_ *packet.Packet, from, to packet.MAC) { seen = append(seen, from, to) })
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]packet.MAC{cam, {}, {}, cam}, seen); diff != "" {
		t.Errorf("seen (-want +got):\n%s", diff)
	}
	if n := len(lines(table)); n != 1 {
		t.Errorf("%d flows", n)
	}
}
