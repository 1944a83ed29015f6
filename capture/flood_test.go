package capture

import (
	"net/netip"
	"runtime"
	"testing"
	"time"

	"spinneret/capture/packet"
)

// TestAHundredThousandMACs come in a minute, each with another connection, while a device of the home that has just
// joined talks on: it stays with its flow, memory stays that of a full table, and all that was put in is there or
// counted out.
func TestAHundredThousandMACs(t *testing.T) {
	const macsMade = 100_000
	before := heap()
	table := small(16384, 1024)
	for i := range macsMade {
		at := at(time.Duration(i) * time.Minute / macsMade)
		made := packet.MAC{0x0a, 0, byte(i >> 16), byte(i >> 8), byte(i), 1}
		from := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		table.Add(udp(from, 7, server, 9, macs(made, gateway), at))
		if i%500 == 0 {
			table.Add(udp(camAddr, 5000, server, 443, macs(cam, gateway), at))
			table.Add(udp(server, 443, camAddr, 5000, macs(gateway, cam), at))
		}
	}
	const sent = macsMade / 500
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
	// 16,384 flows take 5 MB (see TestMemoryPerFlow) and a device less than a kilobyte.
	if grown := int64(heap()) - int64(before); grown > 7<<20 {
		t.Errorf("the table takes %d kB", grown>>10)
	}
	runtime.KeepAlive(table)
}
