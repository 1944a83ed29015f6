package cli

import (
	"strings"
	"testing"

	"spinneret/openwrt/uci"
)

// TestWhatIsNotBuiltIsSaid names each setting that is read and does nothing.
func TestWhatIsNotBuiltIsSaid(t *testing.T) {
	if list := unbuilt(uci.Defaults()); len(list) != 0 {
		t.Errorf("of an empty configuration it says %q", list)
	}
	c := uci.Defaults()
	c.Metrics = true
	if list := unbuilt(c); len(list) != 1 || !strings.HasPrefix(list[0], "option metrics '1'") {
		t.Errorf("it says %q, want one line about option metrics", list)
	}
}
