package capture

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"testing"
	"time"

	"spinneret/capture/packet"
)

func small(flows, devices int) *Table {
	t := NewTable(Limits{Flows: flows, Devices: devices})
	t.SetHome(wireHome())
	return t
}

func store(t *testing.T, table *Table, name string) Store {
	t.Helper()
	for _, s := range table.Stores() {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("no store %q in %v", name, table.Stores())
	return Store{}
}

func flowsOf(table *Table, m packet.MAC) int {
	return len(table.AppendFlows(nil, func(f *Flow) bool { return f.Device == m }))
}

// forge is a packet with an invented source address.
func forge(m packet.MAC, i int, d time.Duration) *packet.Packet {
	var a [4]byte
	binary.BigEndian.PutUint32(a[:], 0x0b000000+uint32(i))
	return udp(netip.AddrFrom4(a), 1, server, 53, macs(m, gateway), at(d))
}

func TestAFloodOfForgedSourcesDisplacesOnlyItself(t *testing.T) {
	table := small(100, 10)
	for i := range 30 {
		table.Add(udp(tvAddr, uint16(i), server, 443, macs(tv, gateway)))
		table.Add(udp(printerAddr, uint16(i), server, 443, macs(printer, gateway)))
	}
	for i := range 5000 {
		table.Add(forge(cam, i, time.Duration(i)*time.Millisecond))
	}
	if n := flowsOf(table, tv) + flowsOf(table, printer); n != 60 {
		t.Errorf("the other devices kept %d of 60 flows", n)
	}
	if n := flowsOf(table, cam); n != 40 {
		t.Errorf("the flooding device has %d flows, want what was free: 40", n)
	}
	if s := store(t, table, "flows"); s.Used != 100 || s.Limit != 100 || s.Evicted != 4960 {
		t.Errorf("store %+v", s)
	}
	d := table.AppendDevices(nil)
	for i := range d {
		if d[i].MAC == cam && (len(d[i].Addresses) > maxForeignAddrs || d[i].TxPackets != 5000) {
			t.Errorf("the flooding device: %d addresses, %d packets", len(d[i].Addresses), d[i].TxPackets)
		}
	}
	if n := len(table.owners); n > maxForeignAddrs+2 {
		t.Errorf("%d addresses are remembered", n)
	}
}

func TestAFullTableIsSharedFairlyWithLatecomers(t *testing.T) {
	table := small(100, 10)
	for i := range 200 {
		table.Add(forge(cam, i, 0))
	}
	for i := range 50 {
		table.Add(udp(tvAddr, uint16(i), server, 443, macs(tv, gateway)))
	}
	if a, b := flowsOf(table, cam), flowsOf(table, tv); a != 50 || b != 50 {
		t.Errorf("%d and %d flows, want half each", a, b)
	}
}

func TestTheFlowUsedLeastRecentlyGoesFirst(t *testing.T) {
	table := small(3, 10)
	add := func(port uint16, d time.Duration) {
		table.Add(udp(camAddr, port, server, 443, macs(cam, gateway), at(d)))
	}
	add(1, 0)
	add(2, time.Minute)
	add(3, 2*time.Minute)
	add(1, 3*time.Minute) // in use again
	add(4, 4*time.Minute)
	for _, f := range table.AppendFlows(nil, nil) {
		if f.DevicePort == 2 {
			t.Errorf("flow 2 is still there")
		}
	}
}

func TestIdleFlowsGoAndDevicesStay(t *testing.T) {
	cases := []struct {
		name    string
		packets []*packet.Packet
		idle    time.Duration
	}{
		{"udp", []*packet.Packet{udp(camAddr, 1, server, 53, macs(cam, gateway))}, 3 * time.Minute},
		{"no IP", []*packet.Packet{frame(0x88cc, macs(cam, packet.Broadcast))}, 3 * time.Minute},
		{"tcp", []*packet.Packet{tcp(camAddr, 1, server, 53, tcpSYN, macs(cam, gateway))}, 15 * time.Minute},
		{"tcp ended", []*packet.Packet{tcp(camAddr, 1, server, 53, tcpRST, macs(cam, gateway))}, 30 * time.Second},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			table := tableOf(wireHome())
			for _, p := range c.packets {
				table.Add(p)
			}
			table.Sweep(start.Add(c.idle))
			if n := len(table.AppendFlows(nil, nil)); n != 1 {
				t.Errorf("%d flows after %v", n, c.idle)
			}
			table.Sweep(start.Add(c.idle + time.Second))
			if n := len(table.AppendFlows(nil, nil)); n != 0 {
				t.Errorf("%d flows after %v and a second", n, c.idle)
			}
			if n := len(table.AppendDevices(nil)); n != 1 {
				t.Errorf("%d devices", n)
			}
			table.Add(c.packets[0])
			if n := len(table.AppendFlows(nil, nil)); n != 1 {
				t.Errorf("%d flows after one more packet", n)
			}
		})
	}
}

