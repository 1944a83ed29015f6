package isp

import "runtime/debug"

// Version is the program's, as Go's build has it: a tag, or a date and the commit.
func Version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "unknown"
}
