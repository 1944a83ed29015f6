package agent

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"spinneret/openwrt/uci"
)

// TestOffloadIsFollowed as the owner switches it on and off; only a change is told.
func TestOffloadIsFollowed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "firewall")
	synctest.Test(t, func(t *testing.T) {
		var told []uci.Offload
		ctx, cancel := context.WithCancel(t.Context())
		doneC := make(chan error, 1)
		run := followOffload(path, slog.New(slog.DiscardHandler), func(o uci.Offload) { told = append(told, o) })
		go func() { doneC <- run(ctx) }()
		for _, content := range []string{"", "option flow_offloading '1'", "option flow_offloading '1'", "option flow_offloading '0'"} {
			if err := os.WriteFile(path, []byte("config defaults\n\t"+content+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			time.Sleep(offloadPeriod)
			synctest.Wait()
		}
		cancel()
		if err := <-doneC; err != nil {
			t.Error(err)
		}
		if want := []uci.Offload{{Software: true}, {}}; !slices.Equal(told, want) {
			t.Errorf("it told %+v, want %+v", told, want)
		}
	})
}

// TestOffloadIsABlindSpot as long as it is on.
func TestOffloadIsABlindSpot(t *testing.T) {
	w := newPastHome(t)
	for o, words := range map[uci.Offload]string{
		{}: "", {Software: true}: "flow offloading is on: ", {Software: true, Hardware: true}: "in hardware",
	} {
		w.offload = o
		spots := strings.Join(w.status().BlindSpots, "\n")
		if words == "" && spots != "" || !strings.Contains(spots, words) {
			t.Errorf("of %+v it says %q", o, spots)
		}
	}
}