// say lets a device send a packet.
func say(table *Table, m packet.MAC, d time.Duration) {
	table.Add(udp(camAddr, uint16(m[5]), server, 53, macs(m, gateway), at(d)))
}

func has(table *Table, m packet.MAC) bool {
	return slices.ContainsFunc(table.AppendDevices(nil), func(d Device) bool { return d.MAC == m })
}

func TestDevicesBeyondTheLimit(t *testing.T) {
	t.Run("the one silent for longest goes, with its flows", func(t *testing.T) {
		table := small(100, 2)
		say(table, cam, 0)
		say(table, tv, time.Second)
		say(table, cam, 2*time.Second)
		say(table, printer, 3*time.Second)
		if !has(table, cam) || has(table, tv) || !has(table, printer) || flowsOf(table, tv) != 0 {
			t.Errorf("devices %v", table.AppendDevices(nil))
		}
		if s := store(t, table, "devices"); s.Used != 2 || s.Limit != 2 || s.Evicted != 1 {
			t.Errorf("store %+v", s)
		}
	})
	t.Run("invented MACs displace each other, not the home", func(t *testing.T) {
		table := small(1000, 10)
		say(table, cam, 0)
		say(table, cam, 2*time.Minute)
		for i := range 500 {
			say(table, packet.MAC{2, 9, 0, 0, byte(i >> 8), byte(i)}, time.Hour+time.Duration(i)*time.Millisecond)
		}
		if !has(table, cam) {
			t.Error("the home's device is gone")
		}
		if n := len(table.AppendDevices(nil)); n != 10 {
			t.Errorf("%d devices", n)
		}
	})
	t.Run("nor who has just come, and is talked with", func(t *testing.T) {
		table := small(1000, 10)
		say(table, cam, 0)
		for range conversation + 1 {
			table.Add(udp(server, 53, camAddr, uint16(cam[5]), macs(gateway, cam)))
		}
		for i := range 500 {
			say(table, packet.MAC{2, 9, 0, 0, byte(i >> 8), byte(i)}, time.Duration(i)*time.Millisecond)
		}
		if !has(table, cam) || flowsOf(table, cam) != 1 {
			t.Errorf("devices %v", table.AppendDevices(nil))
		}
		if s := store(t, table, "devices"); s.Evicted != 491 {
			t.Errorf("store %+v, want each of 500 kept or evicted", s)
		}
	})
	t.Run("MACs that never sent take no place from those that did", func(t *testing.T) {
		table := small(1000, 3)
		say(table, cam, 0)
		say(table, tv, 0)
		for i := range 500 {
			to := packet.MAC{2, 9, 0, 0, byte(i >> 8), byte(i)}
			table.Add(udp(server, 1, addr("192.168.1.99"), 2, macs(gateway, to), at(time.Minute)))
		}
		say(table, printer, time.Minute)
		if !has(table, cam) || !has(table, tv) || !has(table, printer) {
			t.Errorf("devices %v", table.AppendDevices(nil))
		}
	})
}

func TestLaterFragmentsAreRememberedForFewDatagrams(t *testing.T) {
	table := tableOf(wireHome())
	for id := range uint32(3 * maxDatagrams) {
		table.Add(udp(camAddr, 5, server, 53, macs(cam, gateway), part(0, id)))
	}
	s := store(t, table, "fragments")
	if s.Used != maxDatagrams || s.Limit != maxDatagrams || s.Evicted != 2*maxDatagrams {
		t.Errorf("store %+v", s)
	}
}
