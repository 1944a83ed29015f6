package cli

import (
	"context"
	"io"
	"log/slog"
)

// newLog is the agent's log. On OpenWrt procd hands each line to the system's log, which has a time of its own and calls
// all an error that came on standard error: so there only what may need somebody goes that way.
func newLog(isOpenWrt bool, out, err io.Writer) *slog.Logger {
	if !isOpenWrt {
		return slog.New(slog.NewTextHandler(err, nil))
	}
	plain := &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey && len(groups) == 0 {
			return slog.Attr{}
		}
		return a
	}}
	return slog.New(routerLog{slog.NewTextHandler(out, plain), slog.NewTextHandler(err, plain)})
}

// routerLog keeps what may need somebody, warnings and errors, apart from the rest.
type routerLog struct{ notes, warnings slog.Handler }

func (l routerLog) Enabled(ctx context.Context, level slog.Level) bool {
	return l.notes.Enabled(ctx, level)
}

func (l routerLog) Handle(ctx context.Context, r slog.Record) error {
	if r.Level >= slog.LevelWarn {
		return l.warnings.Handle(ctx, r)
	}
	return l.notes.Handle(ctx, r)
}

func (l routerLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	return routerLog{l.notes.WithAttrs(attrs), l.warnings.WithAttrs(attrs)}
}

func (l routerLog) WithGroup(name string) slog.Handler {
	return routerLog{l.notes.WithGroup(name), l.warnings.WithGroup(name)}
}
