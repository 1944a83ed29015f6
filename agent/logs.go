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
	name string
	open func() (logSource, error)
	run  func(context.Context, capture.Source, *capture.Table, ...capture.Observer) error

	mu     sync.Mutex
	source logSource
	lost   uint64 // by earlier sources
}

// logWord says that a log broke, or why it cannot be opened again; nil: that it works.
type logWord struct {
	name string
	err  error
}

// newLogs are the groups that the kernel logs packets to for us.
func newLogs(log *slog.Logger) []*packetLog {
	group := func(number uint16) func() (logSource, error) {
		return func() (logSource, error) { return nflog.Open(nflog.Config{Group: number, Log: log}) }
	}
	return []*packetLog{
		{name: "nflog", open: group(packetGroup), run: capture.Run},
		{name: "nflog names", open: group(dnsGroup), run: capture.Run},
		{name: "nflog loose", open: group(looseGroup), run: capture.RunUntracked},
	}
}

// openLogs opens all, or none.
func openLogs(logs []*packetLog) error {
	for i, l := range logs {
		source, err := l.open()
		if err != nil {
			return errors.Join(err, closeLogs(logs[:i]))
		}
		l.source = source
	}
	return nil
}

func closeLogs(logs []*packetLog) error {
	var errs []error
	for _, l := range logs {
		errs = append(errs, l.source.Close())
	}
	return errors.Join(errs...)
}

// Lost is what the kernel had no room for.
func (l *packetLog) Lost() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lost + l.source.Lost()
}

// watch reads the log until ctx ends, and tells what becomes of it.
func (l *packetLog) watch(ctx context.Context, table *capture.Table, tell func(logWord), observers ...capture.Observer) error {
	for {
		err := l.run(ctx, l.source, table, observers...)
		if err == nil || ctx.Err() != nil {
			return err
		}
		tell(logWord{l.name, err})
		if !l.reopen(ctx, tell) {
			return nil
		}
		tell(logWord{l.name, nil})
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
			l.lost += l.source.Lost()
			l.source = source
			return true
		}
		tell(logWord{l.name, err})
	}
}

// watchLogs adds the tasks that read the logs.
func (a *Agent) watchLogs(logs []*packetLog) {
	h := a.home
	for _, l := range logs {
		h.options.Losses = append(h.options.Losses, Losing{l.name, l.Lost})
		a.add(l.name, func(ctx context.Context) error {
			return l.watch(ctx, h.table, h.logC.put, h.observers()...)
		})
	}
}

// heardOfLog takes what became of a log. Without all of them level 0 is lost.
func (h *home) heardOfLog(w logWord) {
	if w.err == nil {
		delete(h.brokenLogs, w.name)
	} else {
		h.brokenLogs[w.name] = w.err.Error()
	}
	h.abilities[capture.LevelPackets] = capture.Able
	if broken := slices.Sorted(maps.Keys(h.brokenLogs)); len(broken) > 0 {
		h.abilities[capture.LevelPackets] = capture.Ability{Why: h.brokenLogs[broken[0]]}
	}
	h.relevel()
}
