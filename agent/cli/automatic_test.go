package cli

import (
	"bytes"
	"strings"
	"testing"

	"spinneret/ui"
)

// TestReleaseAutomaticLeavesWhatTheOwnerOrdered holds one device by a detector and one by the owner.
func TestReleaseAutomaticLeavesWhatTheOwnerOrdered(t *testing.T) {
	home, socket := serveHome(t)
	hold := func(mac, source string) ui.Device {
		q := ui.Quarantine{ID: "q" + mac[16:], Level: "full", Source: source, To: []string{}}
		return ui.Device{MAC: mac, Name: source + "'s", Addresses: []string{}, Quarantine: &q, Quarantines: []ui.Quarantine{q}}
	}
	home.List = append(home.List, hold("02:00:00:00:00:07", "anomaly"), hold("02:00:00:00:00:08", "owner"), hold("02:00:00:00:00:09", "dots"))
	program := testProgram(home)
	release := func(args ...string) (int, string, string) {
		var out, errs bytes.Buffer
		code := program.Main(t.Context(), append([]string{"release", "-automatic", "-socket", socket}, args...), IO{Out: &out, Err: &errs})
		return code, out.String(), errs.String()
	}
	want := "anomaly's (02:00:00:00:00:07) is no longer held by anomaly\ndots's (02:00:00:00:00:09) is no longer held by dots\n"
	if code, out, errs := release(); code != 0 || out != want {
		t.Errorf("exit %d, %q, %s; want %q", code, out, errs, want)
	}
	if code, out, _ := release(); code != 0 || out != "no device is held automatically\n" {
		t.Errorf("again: exit %d, %q", code, out)
	}
	if code, _, errs := release("lamp"); code != 2 || !strings.Contains(errs, "stands alone") {
		t.Errorf("with a device: exit %d, %q", code, errs)
	}
	if d, err := home.Device(t.Context(), "02:00:00:00:00:08"); err != nil || d.Quarantine == nil {
		t.Errorf("the owner's order is gone: %+v (%v)", d, err)
	}
}
