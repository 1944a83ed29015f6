package capture

import (
	"net/netip"
	"testing"
	"time"

	"spinneret/capture/packet"
)

// neighbourly is a home with conntrack whose kernel knows where the TV is.
func neighbourly() *Home {
	h := logHome()
	h.Neighbours = map[netip.Addr]packet.MAC{tvAddr: tv}
	return h
}

func routed(h *Home) *Table {
	table := tableOf(h)
	table.SetVolumes(FromConntrack)
	return table
}

func sendsFrom(m packet.MAC, a netip.Addr, port uint16, with ...change) *packet.Packet {
	return udp(a, port, server, 443, append(with, via(lanIndex, wanIndex, m))...)
}

func TestAForgedAddressStaysWithWhomTheKernelNames(t *testing.T) {
	table := routed(neighbourly())
	table.Add(sendsFrom(tv, tvAddr, 5000))
	table.Account(connection("192.168.1.20:5000", serverEnd, Volume{2, 100}, Volume{}))
	table.Add(sendsFrom(cam, tvAddr, 6000))
	wantAddresses(t, table, tv, "192.168.1.20")
	wantAddresses(t, table, cam)

	table.Account(connection("192.168.1.20:6000", serverEnd, Volume{1, 50}, Volume{}))
	table.Account(connection("192.168.1.20:5000", serverEnd, Volume{2, 100}, Volume{}))
	wantSums(t, table, "02:00:00:00:00:02 tx 200/4 rx 0/0", "02:00:00:00:00:01 tx 50/1 rx 0/0")
}

func TestAnAddressGoesWithTheKernelsTable(t *testing.T) {
	table := routed(logHome())
	table.Add(sendsFrom(cam, tvAddr, 6000))
	wantAddresses(t, table, cam, "192.168.1.20")
	table.SetHome(neighbourly())
	wantAddresses(t, table, cam)
	table.Add(sendsFrom(tv, tvAddr, 5000))
	wantAddresses(t, table, tv, "192.168.1.20")
}

func TestWhoseAddressIsForgedIsNotBlamedForWhatWasNotLogged(t *testing.T) {
	forged := sendsFrom(cam, tvAddr, 6000)
	after := func(d time.Duration, proto uint8, sent, answered uint64) *Counted {
		c := connection("192.168.1.20:7000", "198.51.100.8:80", Volume{sent, sent * 40}, Volume{answered, answered * 40})
		c.Protocol, c.Time = proto, start.Add(d)
		return c
	}
	cases := []struct {
		name   string
		home   *Home
		forged *packet.Packet
		told   []*Counted
		want   packet.MAC
	}{
		{"nobody forged it", neighbourly(), nil, []*Counted{after(0, packet.ProtoUDP, 1, 0)}, tv},
		{"forged", neighbourly(), forged, []*Counted{after(0, packet.ProtoUDP, 1, 0), after(1, packet.ProtoUDP, 30, 30)}, packet.MAC{}},
		{"forged, and the kernel knows nobody", logHome(), forged, []*Counted{after(0, packet.ProtoUDP, 1, 0)}, packet.MAC{}},
		{"knocked at over TCP", neighbourly(), forged, []*Counted{after(0, packet.ProtoTCP, 1, 6), after(1, packet.ProtoTCP, 1, 0)}, packet.MAC{}},
		{"talked with over TCP", neighbourly(), forged, []*Counted{after(0, packet.ProtoTCP, 30, 30), after(1, packet.ProtoTCP, 1, 0)}, tv},
		{"forged long ago", neighbourly(), forged, []*Counted{after(time.Hour, packet.ProtoUDP, 1, 0)}, tv},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			table := routed(c.home)
			table.Add(sendsFrom(tv, tvAddr, 5000))
			if c.forged != nil {
				table.Add(c.forged)
			}
			for _, told := range c.told {
				table.Account(told)
			}
			f := table.AppendFlows(nil, func(f *Flow) bool { return f.DevicePort == 7000 })
			if len(f) != 1 || f[0].Device != c.want || f[0].DeviceAddr != tvAddr {
				t.Errorf("flows %+v, want one of device %v", f, c.want)
			}
		})
	}
}

func TestAFrameTellsWhoseADisputedConnectionIs(t *testing.T) {
	table := routed(neighbourly())
	table.Add(sendsFrom(tv, tvAddr, 5000))
	table.Add(sendsFrom(cam, tvAddr, 6000))
	table.Account(connection("192.168.1.20:7000", serverEnd, Volume{2, 100}, Volume{}))
	table.Add(sendsFrom(cam, tvAddr, 7000))
	wantSums(t, table, "02:00:00:00:00:02 tx 0/0 rx 0/0", "02:00:00:00:00:01 tx 100/2 rx 0/0")
}

// TestAFloodOfMACsLeavesNeighbours that only send: nothing is known of them but what the kernel asked.
func TestAFloodOfMACsLeavesNeighbours(t *testing.T) {
	table := NewTable(Limits{Flows: 1000, Devices: 8})
	table.SetHome(neighbourly())
	table.Add(sendsFrom(tv, tvAddr, 5000))
	for i := range 100 {
		table.Add(sendsFrom(packet.MAC{0x0a, 0, 0, 0, 1, byte(i)}, camAddr, 1, at(time.Duration(i)*time.Millisecond)))
	}
	if n := flowsOf(table, tv); n != 1 {
		t.Errorf("the TV has %d flows", n)
	}
}

// TestADisplacedDeviceComesBack with its old connection, of which no packet is logged any more.
func TestADisplacedDeviceComesBack(t *testing.T) {
	table := NewTable(Limits{Flows: 1000, Devices: 2})
	table.SetHome(logHome())
	table.SetVolumes(FromConntrack)
	table.Add(sendsFrom(tv, tvAddr, 5000))
	table.Add(sendsFrom(cam, camAddr, 5000, at(1)))
	table.Add(sendsFrom(printer, printerAddr, 5000, at(2)))
	told := func() { table.Account(connection("192.168.1.20:5000", serverEnd, Volume{2, 100}, Volume{1, 50})) }
	if told(); flowsOf(table, tv) != 0 {
		t.Fatal("nothing displaced the TV")
	}
	table.SetHome(neighbourly())
	told()
	if d := deviceOf(t, table, tv); d.TxPackets != 4 || flowsOf(table, tv) != 1 {
		t.Errorf("the TV is %+v, want it with what it sent before and after", d)
	}
}
