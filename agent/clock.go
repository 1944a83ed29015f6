package agent

import (
	"os"
	"syscall"
	"time"

	"spinneret/agent/decide"
	"spinneret/agent/events"
)

// earliest is before every release of this program: a clock that shows less was never set.
var earliest = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

const staUnsync = 0x0040 // adjtimex(2) STA_UNSYNC

// clockSet reports whether the clock can be believed. A router has no battery: it boots with the time of its
// newest file, so only what adjtimex(2) calls synchronised counts. Other machines have a clock that runs on, and
// many virtual ones are set by their host without the kernel hearing of it.
func clockSet(now time.Time) bool {
	if _, err := os.Stat("/etc/openwrt_release"); err == nil {
		var t syscall.Timex
		_, err := syscall.Adjtimex(&t)
		return err == nil && t.Status&staUnsync == 0
	}
	return now.After(earliest)
}

// checkClock follows whether the clock can be believed. The times of a replay are those of the capture.
func (h *home) checkClock(now time.Time) {
	if h.enforcer == nil {
		return
	}
	jump := now.Round(0).Sub(h.lastTick.Round(0)) - now.Sub(h.lastTick)
	h.lastTick = now
	set := clockSet(now)
	if set && !h.clockSet {
		h.submit(change{edit: func(b *decide.Book) { b.ClockSet(jump) }, done: func(error) {}})
		h.event(events.Event{Kind: events.Capability, Severity: events.Note, Text: "the clock was set: quarantines with an end run again"})
	}
	h.clockSet = set
}
