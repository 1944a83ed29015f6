package agent

import (
	"log/slog"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"spinneret/capture"
	"spinneret/capture/packet"
	"spinneret/ui"
)

// TestFlowsAreListedPieceByPiece: all come, the newest first, though more than are made at a time.
func TestFlowsAreListedPieceByPiece(t *testing.T) {
	const flows, firstPort = 3*shownFlows + 1, 1000
	inBubble(t, 1, &fakeKernel{}, func(b bubble) {
		for i := range flows {
			b.table.Add(&packet.Packet{
				Time: b.now().Add(time.Duration(i) * time.Millisecond), In: 3, SrcMAC: macOf(0), DstMAC: packet.MAC{2, 0, 0, 0, 1, 1},
				EtherType: packet.EtherTypeIPv4, Src: netip.MustParseAddr("192.168.1.10"), Dst: netip.MustParseAddr("198.51.100.7"),
				Proto: packet.ProtoUDP, SrcPort: uint16(firstPort + i), DstPort: 9, Length: 100,
			})
		}
		found, more, err := b.Flows(b.Context(), ui.FlowQuery{Limit: flows})
		if err != nil || more {
			t.Fatalf("there are more: %v, %v", more, err)
		}
		port := firstPort + flows
		for f, err := range found {
			if port--; err != nil || *f.DevicePort != uint16(port) || *f.Device != macOf(0).String() {
				t.Fatalf("%+v, %v: want that of port %d", f, err, port)
			}
		}
		if port != firstPort {
			t.Errorf("the last is of port %d, want %d", port, firstPort)
		}
	})
}

// TestAListThatCannotGoOnSaysSo: the loop answers no more, and nobody waits for ever.
func TestAListThatCannotGoOnSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := Options{Now: time.Now}
		o.setDefaults()
		h := newHome(o, slog.New(slog.DiscardHandler))
		var errs []error
		for _, err := range h.shown(t.Context(), make([]capture.Flow, 2*shownFlows)) {
			errs = append(errs, err)
		}
		if len(errs) != 1 || errs[0] == nil {
			t.Errorf("the list is %v, want one error", errs)
		}
	})
}
