package agent

import (
	"context"
	"errors"
	"log/slog"

	"spinneret/capture"
	"spinneret/capture/nflog"
)

// logs are the groups that the kernel logs packets to for us.
type logs []logGroup

// logGroup is one of them.
type logGroup struct {
	name   string
	source *nflog.Source
	run    func(context.Context, capture.Source, *capture.Table, ...capture.Observer) error
}

// openLogs binds to all groups, or to none.
func openLogs(log *slog.Logger) (logs, error) {
	var opened logs
	for _, g := range []struct {
		logGroup
		number uint16
	}{
		{logGroup{name: "nflog", run: capture.Run}, packetGroup},
		{logGroup{name: "nflog names", run: capture.Run}, dnsGroup},
		{logGroup{name: "nflog loose", run: capture.RunUntracked}, looseGroup},
	} {
		source, err := nflog.Open(nflog.Config{Group: g.number, Log: log})
		if err != nil {
			return nil, errors.Join(err, opened.close())
		}
		g.source = source
		opened = append(opened, g.logGroup)
	}
	return opened, nil
}

func (l logs) close() error {
	var errs []error
	for _, g := range l {
		errs = append(errs, g.source.Close())
	}
	return errors.Join(errs...)
}

// losses are what the kernel had no room for.
func (l logs) losses() (list []Losing) {
	for _, g := range l {
		list = append(list, Losing{g.name, g.source.Lost})
	}
	return list
}

// watchLogs adds the tasks that read them.
func (a *Agent) watchLogs(l logs) {
	for _, g := range l {
		a.add(g.name, func(ctx context.Context) error {
			return g.run(ctx, g.source, a.home.table, a.home.observers()...)
		})
	}
}
