package agent

import (
	"fmt"
	"testing"
)

// TestWhatTheDHCPServerWasToldCountsUntilTheDeviceItselfIsHeard, also where it was told of a device that is not known yet.
func TestWhatTheDHCPServerWasToldCountsUntilTheDeviceItselfIsHeard(t *testing.T) {
	inLibrary(t, 1, func(l library) {
		for i := 2; i < maxServed+10; i++ { // of devices that never come
			if err := l.HearMUD(l.Context(), fmt.Sprintf("02:00:00:00:01:%02x", i%256), lampURL); err != nil {
				t.Fatal(err)
			}
		}
		if err := l.HearMUD(l.Context(), macOf(1).String(), "https://lamps.example/one?v"); err != nil { // cut at its =
			t.Fatal(err)
		}
		l.tick()
		l.loop(func() {
			if len(l.served) != maxServed {
				t.Errorf("%d are waiting, want %d", len(l.served), maxServed)
			}
		})
		l.join(2)
		l.tick()
		if m := l.of(1); m.URL == nil || *m.URL != "https://lamps.example/one?v" || *m.Source != "dnsmasq" || m.Mode != "watch" {
			t.Errorf("of the server's word: %+v", m)
		}
		l.loop(func() {
			if len(l.served) != maxServed-1 {
				t.Errorf("%d are waiting, want %d", len(l.served), maxServed-1)
			}
		})
		l.names(1, "https://lamps.example/one?v=2")
		if m := l.of(1); *m.URL != "https://lamps.example/one?v=2" || *m.Source != "dhcp" || len(m.Approvals) != 0 {
			t.Errorf("of its own: %+v", m)
		}
		for mac, url := range map[string]string{"02:00:00:00:00:01": "http://lamps.example/", "ff:ff:ff:ff:ff:ff": lampURL} {
			if l.HearMUD(l.Context(), mac, url) == nil {
				t.Errorf("%s of %s is taken", url, mac)
			}
		}
	})
}
