package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"time"

	"spinneret/agent/events"
	"spinneret/agent/state"
	"spinneret/capture/history"
	"spinneret/capture/say"
)

const (
	// chroniclePause is the time between two snapshots of the history: so much of it a power cut takes. A full one has
	// 4 MB, 400 MB a day, which no disk minds and a router's flash does: history_path is for a disk.
	chroniclePause = 15 * time.Minute

	// lastWords is how long the end of the program waits for the last snapshot.
	lastWords = 3 * time.Second
)

// chronicle keeps the archive in a file as well.
type chronicle struct {
	file    *state.File
	budget  int
	archive *archive
	log     *slog.Logger
	tell    func(context.Context, events.Event)
	endedC  <-chan struct{} // closed once the home has nothing more to hand in
	said    say.Phrase      // the last complaint: each is told once
}

// keepHistory adds the task that keeps the history in a file, where the owner named one.
func (a *Agent) keepHistory(o Options) {
	if o.HistoryPath == "" {
		return
	}
	h := a.home
	c := &chronicle{
		file: state.NewFile(o.HistoryPath), budget: o.HistorySize, archive: h.archive, log: a.log, endedC: h.endedC,
		tell: func(ctx context.Context, e events.Event) { _ = h.do(ctx, func() { h.event(e) }) }, // it is in the log too
	}
	a.add("history", c.Run)
}

// Run reads what an earlier run wrote, and writes until ctx ends, and once more then. A disk that does not answer does
// not hold up the program's end: what waits for it ends with the program.
func (c *chronicle) Run(ctx context.Context) error {
	doneC := make(chan struct{})
	go func() {
		defer close(doneC)
		c.write(ctx)
	}()
	<-ctx.Done()
	late := time.NewTimer(lastWords)
	defer late.Stop()
	select {
	case <-doneC:
	case <-late.C:
		c.log.Warn("the disk does not answer: the end of the history is not written down", "file", c.file)
	}
	return nil
}

func (c *chronicle) write(ctx context.Context) {
	c.say(ctx, c.catchUp(ctx))
	ticker := time.NewTicker(chroniclePause)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			c.say(ctx, c.save(ctx))
		case <-c.archive.erasure.wakeC:
			c.say(ctx, c.save(ctx))
		case <-ctx.Done():
			<-c.endedC
			last, cancel := context.WithTimeout(context.Background(), lastWords)
			defer cancel()
			c.say(ctx, c.save(last))
			return
		}
	}
}

// catchUp puts what the file has before what happened since. It does so also later, where a disk came late: what is
// on it must not be overwritten.
func (c *chronicle) catchUp(ctx context.Context) error {
	if foreign, err := c.file.Foreign(); !foreign {
		return err
	}
	var past *history.Store
	_, err := c.file.Read(func(r io.Reader) (err error) {
		past, err = history.Load(r, c.budget)
		return err
	})
	switch {
	case errors.Is(err, history.ErrForeign), errors.Is(err, history.ErrTorn), errors.Is(err, history.ErrVersion):
		return c.refuse(ctx, err)
	case err != nil:
		return err
	}
	s, err := c.archive.take(ctx)
	if err != nil {
		return err
	}
	for _, device := range c.archive.erasure.all() {
		past.Erase(device)
	}
	past.Append(s)
	c.archive.put(past)
	c.log.Info("the history was read", "file", c.file, "flows", past.Len())
	return nil
}

// refuse moves a file out of the way that is no history of ours.
func (c *chronicle) refuse(ctx context.Context, why error) error {
	aside, err := c.file.MoveAside()
	if err != nil {
		return errors.Join(why, err)
	}
	c.tell(ctx, events.Event{
		Kind: events.Config, Severity: events.Warning,
		Text: say.Plain(fmt.Sprintf("the history in %s was not read (%v): that file is now %s, and the history begins anew", c.file, why, aside)),
	})
	c.log.Warn("the history was not read and begins anew", "file", c.file, "err", why, "kept as", aside)
	return nil
}

// save writes a snapshot where anything changed.
func (c *chronicle) save(ctx context.Context) error {
	if err := c.catchUp(ctx); err != nil {
		return err
	}
	if !c.archive.changed.Swap(false) {
		return nil
	}
	err := c.file.Replace(func(w io.Writer) error {
		s, err := c.archive.take(ctx)
		if err != nil {
			return err
		}
		defer c.archive.put(s)
		return s.Save(w)
	})
	if err != nil {
		c.archive.changed.Store(true)
	}
	return err
}

// say tells when it begins to fail, for another reason than before, and when it works again.
func (c *chronicle) say(ctx context.Context, err error) {
	text, severity := say.New("history.again"), events.Note
	if err != nil {
		why := err.Error()
		switch {
		case errors.Is(err, fs.ErrNotExist):
			why += ": is the disk there?"
		case errors.Is(err, fs.ErrPermission):
			why += ": name a directory of its own, that the agent's user may write"
		}
		text, severity = say.New("history.lost", why), events.Warning
	}
	if text == c.said || err == nil && c.said.IsZero() {
		return
	}
	c.said = text
	if err == nil {
		c.said = say.Phrase{}
	}
	c.log.Warn(text.String())
	c.tell(ctx, events.Event{Kind: events.Config, Severity: severity, Text: text})
}
