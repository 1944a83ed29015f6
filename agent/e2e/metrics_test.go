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
	status, text, err := byTCP(home.Router(), a.page()).send("GET", "/metrics", "")
	if err != nil || status != 200 {
		t.Fatalf("%d, %v", status, err)
	}
	seen := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		series, _, _ := strings.Cut(line, "} ")
		if seen[series] && !strings.HasPrefix(line, "#") {
			t.Errorf("there twice: %s", line)
		}
		seen[series] = true
	}
	for _, want := range []string{
		"spinneret_level 3\n", `spinneret_firewall_state{state="applied"} 1`, `spinneret_devices{state="quarantined"} 1`,
		`spinneret_device_sent_bytes_total{mac="` + cam.MAC + `",name="cam"} `, `spinneret_store_used{store="recent headers"} `,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("it lacks %s", want)
		}
	}
	a.reload(usual, "the settings were read anew")
	a.eventually("nothing is there any more", func() bool {
		status, _, err := byTCP(home.Router(), a.page()).send("GET", "/metrics", "")
		return err == nil && status == 404
	})
}
