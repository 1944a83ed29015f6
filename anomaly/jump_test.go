package anomaly

import (
	"net/netip"
	"testing"
	"time"

	"spinneret/capture"
	"spinneret/capture/packet"
)

// TestAClockThatIsSet by fifty years teaches nothing.
func TestAClockThatIsSet(t *testing.T) {
	h := newHouse()
	h.now = time.Unix(1000, 0).UTC()
	h.opens(camMAC, netip.MustParseAddr("198.51.100.9"), 23, packet.ProtoTCP)
	h.seconds(60)
	before := h.now
	h.now = monday
	h.d.Jump(capture.Jump{By: monday.Sub(before), From: time.Unix(0, 0), To: before, Since: monday})
	h.flows = nil
	h.opens(camMAC, netip.MustParseAddr("198.51.100.9"), 443, packet.ProtoTCP)
	h.seconds(3)
	if k, _ := h.d.Knows(camMAC); !k.Learning || k.Seen > 2*time.Minute {
		t.Errorf("of the camera is known %q", k.Words())
	}
	if f := h.d.Findings()[0]; monday.Sub(f.Start) > time.Hour || len(h.d.Findings()) != 1 {
		t.Errorf("its finding began at %v", f.Start)
	}
}
