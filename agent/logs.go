package agent

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"spinneret/capture"
	"spinneret/capture/nflog"
	"spinneret/capture/tap"
)

// reopenEvery is how often a log that broke is opened again: as often as conntrack is asked again.
const reopenEvery = 5 * time.Second

// logSource is where one log's packets come from, until it breaks.
type logSource interface {
	capture.Source
	Lost() uint64
	Close() error
}

// packetLog is one nflog group, which is opened again when it breaks. While it is closed another program may take it:
// then the reason says so.
type packetLog struct {
	name  string
	level int // that is lost without it, or none
	open  func() (logSource, error)
	run   func(context.Context, capture.Source, *capture.Table, ...capture.Observer) error // nil: as for its name in watchLogs

	mu      sync.Mutex
	source  logSource // nil: not open yet
	lost    uint64    // by earlier sources
	openErr error     // why it is not
}

// logWord says that a log broke, or why it cannot be opened again; nil: that it works.
type logWord struct {
	name  string
	level int
	err   error
}

// none is the level of a log that is missed without a level being lost: it becomes a blind spot.
const none = -1

// newLogs are the groups that the kernel logs packets to for us, and what we see of the home's bridges, if we may.
func newLogs(log *slog.Logger, maxLevel int) []*packetLog {
	group := func(number uint16, frames bool) func() (logSource, error) {
		return func() (logSource, error) { return nflog.Open(nflog.Config{Group: number, Frames: frames, Log: log}) }
	}
	logs := []*packetLog{
		{name: "nflog", open: group(packetGroup, false), run: capture.Run},
		{name: "nflog names", open: group(dnsGroup, false), run: capture.Run},
		{name: "nflog loose", open: group(looseGroup, false), run: capture.RunUntracked},
		{name: "nflog mud", level: none, open: group(mudGroup, false)},
		{name: "nflog hold", level: none, open: group(holdGroup, false)},
		{name: "nflog tries", level: none, open: group(triedGroup, false)},
	}
	if maxLevel >= capture.LevelBridge {
		logs = append(logs,
			&packetLog{name: "nflog inside", level: capture.LevelBridge, open: group(insideGroup, true), run: capture.RunInside},
			&packetLog{name: "lldp", level: none, open: openLLDP, run: capture.Run})
	}
	return logs
}

func openLLDP() (logSource, error) { return tap.OpenLLDP() }

// openLogs opens all that the agent is nothing without, or none. The others are tried again.
func openLogs(logs []*packetLog) error {
	for i, l := range logs {
		source, err := l.open()
		switch {
		case err == nil:
			l.source = source
		case l.level == capture.LevelPackets:
			return errors.Join(err, closeLogs(logs[:i]))
		}
		l.openErr = err
	}
	return nil
}

func closeLogs(logs []*packetLog) error {
	var errs []error
	for _, l := range logs {
		if l.source != nil {
			errs = append(errs, l.source.Close())
		}
	}
	return errors.Join(errs...)
}

// Lost is what the kernel had no room for.
func (l *packetLog) Lost() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lostLocked()
}

func (l *packetLog) lostLocked() uint64 {
	if l.source == nil {
		return l.lost
	}
	return l.lost + l.source.Lost()
}

// watch reads the log until ctx ends, and tells what becomes of it.
func (l *packetLog) watch(ctx context.Context, table *capture.Table, tell func(logWord), observers ...capture.Observer) error {
	for {
		err := l.openErr
		if err == nil {
			err = l.run(ctx, l.source, table, observers...)
		}
		if err == nil || ctx.Err() != nil {
			return err
		}
		tell(logWord{l.name, l.level, err})
		if !l.reopen(ctx, tell) {
			return nil
		}
		tell(logWord{l.name, l.level, nil})
	}
}

// reopen tries until it is open, or ctx ends: then it is false.
func (l *packetLog) reopen(ctx context.Context, tell func(logWord)) bool {
	tick := time.NewTicker(reopenEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
		source, err := l.open()
		if err == nil {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.lost = l.lostLocked()
			l.source, l.openErr = source, nil
			return true
		}
		tell(logWord{l.name, l.level, err})
	}
}

// watchLogs adds the tasks that read the logs.
func (a *Agent) watchLogs(logs []*packetLog) {
	h := a.home
	h.recordings = newRecordings()
	h.options.Losses = append(h.options.Losses, Losing{"recordings", h.recordings.lost.Load})
	observers := append(h.observers(), h.recordings.ring.Observe)
	for _, l := range logs {
		switch l.name {
		case "nflog mud":
			l.run = h.hearBreaches
		case "nflog hold":
			l.run = h.learner.hearHeld
		case "nflog tries":
			l.run = h.hearTries
		}
		h.options.Losses = append(h.options.Losses, Losing{l.name, l.Lost})
		a.add(l.name, func(ctx context.Context) error {
			return l.watch(ctx, h.table, h.logC.put, observers...)
		})
	}
}

// heardOfLog takes what became of a log. A level is lost without all of its logs.
func (h *home) heardOfLog(w logWord) {
	delete(h.brokenLogs, w.name)
	if w.err != nil {
		h.brokenLogs[w.name] = w
	}
	h.abilities[capture.LevelPackets] = h.logsOf(capture.LevelPackets)
	h.relevel()
}

// logsOf reports whether all logs work that a level needs.
func (h *home) logsOf(level int) capture.Ability {
	for _, name := range slices.Sorted(maps.Keys(h.brokenLogs)) {
		if w := h.brokenLogs[name]; w.level == level {
			return capture.Ability{Why: w.err.Error()}
		}
	}
	return capture.Able
}
