package anomaly

import (
	"bytes"
	"net/netip"
	"testing"

	"spinneret/capture/packet"
)

// TestAForgottenDeviceIsNamedNowhere, not where another quarrels with it either.
func TestAForgottenDeviceIsNamedNowhere(t *testing.T) {
	h := newHouse()
	h.quarrels()
	f := h.d.Findings()[0]
	other := camMAC
	if f.Device == camMAC {
		other = laptopMAC
	}
	if !f.Text.Mentions(other.String()) {
		t.Fatalf("found %q", h.found())
	}
	h.d.Forget(other)
	h.wants(t)
}

// TestAForgottenDeviceLeavesNoTrace, neither in findings nor in what is written down, and others stay.
func TestAForgottenDeviceLeavesNoTrace(t *testing.T) {
	h := newHouse()
	other := packet.MAC{2, 0, 0, 0, 0, 9}
	for _, mac := range []packet.MAC{camMAC, other} {
		h.opens(mac, netip.MustParseAddr("198.51.100.9"), 23, packet.ProtoTCP)
	}
	h.seconds(3)
	for _, f := range h.d.Findings() {
		h.d.Judge(f.ID, true)
	}
	if n := len(h.d.Findings()); n != 2 || !bytes.Contains(h.d.Append(nil), camMAC[:]) {
		t.Fatalf("there are %d findings to begin with", n)
	}
	h.d.Forget(camMAC)
	if _, knows := h.d.Knows(camMAC); knows || bytes.Contains(h.d.Append(nil), camMAC[:]) {
		t.Error("it is known, or would be written down")
	}
	if left := h.d.Findings(); len(left) != 1 || left[0].Device != other {
		t.Errorf("the findings left are %+v", left)
	}
	if _, knows := h.d.Knows(other); !knows {
		t.Error("the other is forgotten too")
	}
	h.d.Forget(camMAC)
	h.opens(camMAC, netip.MustParseAddr("198.51.100.9"), 23, packet.ProtoTCP)
	h.seconds(3)
	if k, knows := h.d.Knows(camMAC); !knows || !k.Learning {
		t.Errorf("when it speaks again it is %v", k)
	}
}
