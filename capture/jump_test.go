package capture

import (
	"testing"
	"time"
)

// TestAgesSurviveAClockThatIsSet: the router begins in 1970, and a minute later it is today.
func TestAgesSurviveAClockThatIsSet(t *testing.T) {
	boot := time.Unix(10, 0)
	table := tableOf(wireHome())
	old, recent := udp(camAddr, 1, server, 53, macs(cam, gateway)), udp(camAddr, 2, server, 53, macs(cam, gateway))
	old.Time, recent.Time = boot, boot.Add(2*time.Minute)
	table.Add(old)
	table.Add(recent)

	before := recent.Time.Add(time.Second)
	table.Jump(Jump{By: start.Sub(before), From: boot.Add(-time.Second), To: before, Since: start})
	table.Sweep(start.Add(30 * time.Second))
	if n := len(table.AppendFlows(nil, nil)); n != 2 {
		t.Fatalf("%d flows half a minute after the jump, want both", n)
	}
	table.Sweep(start.Add(idleOther - 2*time.Minute + 2*time.Second))
	flows := table.AppendFlows(nil, nil)
	if len(flows) != 1 || flows[0].DevicePort != 2 || !flows[0].Last.Equal(start.Add(-time.Second)) {
		t.Errorf("flows %+v, want the one that was not idle for three minutes, one second before the jump", flows)
	}
	d := table.AppendDevices(nil)[0]
	if !d.First.Equal(start.Add(-2*time.Minute-time.Second)) || !d.Last.Equal(start.Add(-time.Second)) {
		t.Errorf("the camera was heard from %v to %v", d.First, d.Last)
	}
}
