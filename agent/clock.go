package agent

import (
	"os"
	"syscall"
	"time"

	"spinneret/agent/decide"
	"spinneret/agent/events"
	"spinneret/capture"
	"spinneret/capture/say"
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

// leap is more than a clock is moved by while it is kept right (ntpd steps it from 128 ms on): what was taken before
// is put right. Less makes no age wrong that anybody looks at.
const leap = 10 * time.Second

// checkClock follows whether the clock can be believed. The times of a replay are those of the capture. A clock is set
// some time before the kernel is told that it is right: the jump counts when it happens.
func (h *home) checkClock(now time.Time) {
	if h.enforcer == nil {
		return
	}
	uptime := h.uptime()
	passed := uptime - h.lastUptime
	by := now.Round(0).Sub(h.lastTick.Round(0)) - passed
	jump := capture.Jump{By: by, From: h.started.Add(-time.Second), To: now.Add(-by), Since: now.Add(-passed)}
	h.lastTick, h.lastUptime = now, uptime
	if by.Abs() >= leap && !h.clockSet { // one that was right already jumps where the machine slept
		h.clockJumped(jump)
	}
	before := h.clockSet
	h.clockSet = h.isClockSet(now)
	if h.clockSet && !before {
		h.submit(change{edit: func(b *decide.Book) { b.ClockJumped(0, true) }, done: func(error) {}})
		h.corrections = append(h.corrections, correction{sure: true})
		h.event(events.Event{Kind: events.Capability, Severity: events.Note, Text: say.New("clock")})
		h.keepOtherTimes()
	}
}

// clockJumped puts right what has a time.
func (h *home) clockJumped(j capture.Jump) {
	h.log.Info("the clock jumped", "by", j.By.Round(time.Second))
	h.table.Jump(j)
	h.registry.Jump(j)
	h.traffic.Jump(j)
	h.detector.Jump(j)
	h.events.Jump(j)
	h.violations.jump(j)
	h.tries.Jump(j)
	h.requests.Jump(j)
	for _, t := range []*time.Time{&h.started, &h.stateAt, &h.savedAt, &h.floodTold, &h.habitsAt} {
		*t = j.Moved(*t)
	}
	for id, a := range h.actedOn {
		if since := j.Moved(a.Since); !since.Equal(a.Since) {
			a.Since, a.Until = since, a.Until.Add(j.By)
			h.actedOn[id] = a
		}
	}
	for mac, n := range h.newborn {
		n.since = j.Moved(n.since)
		h.newborn[mac] = n
	}
	for i := range h.finished {
		f := &h.finished[i]
		f.First, f.Last = j.Moved(f.First), j.Moved(f.Last)
	}
	h.submit(change{edit: func(b *decide.Book) { b.ClockJumped(j.By, false) }, done: func(error) {}})
	h.corrections = append(h.corrections, correction{by: j.By})
	h.keepOtherTimes()
}
