package agent

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"sync/atomic"
	"time"

	"spinneret/openwrt/ubus"
	"spinneret/ui"
)

// herald tells the other programs of an OpenWrt router what happened: as event spinneret.event on ubus, which is the
// event of the API, and to the scripts in /etc/hotplug.d/spinneret, which find it in their environment. A device can
// make events without end: so they are counted out, and what matters more than a note on an account of its own.
type herald struct {
	ubus    ubus.Client
	hotplug ubus.Hotplug
	log     *slog.Logger

	eventC        chan ui.Event
	lost          atomic.Uint64
	notes, alarms allowance // of the loop
	failing       bool      // and said so
}

const (
	heraldQueue = 64
	heraldRate  = 30 // a minute, of notes and of the rest
	heraldName  = "spinneret.event"
)

func newHerald(u ubus.Client, scripts ubus.Hotplug, log *slog.Logger) *herald {
	return &herald{ubus: u, hotplug: scripts, log: log, eventC: make(chan ui.Event, heraldQueue)}
}

// haveHeralds reports whether anybody could be told on this machine.
func haveHeralds() bool {
	_, noUbus := exec.LookPath("ubus")
	_, noHotplug := os.Stat("/sbin/hotplug-call")
	return noUbus == nil || noHotplug == nil
}

// allowance is how much may be told in the minute that began at since.
type allowance struct {
	since time.Time
	told  int
}

func (a *allowance) take(now time.Time) bool {
	if now.Sub(a.since) >= time.Minute {
		*a = allowance{since: now}
	}
	a.told++
	return a.told <= heraldRate
}

// offer hands an event in, unless there were too many. Only the loop may.
func (h *herald) offer(now time.Time, e ui.Event) {
	allowed := &h.alarms
	if e.Severity == "note" {
		allowed = &h.notes
	}
	if allowed.take(now) {
		select {
		case h.eventC <- e:
			return
		default:
		}
	}
	h.lost.Add(1)
}

// Run tells events until ctx ends.
func (h *herald) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case e := <-h.eventC:
			h.said(ctx, h.tell(ctx, e))
		}
	}
}

func (h *herald) tell(ctx context.Context, e ui.Event) error {
	err := h.ubus.Send(ctx, heraldName, e)
	if errors.Is(err, ubus.ErrNotFound) {
		err = nil
	}
	if h.hotplug.Listening() {
		err = errors.Join(err, h.hotplug.Call(ctx, environment(e)))
	}
	return err
}

// said logs the first failure, and the end of failing.
func (h *herald) said(ctx context.Context, err error) {
	switch {
	case err != nil && ctx.Err() == nil && !h.failing:
		h.log.Warn("events do not reach other programs", "err", err)
	case err == nil && h.failing:
		h.log.Info("events reach other programs again")
	}
	h.failing = err != nil
}

// environment is an event for scripts. Texts hold names that devices gave themselves: a script has to quote them.
func environment(e ui.Event) []string {
	env := []string{
		"ACTION=event", "ID=" + strconv.FormatInt(e.ID, 10), "KIND=" + e.Kind, "SEVERITY=" + e.Severity, "TEXT=" + e.Text,
		"MACADDR=", "CAUSE=", "TIME=",
	}
	if e.Device != nil {
		env[5] += *e.Device
	}
	if e.Cause != nil {
		env[6] += *e.Cause
	}
	if e.Time != nil {
		env[7] += e.Time.Format(time.RFC3339)
	}
	return env
}
