package ui_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"spinneret/ui"
	"spinneret/ui/auth"
	"spinneret/ui/uitest"
)

func counted(c *ui.Config) { c.Metrics = true }

// sampleLine is one sample of Prometheus' text format: name, labels and value.
var sampleLine = regexp.MustCompile(`^([a-z_]+)(\{(?:[a-z]+="(?:[^"\\\n]|\\[\\"n])*",?)*\})? ([0-9.]+)$`)

// checkMetrics looks at a text as promtool does: each metric has its HELP and TYPE before it and its samples together,
// no series is there twice, and what is counted is called a total.
func checkMetrics(t *testing.T, text string) {
	t.Helper()
	series, families, family, kind := map[string]bool{}, map[string]bool{}, "", ""
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if help, ok := strings.CutPrefix(line, "# HELP "); ok {
			name, words, _ := strings.Cut(help, " ")
			if families[name] || words == "" || !strings.HasPrefix(name, "spinneret_") {
				t.Errorf("a metric that is there twice, says nothing or is not ours: %q", line)
			}
			family, kind, families[name] = name, "", true
			continue
		}
		if of, ok := strings.CutPrefix(line, "# TYPE "+family+" "); ok {
			kind = of
			if (kind == "counter") != strings.HasSuffix(family, "_total") || kind != "counter" && kind != "gauge" {
				t.Errorf("%s is a %s", family, kind)
			}
			continue
		}
		m := sampleLine.FindStringSubmatch(line)
		if m == nil || m[1] != family || kind == "" {
			t.Errorf("behind metric %q is %q", family, line)
			continue
		}
		if _, err := strconv.ParseFloat(m[3], 64); err != nil || series[m[1]+m[2]] {
			t.Errorf("no number, or there twice: %q", line)
		}
		series[m[1]+m[2]] = true
	}
	if len(series) == 0 {
		t.Error("there are no series")
	}
}

func TestMetricsAreThoseOfTheHome(t *testing.T) {
	home := uitest.New()
	home.List[0].Quarantines = []ui.Quarantine{{ID: "q7", Level: "full", Source: "owner", RefusedPackets: 37, RefusedBytes: 4100, InForce: true}}
	home.List[0].MUD = &ui.MUD{Violations: 2}
	home.List[0].Findings = []ui.Finding{{State: "open"}, {State: "over"}}
	r := do(newServer(home, counted).Handler(ui.TCP), "GET", "/metrics", "")
	if got := r.Header.Get("Content-Type"); r.StatusCode != 200 || got != "text/plain; version=0.0.4; charset=utf-8" {
		t.Errorf("status %d, %s", r.StatusCode, got)
	}
	text := read(t, r)
	checkMetrics(t, text)
	golden(t, "testdata/metrics.txt", text)
}

// TestAHostileNameIsOneLabel: devices choose their names.
func TestAHostileNameIsOneLabel(t *testing.T) {
	home := uitest.New()
	home.List[0].Name = "\"} 1\nspinneret_devices{state=\"known\\\xff"
	text := read(t, do(newServer(home, counted).Handler(ui.TCP), "GET", "/metrics", ""))
	checkMetrics(t, text)
	if want := `name="\"} 1\nspinneret_devices{state=\"known\\` + "\ufffd" + `"`; !strings.Contains(text, want) {
		t.Errorf("no label is %s", want)
	}
}

func TestMetricsAreForThoseWhoMayLook(t *testing.T) {
	if r := do(newServer(uitest.New(), nil).Handler(ui.TCP), "GET", "/metrics", ""); r.StatusCode != 404 {
		t.Errorf("where nobody asked for them: %d", r.StatusCode)
	}
	h := newHouse(t)
	h.server = newServer(h.home, func(c *ui.Config) {
		c.Metrics, c.Auth, c.Keeper, c.Who = true, true, h.keeper, func(remote string) ui.Asker { return askers[remote] }
	})
	token := h.token(h.setUp())
	for headers, want := range map[string]int{"Accept: */*": 401, token: 200, h.ticket(laptop, auth.Viewer): 200} {
		if got := h.ask(laptop, "GET", "/metrics", "", headers).StatusCode; got != want {
			t.Errorf("with %.10s…: %d, want %d", headers, got, want)
		}
	}
	if r := h.ask(laptop, "POST", "/metrics", "", token); r.StatusCode != 403 {
		t.Errorf("POST with a token: %d", r.StatusCode)
	}
}
