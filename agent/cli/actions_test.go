package cli

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spinneret/agent/decide"
	"spinneret/capture/packet"
	"spinneret/openwrt/uci"
)

func TestActionsAreThoseOfTheSettings(t *testing.T) {
	got := actions(uci.Config{Actions: []uci.Action{{
		ID: "floods", Kinds: []string{"flood"}, Severity: "warning", Classes: []string{"camera"},
		Devices: []string{"02:00:00:00:00:01"}, Level: "internet", For: time.Hour,
	}}})
	want := []decide.Action{{
		Kinds: []string{"flood"}, Severity: 1, Classes: []string{"camera"}, Devices: []packet.MAC{{2, 0, 0, 0, 0, 1}},
		Level: "internet", For: time.Hour,
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
