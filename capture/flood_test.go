package capture

import (
	"net/netip"
	"runtime"
	"testing"
	"time"

	"spinneret/capture/packet"
)

// TestAHundredThousandMACs come in a minute, each with another connection, while a device of the home that has just
// joined talks on: it stays with its flow, memory is that of the few that stay, and all that was put in is there or
// counted out.
func TestAHundredThousandMACs(t *testing.T) {
	const macsMade = 100_000
	before := heap()
	table := small(16384, 64) // few devices: each new one is compared with all
	talk := func(at change) {
		table.Add(udp(camAddr, 5000, server, 443, macs(cam, gateway), at))
		table.Add(udp(server, 443, camAddr, 5000, macs(gateway, cam), at))
	}
	for range conversation + 1 {
		talk(at(0))
	}
	for i := range macsMade {
		now := at(time.Duration(i) * time.Minute / macsMade)
		made := packet.MAC{0x0a, 0, byte(i >> 16), byte(i >> 8), byte(i), 1}
		from := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		table.Add(udp(from, 7, server, 9, macs(made, gateway), now))
		if i%500 == 0 {
			talk(now)
		}
	}
	const sent = macsMade/500 + conversation + 1
	if known := table.AppendFlows(nil, func(f *Flow) bool { return f.Device == cam }); len(known) != 1 || known[0].TxPackets != sent || known[0].RxPackets != sent {
		t.Errorf("the camera's flows are %+v, want one with %d packets each way", known, sent)
	}
	devices, flows := store(t, table, "devices"), store(t, table, "flows")
	if devices.Used != devices.Limit || devices.Used+int(devices.Evicted) != macsMade+1 {
		t.Errorf("%+v of %d", devices, macsMade+1)
	}
	if flows.Used > flows.Limit || flows.Used+int(flows.Evicted) != macsMade+1 {
		t.Errorf("%+v of %d", flows, macsMade+1)
	}
	// A flow takes 220 bytes at most (see TestMemoryPerFlow), a device less than a kilobyte; a map never shrinks, so
	// there is room for what it was between two evictions.
	if grown := int64(heap()) - int64(before); grown > 1<<20 {
		t.Errorf("the table takes %d kB", grown>>10)
	}
	runtime.KeepAlive(table)
}
