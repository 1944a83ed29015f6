package scripts_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	luciApp   = "../feed/luci-app-spinneret/"
	views     = luciApp + "htdocs/luci-static/resources/view/spinneret/"
	menu      = luciApp + "root/usr/share/luci/menu.d/luci-app-spinneret.json"
	luciRules = luciApp + "root/usr/share/rpcd/acl.d/luci-app-spinneret.json"
)

// view runs a view in a stand-in for LuCI, presses buttons, and returns what it shows and does.
func view(t *testing.T, name, answers string, presses ...string) string {
	t.Helper()
	args := append([]string{"testdata/luci.cjs", views + name + ".js", "testdata/" + answers}, presses...)
	out, err := exec.CommandContext(t.Context(), "node", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

func TestTheOverviewShowsTheHome(t *testing.T) {
	golden(t, "luci-home.txt", view(t, "overview", "luci-home.json", "Release", "Cut off", "Cut off", "Open the live page"))
	golden(t, "luci-guest.txt", view(t, "overview", "luci-guest.json", "Open the live page"))
	golden(t, "luci-wide.txt", view(t, "overview", "luci-wide.json", "Open the live page"))
	golden(t, "luci-none.txt", view(t, "overview", "luci-none.json"))
}

func TestTheSettingsShowTheirOptions(t *testing.T) {
	golden(t, "luci-settings.txt", view(t, "settings", "luci-none.json"))
}

func TestTheSettingsAreThoseThatTheServiceKnows(t *testing.T) {
	form := read(t, views+"settings.js")
	for _, m := range regexp.MustCompile(`\t\t'(\w+):`).FindAllStringSubmatch(read(t, service), -1) {
		if !strings.Contains(form, ", '"+m[1]+"',") {
			t.Errorf("option %s is not in the form", m[1])
		}
	}
}

// TestTheSettingsHaveEveryOptionOfAProvider, and of an action: all that stand in the reference.
func TestTheSettingsHaveEveryOptionOfAProvider(t *testing.T) {
	form := read(t, views+"settings.js")
	_, sections, _ := strings.Cut(read(t, "../../uci/testdata/reference"), "\nconfig action ")
	options := regexp.MustCompile(`\n\t(?:option|list) (\w+) `).FindAllStringSubmatch(sections, -1)
	if len(options) < 20 {
		t.Fatalf("only %d options are in the reference", len(options))
	}
	for _, m := range options {
		if !regexp.MustCompile(`[[,] '` + m[1] + `',`).MatchString(form) {
			t.Errorf("option %s is not in the form", m[1])
		}
	}
}

// TestTheAccessRulesGrantWhatTheViewsCall, and by write access alone what changes something.
func TestTheAccessRulesGrantWhatTheViewsCall(t *testing.T) {
	type access struct {
		UBus map[string][]string `json:"ubus"`
		UCI  []string            `json:"uci"`
	}
	var rules map[string]struct{ Read, Write access }
	decode(t, luciRules, &rules)
	group := rules["luci-app-spinneret"]
	var called []string
	for _, m := range regexp.MustCompile(`object: 'spinneret', method: '(\w+)'`).FindAllStringSubmatch(read(t, views+"overview.js"), -1) {
		called = append(called, m[1])
	}
	granted := slices.Concat(group.Read.UBus["spinneret"], group.Write.UBus["spinneret"])
	slices.Sort(called)
	slices.Sort(granted)
	if len(called) == 0 || !slices.Equal(called, granted) {
		t.Errorf("the view calls %q, the rules grant %q", called, granted)
	}
	if slices.Contains(group.Read.UBus["spinneret"], "quarantine") || !slices.Contains(group.Write.UCI, "spinneret") {
		t.Errorf("rules %+v", group)
	}
	var entries map[string]struct {
		Action struct{ Type, Path string }
	}
	decode(t, menu, &entries)
	for name, e := range entries {
		if e.Action.Type == "view" {
			if _, err := os.Stat(filepath.Join(views, "..", e.Action.Path+".js")); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func decode(t *testing.T, path string, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(read(t, path)), v); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}
