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
	for want, set := range map[string]func(*uci.Config){
		"option metrics '1'":    func(c *uci.Config) { c.Metrics = true },
		"config provider 'isp'": func(c *uci.Config) { c.Providers = []uci.Provider{{ID: "isp"}} },
	} {
		c := uci.Defaults()
		set(&c)
		if list := unbuilt(c); len(list) != 1 || !strings.HasPrefix(list[0], want) {
			t.Errorf("it says %q, want one line that begins with %s", list, want)
		}
	}
}
