package decide

import (
	"slices"
	"time"

	"spinneret/capture/packet"
)

// Tell is the level of an Action that cuts nothing off.
const Tell = "tell"

// DefaultActionTime is how long a device is held back for a finding, unless the owner says otherwise: long enough to
// come home and look, short enough to be no harm where it was a mistake.
const DefaultActionTime = time.Hour

// Action is what the owner wants done about findings. Empty lists mean all.
type Action struct {
	Kinds    []string
	Severity int // the least: 0 note, 1 warning, 2 alarm
	Classes  []string
	Devices  []packet.MAC
	Level    string // tell, flow, internet or full
	For      time.Duration
}

// Finding is what an Action looks at.
type Finding struct {
	Device   packet.MAC
	Kind     string
	Severity int
	Classes  []string // of the device: what the owner calls it, and single where it has one purpose
	Learning bool     // its habits are not known yet
	Trusted  bool     // by the owner
	OnDevice string   // what the owner wants for alarms of this very device, "" where nothing was said
	HeldPage bool     // the owner came from it lately: no more than flow
	To       []string // what stops it alone; none: nothing does
}

// severityAlarm is what the word for a single device is about.
const severityAlarm = 2

// Act says at which level a device is held back for a finding, and how long; Tell where it is not. What is only being
// learned and what the owner trusts never is.
func Act(actions []Action, f Finding) (level string, length time.Duration) {
	if f.Learning || f.Trusted {
		return Tell, 0
	}
	level, length = Tell, DefaultActionTime
	if i := slices.IndexFunc(actions, func(a Action) bool { return a.fits(f) }); i >= 0 {
		level, length = actions[i].Level, actions[i].For
	}
	if f.OnDevice != "" && f.Severity >= severityAlarm {
		level = f.OnDevice
	}
	if f.HeldPage && level != Tell {
		level = "flow"
	}
	if level == "flow" && len(f.To) == 0 {
		level = Tell // nothing that could be stopped alone
	}
	return level, length
}

func (a Action) fits(f Finding) bool {
	either := func(x string) bool { return slices.Contains(f.Classes, x) }
	return f.Severity >= a.Severity && (len(a.Kinds) == 0 || slices.Contains(a.Kinds, f.Kind)) &&
		(len(a.Classes) == 0 || slices.ContainsFunc(a.Classes, either)) && (len(a.Devices) == 0 || slices.Contains(a.Devices, f.Device))
}

// AtLeast reports whether a level holds a device back as much as another, or more.
func AtLeast(level, other string) bool { return strictness(level) >= strictness(other) }
