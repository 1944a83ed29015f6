package agent

import (
	"os"
	"strings"

	"spinneret/agent/events"
	"spinneret/agent/state"
	"spinneret/capture/say"
)

const (
	firmwareFile = "firmware"
	// restoredMark is what the script leaves that puts quarantines back at boot.
	restoredMark = "/var/run/spinneret.restored"
)

// savedFirmware is the router's system when the agent last started. It is written when that changed, which is seldom.
type savedFirmware struct{ Release string }

// checkFirmware tells of the gap that an upgrade of the router leaves: it keeps our settings and state, but no packages.
// Where the package came with the new system, quarantines were put back at boot, and there was none.
func (h *home) checkFirmware(dir state.Dir, releaseFile, mark string) {
	text, err := os.ReadFile(releaseFile)
	if err != nil {
		return // not OpenWrt
	}
	now := savedFirmware{release(string(text))}
	var before savedFirmware
	found, err := dir.Load(firmwareFile, &before)
	if err == nil && found && before == now {
		return
	}
	if err := dir.Save(firmwareFile, now); err != nil {
		h.log.Warn("remember the router's system", "err", err)
	}
	if _, err := os.Stat(mark); err == nil || !found {
		return
	}
	h.event(events.Event{
		Kind: events.Config, Severity: events.Warning,
		Text: say.New("firmware", before.Release, now.Release),
	})
}

// release finds the version in /etc/openwrt_release, such as "24.10.2 r28739-d9340319c6".
func release(text string) string {
	value := func(name string) string {
		_, rest, _ := strings.Cut("\n"+text, "\n"+name+"=")
		line, _, _ := strings.Cut(rest, "\n")
		return strings.Trim(strings.TrimSpace(line), `'"`)
	}
	return strings.TrimSpace(value("DISTRIB_RELEASE") + " " + value("DISTRIB_REVISION"))
}
