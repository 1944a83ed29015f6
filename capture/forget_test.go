package capture

import (
	"testing"
	"time"
)

// TestAForgottenDeviceIsNewAgain, and nothing of what it had with others is left.
func TestAForgottenDeviceIsNewAgain(t *testing.T) {
	table := small(100, 10)
	table.KeepFinished(100)
	table.Add(tcp(camAddr, 1, server, 80, tcpRST, macs(cam, gateway)))
	table.Add(tcp(tvAddr, 1, server, 80, tcpRST, macs(tv, gateway)))
	table.Sweep(start.Add(time.Hour)) // both are finished
	table.Add(udp(camAddr, 2, server, 53, macs(cam, gateway)))
	table.Add(udp(tvAddr, 3, camAddr, 9, macs(tv, cam)))
	table.Add(udp(tvAddr, 4, server, 53, macs(tv, gateway)))
	table.Forget(cam)
	for _, f := range append(table.AppendFinished(nil), table.AppendFlows(nil, nil)...) {
		if f.Device != tv || f.Peer == cam {
			t.Errorf("left is %+v", f)
		}
	}
	if n := flowsOf(table, tv); n != 1 {
		t.Errorf("the other has %d flows, want the one that is its own", n)
	}
	for _, d := range table.AppendDevices(nil) {
		if d.MAC == cam {
			t.Errorf("it is known: %+v", d)
		}
	}
	later := start.Add(2 * time.Hour)
	table.Add(udp(camAddr, 2, server, 53, macs(cam, gateway), at(2*time.Hour)))
	if d := deviceOf(t, table, cam); !d.First.Equal(later) || d.TxPackets != 1 {
		t.Errorf("afterwards it is %+v, want it new at %v", d, later)
	}
	table.Forget(printer) // whom nobody heard
}
