package capture

import (
	"testing"
	"time"

	"spinneret/capture/packet"
)

// TestActiveFlows are those with a packet of late, whichever device they are of.
func TestActiveFlows(t *testing.T) {
	table := tableOf(wireHome())
	for _, p := range []*packet.Packet{
		udp(camAddr, 1000, server, 53, macs(cam, gateway), at(0)),
		udp(camAddr, 1001, server, 53, macs(cam, gateway), at(9*time.Second)),
		udp(tvAddr, 1002, server, 53, macs(tv, gateway), at(0)),
		udp(tvAddr, 1003, server, 53, macs(tv, gateway), at(0)),
		udp(tvAddr, 1002, server, 53, macs(tv, gateway), at(10*time.Second)),
	} {
		table.Add(p)
	}
	got := map[uint16]bool{}
	for _, f := range table.AppendActive(nil, start.Add(5*time.Second)) {
		got[f.DevicePort] = true
	}
	if len(got) != 2 || !got[1001] || !got[1002] {
		t.Errorf("active are %v, want those from ports 1001 and 1002", got)
	}
}
