package decide

import (
	"testing"
	"time"

	"spinneret/capture/packet"
)

func TestWhatIsDoneAboutFindings(t *testing.T) {
	cam, other := packet.MAC{2, 0, 0, 0, 0, 1}, packet.MAC{2, 0, 0, 0, 0, 2}
	actions := []Action{
		{Devices: []packet.MAC{other}, Level: Tell},
		{Kinds: []string{"flood"}, Severity: 2, Level: "full", For: 10 * time.Minute},
		{Classes: []string{"single"}, Severity: 1, Level: "internet", For: time.Hour},
		{Kinds: []string{"scan"}, Level: "flow", For: time.Hour},
	}
	for name, c := range map[string]struct {
		f      Finding
		level  string
		length time.Duration
	}{
		"the first that fits":                {Finding{Device: cam, Kind: "flood", Severity: 2, Classes: []string{"single"}}, "full", 10 * time.Minute},
		"not severe enough for it":           {Finding{Device: cam, Kind: "flood", Severity: 1, Classes: []string{"single"}}, "internet", time.Hour},
		"no rule":                            {Finding{Device: cam, Kind: "peak", Severity: 1}, Tell, time.Hour},
		"a device of its own":                {Finding{Device: other, Kind: "flood", Severity: 2}, Tell, 0},
		"nothing while it is learned":        {Finding{Device: cam, Kind: "flood", Severity: 2, Learning: true}, Tell, 0},
		"nothing where it is trusted":        {Finding{Device: cam, Kind: "flood", Severity: 2, Trusted: true}, Tell, 0},
		"that traffic alone":                 {Finding{Device: cam, Kind: "scan", To: []string{"198.51.100.9"}}, "flow", time.Hour},
		"nothing that can be stopped alone":  {Finding{Device: cam, Kind: "scan"}, Tell, time.Hour},
		"the owner's own device":             {Finding{Device: cam, Kind: "flood", Severity: 2, HeldPage: true, To: []string{"x"}}, "flow", 10 * time.Minute},
		"the word for this device":           {Finding{Device: cam, Kind: "peak", Severity: 2, OnDevice: "full"}, "full", time.Hour},
		"which is about alarms":              {Finding{Device: cam, Kind: "peak", Severity: 1, OnDevice: "full"}, Tell, time.Hour},
		"the word for this device, and tell": {Finding{Device: cam, Kind: "flood", Severity: 2, OnDevice: Tell}, Tell, 10 * time.Minute},
	} {
		if level, length := Act(actions, c.f); level != c.level || length != c.length {
			t.Errorf("%s: %s for %v, want %s for %v", name, level, length, c.level, c.length)
		}
	}
	if !AtLeast("full", "internet") || AtLeast("flow", "internet") || !AtLeast("flow", "flow") {
		t.Error("which level is stricter?")
	}
}
