package agent

import (
	"strings"
	"testing"
	"time"

	"spinneret/capture"
	"spinneret/capture/history"
)

// TestEverythingKnownIsExported, page by page where it is long.
func TestEverythingKnownIsExported(t *testing.T) {
	inBubble(t, 2, &fakeKernel{}, func(b bubble) {
		b.lives(0)
		b.lives(1)
		s, err := b.archive.take(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		for i := range 2*pageOfHistory + 1 {
			s.Add(&history.Flow{Flow: capture.Flow{Device: macOf(0), Peer: macOf(1), First: epoch, Last: epoch.Add(time.Duration(i)), TxPackets: 1}})
		}
		b.archive.put(s)
		out, err := b.Export(b.Context(), macOf(0).String())
		if err != nil {
			b.Fatal(err)
		}
		if live, past := collected(b.T, out.Flows), collected(b.T, out.History); len(live) != 1 || len(past) != 2*pageOfHistory+2 {
			b.Errorf("%d flows go on and %d ended, want 1 and %d", len(live), len(past), 2*pageOfHistory+2)
		}
		if out.Device.Name != "device a" || len(out.Names) != 1 || out.Names[0].Name != "shop.example.net" || len(out.Addresses) != 1 || len(out.Events) == 0 {
			b.Errorf("it has %+v", out)
		}
		for _, e := range out.Events {
			if *e.Device != macOf(0).String() {
				b.Errorf("an event of another: %+v", e)
			}
		}
		if told := b.told("audit"); !strings.Contains(told[len(told)-1], "exported what is known of device a") {
			b.Errorf("the log says %q", told)
		}
	})
}
