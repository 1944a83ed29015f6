package e2e

import (
	"strings"
	"testing"
)

// TestPrometheusFindsTheHome where the owner wants that, and every series once.
func TestPrometheusFindsTheHome(t *testing.T) {
	home := quietHome(t)
	var usual options
	a := prepare(t, home, func(o options) options { usual = o; return append(o, "option metrics '1'") })
	a.start()
	cam := home.Device("cam")
	a.cutOff(cam, "")
	var text string
	for _, want := range []string{
		"spinneret_level 3\n", `spinneret_firewall_state{state="applied"} 1`, `spinneret_devices{state="quarantined"} 1`,
		`spinneret_device_sent_bytes_total{mac="` + cam.MAC + `",name="cam"} `, `spinneret_store_used{store="recent headers"} `,
	} {
		a.eventually("it has "+want, func() bool {
			status, answer, err := byTCP(home.Router(), a.page()).send("GET", "/metrics", "")
			text = string(answer)
			return err == nil && status == 200 && strings.Contains(text, want)
		})
	}
	seen := map[string]bool{}
	for line := range strings.Lines(text) {
		series, _, _ := strings.Cut(line, "} ")
		if seen[series] && !strings.HasPrefix(line, "#") {
			t.Errorf("there twice: %s", line)
		}
		seen[series] = true
	}
	a.reload(usual, "the settings were read anew")
	a.eventually("nothing is there any more", func() bool {
		status, _, err := byTCP(home.Router(), a.page()).send("GET", "/metrics", "")
		return err == nil && status == 404
	})
}
