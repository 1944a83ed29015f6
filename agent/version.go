package agent

import "runtime/debug"

// version is set by the release build: -ldflags "-X spinneret/agent.version=1.2.3".
var version = "0.1.0"

// Version is the program's version, with the commit it was built from where the build knows it.
func Version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				return version + "+" + s.Value[:12]
			}
		}
	}
	return version
}
