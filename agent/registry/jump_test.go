package registry

import (
	"testing"
	"time"

	"spinneret/capture"
)

// TestAClockThatIsSetLeavesADeviceOnline, and as old as it is.
func TestAClockThatIsSetLeavesADeviceOnline(t *testing.T) {
	boot := time.Unix(10, 0)
	r := New(10)
	r.Observe(boot, Input{Devices: []capture.Device{heard(1, boot)}})
	jump := capture.Jump{By: start.Sub(boot.Add(time.Minute)), From: boot, To: boot.Add(time.Minute), Since: start}
	r.Jump(jump)
	// The table has jumped too.
	r.Observe(start, Input{Devices: []capture.Device{heard(1, jump.Moved(boot))}})
	if d := must(t, r, 1); !d.Online || !d.First.Equal(start.Add(-time.Minute)) || !d.Last.Equal(start.Add(-time.Minute)) {
		t.Errorf("it is %+v, want it online and a minute old", d)
	}
	r.Observe(start.Add(onlineFor), Input{})
	if must(t, r, 1).Online {
		t.Error("it is online though it was silent for longer than a device may be")
	}
}
